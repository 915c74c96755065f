import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What one pod says about itself. Pure.
struct PodReading: Sendable {
  let pod: JSON

  init(_ pod: JSON) { self.pod = pod }

  private var statuses: [JSON] { (pod["status", "initContainerStatuses"]?.array ?? []) + (pod["status", "containerStatuses"]?.array ?? []) }

  /// The condition `Ready`, in which readiness gates count, on a pod that is not going.
  var isReady: Bool { isLive && condition("Ready")?["status"]?.string == "True" }

  /// Whether it still is to run: neither going nor ended (evicted, preempted).
  var isLive: Bool {
    let phase = pod["status", "phase"]?.string
    return !pod.isTerminating && phase != "Failed" && phase != "Succeeded"
  }

  var restarts: Int { statuses.reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) } }

  var imageIDs: [String] { statuses.compactMap { $0["imageID"]?.string }.filter { !$0.isEmpty } }

  /// What its containers report, by name; without an id while nothing is known of one.
  var containers: [ContainerImage] {
    statuses.compactMap { status in
      status["name"]?.string.map { ContainerImage(container: $0, imageID: status["imageID"]?.string ?? "") }
    }
  }

  var placed: PlacedPod {
    PlacedPod(
      name: pod.name, uid: pod.uid ?? "", createdAt: pod["metadata", "creationTimestamp"]?.string.flatMap { Timestamp($0) },
      node: pod["spec", "nodeName"]?.string, isReady: isReady, targetGates: targetGates)
  }

  /// The readiness gates by which load balancers that send to pods' own addresses say that they find it healthy (AWS Load Balancer Controller,
  /// the older one's name too, and Google's network endpoint groups).
  var targetGates: [TargetGate] {
    let types = (pod["spec", "readinessGates"]?.array ?? []).compactMap { $0["conditionType"]?.string }
    let own = types.filter { type in
      type == "cloud.google.com/load-balancer-neg-ready"
        || ["target-health.elbv2.k8s.aws/", "target-health.alb.ingress.k8s.aws/"].contains(where: type.hasPrefix)
    }
    return own.map { type in
      let condition = condition(type)
      let since = condition?["status"]?.string == "True" ? condition?["lastTransitionTime"]?.string.flatMap { Timestamp($0) } : nil
      return TargetGate(type: type, healthySince: since)
    }
  }

  /// The families of its addresses, `IPv4` and `IPv6`; empty before it has any.
  var families: Set<String> {
    let addresses = (pod["status", "podIPs"]?.array ?? []).compactMap { $0["ip"]?.string } + [pod["status", "podIP"]?.string ?? ""]
    return Set(addresses.filter { !$0.isEmpty }.map { $0.contains(":") ? "IPv6" : "IPv4" })
  }

  /// Which pod template it was made from.
  var templateHash: String? { pod.labels[Label.templateHash] }

  var problems: [PodProblem] {
    guard isLive else { return [] }
    if let scheduled = condition("PodScheduled"), scheduled["status"]?.string == "False" {
      return [problem(.unschedulable, scheduled["reason"]?.string ?? "Unschedulable", scheduled["message"]?.string)]
    }
    return statuses.compactMap(problem)
  }

  private func condition(_ type: String) -> JSON? {
    pod["status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  private func problem(_ status: JSON) -> PodProblem? {
    let reason = status["state", "waiting", "reason"]?.string ?? ""
    let message = status["state", "waiting", "message"]?.string
    switch reason {
    case "CrashLoopBackOff": return problem(.crashLoop, reason, lastWords(status) ?? message)
    case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError": return problem(.imagePull, reason, message)
    // No waiting makes these appear: the name is wrong, or the pod forbids to pull.
    case "InvalidImageName", "ErrImageNeverPull": return problem(.configuration, reason, message)
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError": return problem(.configuration, reason, message)
    default: break
    }
    let restarts = status["restartCount"]?.int ?? 0
    guard status["ready"]?.bool != true, status["state", "terminated", "exitCode"]?.int != 0, restarts >= 2 else { return nil }
    return problem(.crashLoop, "container \(status["name"]?.string ?? "?") restarted \(restarts) times", lastWords(status))
  }

  /// How the container ended last.
  private func lastWords(_ status: JSON) -> String? {
    guard let end = status["lastState", "terminated"] ?? status["state", "terminated"] else { return nil }
    let name = status["name"]?.string ?? "?"
    return "container \(name) ended with exit code \(end["exitCode"]?.int ?? 0) (\(end["reason"]?.string ?? "Error"))"
  }

  private func problem(_ kind: PodProblem.Kind, _ reason: String, _ message: String?) -> PodProblem {
    let words = [reason, message].compactMap(\.self).joined(separator: ": ")
    return PodProblem(kind: kind, subject: pod.name, reason: PlainText.line(words, longest: 300))
  }
}

extension PodReading {
  /// Whether its requests count on its node: until its containers have ended, terminating or not.
  var holdsPlace: Bool {
    let phase = pod["status", "phase"]?.string
    return phase != "Failed" && phase != "Succeeded"
  }
}
