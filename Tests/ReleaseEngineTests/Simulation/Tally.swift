import Synchronization

/// Counts what the simulation played, and prints it once each part has played: a line that begins with `simulation:`.
final class Tally: Sendable {
  static let crashes = Tally("crash points", parts: Scenario.allCases.count * PortTap.Fault.allCases.count)
  static let pairs = Tally("pairs of crashes", parts: CrashTests.short.count * CrashTests.shares.count)
  static let seeds = Tally("seeds of two or more interleaved runs", parts: SeedTests.shares.count)
  static let sabotage = Tally("sabotage variants caught", parts: Sabotage.allCases.count)

  private struct State {
    var left: Int
    var total = 0
    var groups: Set<String> = []
  }

  private let name: String
  private let state: Mutex<State>

  private init(_ name: String, parts: Int) {
    self.name = name
    state = Mutex(State(left: parts))
  }

  /// Adds what one part played in one group.
  func add(_ count: Int, _ group: String) {
    let line = state.withLock { state -> String? in
      state.left -= 1
      state.total += count
      state.groups.insert(group)
      return state.left == 0 ? "simulation: \(state.total) \(name) in \(state.groups.count) groups" : nil
    }
    if let line { print(line) }
  }
}
