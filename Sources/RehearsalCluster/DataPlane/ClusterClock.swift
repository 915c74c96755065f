package import FoundationEssentials

/// One reading of the cluster's clocks: durations are measured with the first, written down with the second.
package struct Moment: Sendable, Hashable {
  /// The time since some fixed instant; it only rises.
  package var uptime: Duration
  /// The calendar time.
  package var date: Date

  package init(uptime: Duration, date: Date) {
    self.uptime = uptime
    self.date = date
  }

  /// The calendar time as Kubernetes writes it in most places, `2026-11-23T09:23:31Z`.
  package var timestamp: String { date.ISO8601Format() }

  /// The calendar time with six decimals, as in Leases and logs.
  package var microTimestamp: String {
    let micros = Int((date.timeIntervalSince1970 * 1_000_000).rounded(.down))
    let (seconds, rest) = micros.quotientAndRemainder(dividingBy: 1_000_000)
    let whole = Date(timeIntervalSince1970: Double(seconds)).ISO8601Format().dropLast()
    let digits = String(rest)
    return "\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
  }
}

/// Where the embedded cluster gets its time from.
package struct ClusterClock: Sendable {
  /// The time now.
  package var now: @Sendable () -> Moment

  package init(now: @escaping @Sendable () -> Moment) {
    self.now = now
  }

  /// The machine's own clocks.
  package static let system = {
    let start = ContinuousClock.now
    return ClusterClock { Moment(uptime: start.duration(to: .now), date: Date()) }
  }()
}
