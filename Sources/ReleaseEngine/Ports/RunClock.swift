/// The local clock: it measures durations and waits, and never says what time it is.
package protocol RunClock: Sendable {
  /// How long the process has run, monotonic.
  var elapsed: Duration { get }

  /// Whether the process was told to stop (SIGTERM): what is under way is finished or parked, nothing new is begun, and every wait ends.
  var isStopping: Bool { get }

  /// Waits; cancellation, and being told to stop, end it early with a `CancellationError`.
  func sleep(for span: Duration) async throws
}

/// Where the engine's random ids come from.
package protocol RandomBits: Sendable {
  func next() -> UInt64
}
