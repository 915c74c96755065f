import KubernetesModel
import NIOCore
import NIOPosix
import Testing

@testable import RehearsalCluster

/// A control plane with pods that really serve, in real time, without an API server in front.
final class DataPlaneCluster {
  let objects: ControllerObjects
  let plan: AddressPlan
  private var controlPlane: ControlPlane

  private init(plan: AddressPlan, group: any EventLoopGroup) {
    self.plan = plan
    objects = ControllerObjects(clock: .system)
    controlPlane = ControlPlane(ControlPlane.Settings(), plan: plan, group: group, clock: .system) {}
  }

  static func run(_ body: (DataPlaneCluster) async throws -> Void) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let claim = try await AddressClaim.first(group: group)
    let cluster = DataPlaneCluster(plan: claim.plan, group: group)
    var failure: (any Error)?
    do { try await body(cluster) } catch { failure = error }
    await cluster.controlPlane.shutdown()
    await claim.release()
    try await group.shutdownGracefully()
    if let failure { throw failure }
  }

  var pods: [JSON] { objects.list(.pods) }
  func log(of pod: JSON) -> [String] { controlPlane.pods.log(ofPod: pod.uidText)?.lines().map(\.text) ?? [] }
  func events(_ reason: String) -> [JSON] { objects.list(.events).filter { $0["reason"]?.string == reason } }

  private func round() { _ = controlPlane.tick(objects, now: ClusterClock.system.now()) }

  /// Runs the cluster until something holds; gives up, loudly, after fifteen seconds.
  func until(_ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool) async throws {
    for _ in 0..<3000 {
      round()
      if condition() { return await controlPlane.forwarder.settled() }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came about: \(what); \(pods.map { $0["status"]?.text ?? "" })", sourceLocation: sourceLocation)
  }

  func deploy(_ color: String, image: String, replicas: Int64 = 2, extra: [String: JSON] = [:]) throws {
    var spec: JSON = [
      "terminationGracePeriodSeconds": 5,
      "containers": [
        [
          "name": "web", "image": .string(image), "ports": [["name": "http", "containerPort": 8080]],
          "readinessProbe": ["httpGet": ["path": "/readyz", "port": "http"], "periodSeconds": 1, "failureThreshold": 1],
        ]
      ],
    ]
    for (key, value) in extra { spec[key] = value }
    let labels: JSON = ["app": "web", "tagflip.dev/color": .string(color)]
    let deployment: JSON = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string("web-\(color)"), "namespace": "shop"],
      "spec": [
        "replicas": .int(replicas), "selector": ["matchLabels": labels], "template": ["metadata": ["labels": labels], "spec": spec],
      ],
    ]
    _ = try objects.create(.deployments, deployment, by: "test")
  }

  func expose(_ color: String) throws {
    let service: JSON = [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web", "namespace": "shop"],
      "spec": [
        "clusterIP": .string(plan.clusterIP(0)), "ports": [["name": "http", "port": 80, "targetPort": "http"]],
        "selector": ["app": "web", "tagflip.dev/color": .string(color)],
      ],
    ]
    _ = try objects.create(.services, service, by: "test")
  }

  func flip(to color: String) throws {
    var service = try #require(objects.get(.services, namespace: "shop", name: "web"))
    service["spec", "selector", "tagflip.dev/color"] = .string(color)
    _ = try objects.update(.services, service, by: "test")
  }

  func isAvailable(_ color: String, _ replicas: Int = 2) -> Bool {
    objects.get(.deployments, namespace: "shop", name: "web-\(color)")?["status", "availableReplicas"]?.int == replicas
  }

  func get() throws -> String {
    try DataPlaneSocket(to: plan.clusterIP(0), port: plan.listeningPort(80)).get().body
  }
}
