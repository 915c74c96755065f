import FoundationEssentials
import KubernetesModel

/// Removes Events that are an hour old, as the API server does, so that a cluster that runs for long does not grow.
package struct EventExpiry: Controller {
  private static let lifetime = 3600.0
  private static let period = Duration.seconds(60)

  private var due = Duration.zero

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    guard due <= now.uptime else { return due }
    due = now.uptime + Self.period
    let events = objects.list(.events)
    for event in events {
      let last = event["lastTimestamp"]?.instant ?? event["metadata", "creationTimestamp"]?.instant
      if let last, last.addingTimeInterval(Self.lifetime) <= now.date { objects.remove(.events, event) }
    }
    return events.isEmpty ? nil : due
  }
}
