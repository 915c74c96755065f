import ReleaseEngine
import ReleaseModel
import Synchronization

/// A clock that stands still until somebody sleeps: then it is later at once, and the test has taken no time.
final class ManualClock: RunClock {
  private let now = Mutex(Duration.zero)
  private let stopping = Mutex(false)
  private let tap: PortTap
  /// When the world begins, by the API server's clock.
  static let epoch = Timestamp(milliseconds: 1_790_000_000_000)

  init(tap: PortTap) { self.tap = tap }

  var elapsed: Duration { now.withLock { $0 } }

  var isStopping: Bool { stopping.withLock { $0 } }

  /// SIGTERM.
  func tellToStop(_ stop: Bool = true) { stopping.withLock { $0 = stop } }

  /// The API server's time.
  var time: Timestamp { ManualClock.epoch + elapsed }

  func advance(_ span: Duration) { now.withLock { $0 += max(.zero, span) } }

  func sleep(for span: Duration) async throws {
    try Task.checkCancellation()
    if isStopping { throw CancellationError() }
    if let here = Stage.here { return try await here.stage.sleep(span, as: here.process) }
    try await tap.pass("clock.sleep") { [self] in advance(span) }
    await Task.yield()
  }
}

/// Random bits from one seed.
final class SeededBits: RandomBits {
  private let state: Mutex<UInt64>

  init(seed: UInt64) { state = Mutex(seed) }

  /// Goes on where another is.
  func take(_ other: SeededBits) {
    let bits = other.state.withLock { $0 }
    state.withLock { $0 = bits }
  }

  // SplitMix64 (Steele, Lea, Flood 2014).
  func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
