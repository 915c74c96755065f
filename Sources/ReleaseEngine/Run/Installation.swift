package import ReleaseModel

/// What one process works with: the ports, the settings, and who it is.
package struct Installation: Sendable {
  @Indirect package var ports: Ports
  @Indirect package var settings: Settings
  /// The bot's own version, for records and the early exit.
  package var botVersion: String
  /// The name under which this process holds Leases and writes markers; another for every process.
  package var run: String

  package init(ports: Ports, settings: Settings, botVersion: String, run: String) {
    self.ports = ports
    self.settings = settings
    self.botVersion = botVersion
    self.run = run
  }
}

/// An instant of the local monotonic clock by which something must be over.
package struct Deadline: Sendable, Hashable {
  package var at: Duration

  package init(at: Duration) { self.at = at }

  /// The time left, never negative.
  package func left(_ clock: any RunClock) -> Duration { max(.zero, at - clock.elapsed) }

  package func hasPassed(_ clock: any RunClock) -> Bool { clock.elapsed >= at }

  /// The earlier of this deadline and one `limit` from now.
  package func within(_ limit: Duration, _ clock: any RunClock) -> Deadline { Deadline(at: min(at, clock.elapsed + limit)) }
}
