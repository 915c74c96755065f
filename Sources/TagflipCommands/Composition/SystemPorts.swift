import FoundationEssentials
import ReleaseEngine
import ReleaseModel

/// The machine's monotonic clock, and the flag that a signal handler raises.
struct SystemClock: RunClock {
  private let start = ContinuousClock.now
  private let stop = SignalFlag.shared

  var elapsed: Duration { ContinuousClock.now - start }

  var isStopping: Bool { stop.isRaised }

  /// Sleeps in short pieces: a signal handler can raise a flag and wake nobody.
  func sleep(for span: Duration) async throws {
    let end = elapsed + span
    while true {
      guard !isStopping else { throw CancellationError() }
      let left = end - elapsed
      guard left > .zero else { return }
      try await Task.sleep(for: min(left, .milliseconds(50)))
    }
  }
}

/// The machine's random numbers.
struct SystemRandom: RandomBits {
  func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

extension Timestamp {
  /// What the local clock says: good enough for a log, a commit without a time of its own, and the doctor. Nothing is decided by it.
  static var ofThisMachine: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
