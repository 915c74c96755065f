/// What a bake saw of the new color's pods so far.
struct PodTally: Sendable {
  private(set) var last: HealthWatch.Pods?
  /// Restarts since the first look. A pod that is replaced takes its count along; what was counted stays counted.
  private(set) var restarts = 0
  /// Rounds with fewer ready pods than there should be, in a row.
  private(set) var shortRoundsInARow = 0
  private var mostReady = 0

  var wereSeen: Bool { last != nil }

  mutating func add(_ pods: HealthWatch.Pods) {
    restarts += max(0, pods.restarts - (last?.restarts ?? pods.restarts))
    // What they crashed before they were ready, and judged, is no verdict.
    if let consumers = pods.consumerRestarts { restarts += max(0, consumers - (last?.consumerRestarts ?? consumers)) }
    // Exposed was a color that was fully ready, so all it wanted then counts as having been ready. What an autoscaler adds later counts
    // once it has been: pods that are still starting are no loss.
    mostReady = max(mostReady, last == nil ? pods.desired : pods.ready)
    shortRoundsInARow = pods.ready < min(pods.desired, mostReady) ? shortRoundsInARow + 1 : 0
    last = pods
  }
}
