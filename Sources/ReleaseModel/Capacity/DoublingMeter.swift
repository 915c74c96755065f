/// Measures what two colors cost, across runs: it lies in the journal and is read by the API server's clock.
///
/// What it does not know it leaves out: one that lacks the requests of a span says nothing of the whole.
package struct DoublingMeter: Sendable, Hashable, Codable {
  /// The most that it was to cost; nil where nobody looked for room.
  package var forecast: DoublingCost?
  /// What runs twice now; nil where nobody knows.
  package private(set) var requests: ResourceRequests?
  /// What the color that users are to leave asks for, which runs twice from the flip on; nil before it was looked at.
  package var standby: ResourceRequests?
  /// From when on ``requests`` count; nil before anything was applied.
  package private(set) var since: Timestamp?
  private var spent: DoublingCost

  /// - Parameter requests: what the new color is expected to ask for.
  package init(forecast: DoublingCost?, requests: ResourceRequests?) {
    self.forecast = forecast
    self.requests = requests
    standby = nil
    since = nil
    spent = DoublingCost()
  }

  /// What runs twice from an instant on, where nothing of it was counted yet.
  package init(requests: ResourceRequests?, since: Timestamp) {
    self.init(forecast: nil, requests: requests)
    self.since = since
  }

  /// The first object is about to be applied. Only the first time counts.
  package mutating func start(at now: Timestamp) { since = since ?? now }

  /// From now on something else runs twice. Where nobody knew before what did, it is taken for the same.
  package mutating func turn(to next: ResourceRequests?, at now: Timestamp) {
    guard let since else { return requests = next ?? requests }
    guard let next else { return }
    // Clocks of API servers may differ by a little.
    let now = max(now, since)
    spent = spent + DoublingCost(requests ?? next, ms: (now - since).milliseconds)
    (requests, self.since) = (next, now)
  }

  /// Users have left the old color: it is the one that runs twice.
  package mutating func turnToStandby(at now: Timestamp) { turn(to: standby, at: now) }

  /// What it cost until an instant; nil where that is not known.
  package func total(until end: Timestamp) -> DoublingCost? {
    guard let since, let requests else { return nil }
    return spent + DoublingCost(requests, ms: (end - since).milliseconds)
  }
}
