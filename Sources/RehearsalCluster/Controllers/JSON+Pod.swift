import FoundationEssentials
import KubernetesModel

// What controllers ask about a pod.
extension JSON {
  var phase: String { self["status", "phase"]?.string ?? "" }

  /// Whether all containers have ended for good.
  var hasFinished: Bool { phase == "Succeeded" || phase == "Failed" }

  /// Whether the pod counts towards its ReplicaSet: not finished and not on its way out.
  var isActivePod: Bool { !hasFinished && !isDeleting }

  var isReadyPod: Bool { hasCondition("Ready") }

  /// When the pod last became ready or unready.
  var readySince: Date? { condition("Ready")?["lastTransitionTime"]?.instant }

  /// Whether the pod has been ready for so many seconds.
  func isAvailablePod(minReadySeconds: Int, at date: Date) -> Bool {
    guard isReadyPod else { return false }
    guard minReadySeconds > 0 else { return true }
    guard let readySince else { return false }
    return readySince.addingTimeInterval(Double(minReadySeconds)) <= date
  }

  var restartCount: Int { (self["status", "containerStatuses"]?.array ?? []).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) } }
}

extension Moment {
  /// The uptime at which the calendar will show this date, not before now.
  func uptime(at date: Date) -> Duration {
    uptime + .seconds(max(0, date.timeIntervalSince(self.date)))
  }
}
