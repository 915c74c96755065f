import KubernetesModel
import Testing

@testable import RehearsalCluster

/// A control plane without sockets: pods become what the test says, and time passes when the test says so.
struct ControllerBench {
  let time = ManualClock()
  let objects: ControllerObjects
  private var controllers: [any Controller]
  /// When the controllers want to be woken, after the last round.
  private(set) var nextDue: Duration?

  init(_ controllers: [any Controller] = [DeploymentController(), ReplicaSetController(), GarbageCollector()]) {
    objects = ControllerObjects(clock: time.clock)
    self.controllers = controllers
  }

  /// Ticks all controllers once, in order.
  mutating func round() {
    var dues: [Duration] = []
    for index in controllers.indices {
      if let due = controllers[index].tick(objects, now: time.now) { dues.append(due) }
    }
    nextDue = dues.min()
  }

  /// Ticks until nothing changes any more; that it comes to rest is checked, since a loop that does not would burn a core.
  mutating func settle(sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<200 {
      let before = objects.version
      round()
      if objects.version == before { return }
    }
    Issue.record("the controllers never come to rest: \(objects.writes.suffix(6))", sourceLocation: sourceLocation)
  }

  /// Lets time pass, then ticks until nothing changes.
  mutating func wait(_ duration: Duration) {
    time.advance(by: duration)
    settle()
  }

  func deployment(_ name: String = "web") -> JSON { objects.get(.deployments, namespace: "shop", name: name) ?? [:] }

  var pods: [JSON] { objects.list(.pods) }
  var replicaSets: [JSON] { objects.list(.replicaSets) }

  /// Makes pods ready, or not, as their kubelet would.
  func setPods(ready: Bool, where matches: (JSON) -> Bool = { _ in true }) throws {
    for pod in pods where pod.isActivePod && matches(pod) && pod.isReadyPod != ready {
      var changed = pod
      changed["status", "phase"] = "Running"
      changed["status", "conditions"] = [
        ["type": "Ready", "status": ready ? "True" : "False", "lastTransitionTime": .string(time.now.timestamp)]
      ]
      _ = try objects.updateStatus(.pods, changed, by: "kubelet")
    }
  }

  /// Takes away pods that were deleted and are still there, as their kubelet would.
  func reap() throws {
    for pod in pods where pod.isDeleting {
      try objects.delete(.pods, pod, gracePeriod: 0, propagation: .background, by: "kubelet")
    }
  }

  func changeDeployment(_ name: String = "web", _ change: (inout JSON) -> Void) throws {
    var changed = deployment(name)
    change(&changed)
    _ = try objects.update(.deployments, changed, by: "test")
  }

  static func deployment(
    replicas: Int64, image: String = "app:1",
    strategy: JSON = ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]],
    extra: [String: JSON] = [:]
  ) -> JSON {
    var deployment: JSON = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web", "namespace": "shop"],
      "spec": [
        "replicas": .int(replicas), "selector": ["matchLabels": ["app": "web"]], "strategy": strategy,
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "app", "image": .string(image), "ports": [["containerPort": 8080]]]]],
        ],
      ],
    ]
    for (key, value) in extra { deployment["spec", key] = value }
    return deployment
  }
}

extension JSON {
  /// The numbers of a status, without `observedGeneration`.
  var numbers: [String: Int] {
    (self["status"]?.object ?? [:]).compactMapValues(\.int).filter { $0.key != "observedGeneration" }
  }

  func reason(_ condition: String) -> String? { self.condition(condition)?["reason"]?.string }
}
