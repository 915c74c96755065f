import Synchronization

/// What one pod's container said in its present run and in the one before; the oldest lines go first.
package final class PodLog: Sendable {
  /// A line and when it was said.
  package struct Line: Sendable, Hashable {
    /// With six decimals.
    package var timestamp: String
    package var text: String
    /// Rises by one from line to line over all runs, so that a reader who follows knows what is new.
    package var number: Int
  }

  /// How many lines are kept of each run.
  package static let capacity = 5000

  private struct State {
    var current: [Line] = []
    var previous: [Line] = []
    var count = 0
  }

  private let clock: ClusterClock
  private let state = Mutex(State())

  package init(clock: ClusterClock) {
    self.clock = clock
  }

  /// The lines of the present run, or of the one before; oldest first.
  package func lines(ofPreviousRun previous: Bool = false) -> [Line] {
    state.withLock { previous ? $0.previous : $0.current }
  }

  /// Adds a line.
  package func say(_ text: String) {
    let timestamp = clock.now().microTimestamp
    state.withLock { state in
      state.count += 1
      state.current.append(Line(timestamp: timestamp, text: text, number: state.count))
      if state.current.count > 2 * Self.capacity { state.current.removeFirst(state.current.count - Self.capacity) }
    }
  }

  /// Begins a new run: what was said becomes the previous run's.
  func beginRun() {
    state.withLock { state in
      state.previous = state.current
      state.current = []
    }
  }
}
