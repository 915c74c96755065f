/// The local clock: it measures durations and waits, and never says what time it is.
package protocol RunClock: Sendable {
  /// How long the process has run, monotonic.
  var elapsed: Duration { get }

  /// Waits; cancellation ends it early with a `CancellationError`.
  func sleep(for span: Duration) async throws
}

/// Where the engine's random ids come from.
package protocol RandomBits: Sendable {
  func next() -> UInt64
}
