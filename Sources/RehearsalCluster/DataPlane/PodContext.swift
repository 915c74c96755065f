import NIOCore
import KubernetesModel

/// What all pods of a cluster share.
struct PodSurroundings: Sendable {
  let plan: AddressPlan
  let group: any EventLoopGroup
  let clock: ClusterClock
  /// Asks for a round of the control plane.
  let wake: @Sendable () -> Void
}

/// One pod in one round: its object, and what can be done with it.
struct PodContext {
  let pod: JSON
  let objects: any ClusterObjects
  let now: Moment
  let surroundings: PodSurroundings
  let log: PodLog

  private static let events = EventRecorder(component: "kubelet", manager: ManagerName.kubelet)

  var container: JSON? { pod["spec", "containers"]?[0] }
  var containerName: String { container?["name"]?.string ?? "" }
  var image: String { container?["image"]?.string ?? "" }
  /// `Always`, `OnFailure` or `Never`.
  var restartPolicy: String { pod["spec", "restartPolicy"]?.string ?? "Always" }

  func normal(_ reason: String, _ message: String) { Self.events.normal(reason, message, about: pod, in: objects, at: now) }

  func warning(_ reason: String, _ message: String) { Self.events.warning(reason, message, about: pod, in: objects, at: now) }

  /// The ports that containers declare, or the one that `PORT` names, or 8080.
  func ports(environment: [String: String]) -> [Int] {
    let declared = (pod["spec", "containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
      .filter { $0["protocol"]?.string ?? "TCP" == "TCP" }.compactMap { $0["containerPort"]?.int }
    guard declared.isEmpty else { return Set(declared).sorted() }
    return [environment["PORT"].flatMap { Int($0) } ?? 8080]
  }

  /// A request to a port of the pod's own, or to any other address.
  func exchange(with address: String, port: Int, path: String?, userAgent: String, limit: Duration) -> HTTPExchange {
    HTTPExchange(
      to: Endpoint(address: address, port: surroundings.plan.listeningPort(port)), path: path, userAgent: userAgent, limit: limit,
      group: surroundings.group, wake: surroundings.wake)
  }

  /// The address behind a name of a Service, `NAME`, `NAME.NAMESPACE` or longer; an address is returned as it is.
  func resolve(_ host: String) -> String? {
    if host.allSatisfy({ $0.isNumber || $0 == "." }) { return host }
    let labels = host.split(separator: ".").map(String.init)
    let service = objects.get(.services, namespace: labels.dropFirst().first ?? pod.namespaceText, name: labels.first ?? "")
    return service?["spec", "clusterIP"]?.string
  }
}
