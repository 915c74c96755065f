import ReleaseEngine

/// The machine's monotonic clock.
struct SystemClock: RunClock {
  private let start = ContinuousClock.now

  var elapsed: Duration { ContinuousClock.now - start }

  func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }
}

/// The machine's random numbers.
struct SystemRandom: RandomBits {
  func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}
