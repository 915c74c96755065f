import KubernetesModel
import Testing

@testable import RehearsalCluster

/// Scheduling, quotas, budgets, Jobs and namespaces.
@Suite struct ControllerClusterTests {
  private static func pod(_ name: String, cpu: String) -> JSON {
    [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "namespace": "shop", "labels": ["app": "web"]],
      "spec": ["containers": [["name": "app", "image": "app:1", "resources": ["requests": ["cpu": .string(cpu), "memory": "64Mi"]]]]],
    ]
  }

  @Test("Pods go where there is room; one that fits nowhere is Unschedulable in the scheduler's words, until it fits")
  func scheduling() throws {
    var size = ClusterSize()
    size.cpu = "1"
    var bench = ControllerBench([NodeController(size: size, plan: AddressPlan()), Scheduler()])
    for (name, cpu) in [("a", "600m"), ("b", "600m"), ("c", "600m")] {
      _ = try bench.objects.create(.pods, Self.pod(name, cpu: cpu), by: "test")
    }
    bench.settle()
    #expect(bench.pods.map { $0["spec", "nodeName"]?.string } == ["rehearsal-node-1", "rehearsal-node-2", nil])
    let condition = try #require(bench.pods[2].condition("PodScheduled"))
    #expect(condition["reason"] == "Unschedulable")
    let words =
      "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    #expect(condition["message"]?.string == words)
    #expect(
      bench.objects.list(.events).map { $0["reason"]?.string }.sorted { $0 ?? "" < $1 ?? "" } == [
        "FailedScheduling", "Scheduled", "Scheduled",
      ])
    try bench.objects.delete(.pods, bench.pods[0], gracePeriod: 0, propagation: .background, by: "test")
    bench.settle()
    #expect(bench.pods.map { $0["spec", "nodeName"]?.string } == ["rehearsal-node-2", "rehearsal-node-1"])
  }

  @Test("A quota's status counts what is there, in the units it was written in")
  func quota() throws {
    var bench = ControllerBench([QuotaController()])
    let hard: JSON = ["pods": "4", "requests.cpu": "1", "requests.memory": "1Gi", "count/deployments.apps": "2", "limits.cpu": "2"]
    let quota: JSON = [
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q", "namespace": "shop"], "spec": ["hard": hard],
    ]
    _ = try bench.objects.create(.resourceQuotas, quota, by: "test")
    for name in ["a", "b"] { _ = try bench.objects.create(.pods, Self.pod(name, cpu: "100m"), by: "test") }
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1), by: "test")
    bench.settle()
    let used = bench.objects.list(.resourceQuotas).first?["status", "used"]
    #expect(used == ["pods": "2", "requests.cpu": "200m", "requests.memory": "128Mi", "count/deployments.apps": "1", "limits.cpu": "0"])
  }

  @Test(
    "Quantities keep their value and are written in canonical form",
    arguments: [
      ("200m", "200m"), ("0.2", "200m"), ("1.0", "1"), ("1000m", "1"), ("1000", "1k"), ("1024Mi", "1Gi"), ("128974848", "128974848"),
      ("1e3", "1k"), ("0.1", "100m"), ("1.5Gi", "1536Mi"), ("0.0001", "1m"), ("0", "0"),
    ])
  func quantities(text: String, canonical: String) {
    #expect(Quantity(text)?.description == canonical)
  }

  @Test("What is no quantity is none", arguments: ["", "m", "1X", "1 Gi", "--1", "1.2.3"])
  func noQuantity(text: String) {
    #expect(Quantity(text) == nil)
  }

  @Test("A budget allows as many disruptions as there are healthy pods to spare")
  func budget() throws {
    var bench = ControllerBench([DisruptionBudgetController()])
    let budget: JSON = [
      "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": "b", "namespace": "shop"],
      "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
    ]
    _ = try bench.objects.create(.podDisruptionBudgets, budget, by: "test")
    for name in ["a", "b"] { _ = try bench.objects.create(.pods, Self.pod(name, cpu: "1m"), by: "test") }
    try bench.setPods(ready: true)
    bench.settle()
    let full = try #require(bench.objects.list(.podDisruptionBudgets).first)
    #expect(full.numbers == ["disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 2])
    #expect(full.reason("DisruptionAllowed") == "InsufficientPods")
    _ = try bench.objects.create(.pods, Self.pod("c", cpu: "1m"), by: "test")
    try bench.setPods(ready: true)
    bench.settle()
    #expect(bench.objects.list(.podDisruptionBudgets).first?.numbers["disruptionsAllowed"] == 1)
  }

  private static func job(_ extra: [String: JSON] = [:]) -> JSON {
    var job: JSON = [
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "j", "namespace": "shop"],
      "spec": [
        "completions": 1, "parallelism": 1, "backoffLimit": 1,
        "template": ["metadata": ["labels": ["job-name": "j"]], "spec": ["restartPolicy": "Never", "containers": [["name": "c"]]]],
      ],
    ]
    for (key, value) in extra { job["spec", key] = value }
    return job
  }

  private static func finishPods(_ bench: ControllerBench, _ phase: JSON) throws {
    for var pod in bench.pods where pod.isActivePod {
      pod["status", "phase"] = phase
      _ = try bench.objects.updateStatus(.pods, pod, by: "test")
    }
  }

  @Test("A Job is complete when enough pods have succeeded, as recorded")
  func jobCompletes() throws {
    var bench = ControllerBench([JobController()])
    _ = try bench.objects.create(.jobs, Self.job(), by: "test")
    bench.settle()
    #expect(bench.objects.list(.jobs).first?.numbers == ["active": 1, "terminating": 0, "ready": 0])
    try Self.finishPods(bench, "Succeeded")
    bench.settle()
    let done = try #require(bench.objects.list(.jobs).first)
    #expect(done.numbers == ["succeeded": 1, "terminating": 0, "ready": 0])
    #expect(done["status", "conditions"]?.array?.map { $0["type"] } == ["SuccessCriteriaMet", "Complete"])
    #expect(done.reason("Complete") == "CompletionsReached")
    #expect(done["status", "completionTime"] != nil)
  }

  @Test("A Job fails when its pods failed too often, or took too long; a suspended one has no pods")
  func jobFails() throws {
    var bench = ControllerBench([JobController()])
    _ = try bench.objects.create(.jobs, Self.job(), by: "test")
    for _ in 0..<2 {
      bench.settle()
      try Self.finishPods(bench, "Failed")
    }
    bench.settle()
    #expect(bench.pods.count == 2)
    #expect(bench.objects.list(.jobs).first?.reason("Failed") == "BackoffLimitExceeded")

    var late = ControllerBench([JobController()])
    _ = try late.objects.create(.jobs, Self.job(["activeDeadlineSeconds": 2]), by: "test")
    late.settle()
    #expect(late.nextDue == late.time.now.uptime + .seconds(2))
    late.wait(.seconds(2))
    #expect(late.objects.list(.jobs).first?.reason("Failed") == "DeadlineExceeded")
    #expect(late.pods.isEmpty)

    var suspended = ControllerBench([JobController()])
    _ = try suspended.objects.create(.jobs, Self.job(["suspend": true]), by: "test")
    suspended.settle()
    #expect(suspended.pods.isEmpty)
    #expect(suspended.objects.list(.jobs).first?.reason("Suspended") == "JobSuspended")
  }

  @Test("A namespace is furnished, and when deleted it goes once it is empty")
  func namespaces() throws {
    var bench = ControllerBench([NamespaceController(certificateAuthority: "PEM")])
    let namespace = try bench.objects.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]], by: "test")
    bench.settle()
    #expect(bench.objects.get(.serviceAccounts, namespace: "shop", name: "default") != nil)
    #expect(bench.objects.get(.configMaps, namespace: "shop", name: "kube-root-ca.crt")?["data", "ca.crt"] == "PEM")
    var held: JSON = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "held", "namespace": "shop", "finalizers": ["example.com/f"]],
    ]
    held = try bench.objects.create(.configMaps, held, by: "test")
    try bench.objects.delete(.namespaces, namespace, gracePeriod: nil, propagation: .background, by: "test")
    bench.settle()
    let terminating = try #require(bench.objects.get(.namespaces, namespace: "", name: "shop"))
    #expect(terminating.phase == "Terminating")
    #expect(
      terminating.condition("NamespaceContentRemaining")?["message"]?.string
        == "Some resources are remaining: configmaps. has 1 resource instances")
    var released = try #require(bench.objects.get(.configMaps, namespace: "shop", name: "held"))
    released["metadata", "finalizers"] = nil
    _ = try bench.objects.update(.configMaps, released, by: "test")
    bench.settle()
    #expect(bench.objects.get(.namespaces, namespace: "", name: "shop") == nil)
    #expect(bench.objects.list(.configMaps).isEmpty && bench.objects.list(.serviceAccounts).isEmpty)
  }

  @Test(
    "An autoscaler holds a Deployment within its bounds, and one that was scaled to 0 alone",
    arguments: [(1, 3), (3, 3), (4, 4), (9, 5), (0, 0)])
  func autoscaler(replicas: Int64, expected: Int) throws {
    var bench = ControllerBench([AutoscalerController()])
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: replicas), by: "test")
    let autoscaler: JSON = [
      "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "h", "namespace": "shop"],
      "spec": ["minReplicas": 3, "maxReplicas": 5, "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]],
    ]
    _ = try bench.objects.create(.horizontalPodAutoscalers, autoscaler, by: "test")
    bench.settle()
    #expect(bench.deployment()["spec", "replicas"]?.int == expected)
    let status = bench.objects.list(.horizontalPodAutoscalers).first?["status"]
    #expect(status?["desiredReplicas"]?.int == expected && status?["currentReplicas"]?.int == expected)
  }

  @Test("Events that happen again are counted, and go after an hour")
  func events() throws {
    var bench = ControllerBench([EventExpiry()])
    let recorder = EventRecorder(component: "test")
    for _ in 0..<3 {
      recorder.warning("BackOff", "again", about: ControllerBench.deployment(replicas: 1), in: bench.objects, at: bench.time.now)
    }
    #expect(bench.objects.list(.events).map { $0["count"]?.int } == [3])
    bench.wait(.seconds(3599))
    #expect(bench.objects.list(.events).count == 1)
    bench.wait(.seconds(61))
    #expect(bench.objects.list(.events).isEmpty)
  }

  @Test("Selectors match as Kubernetes matches")
  func selectors() {
    let selector = LabelSelector([
      "matchLabels": ["app": "web"],
      "matchExpressions": [
        ["key": "color", "operator": "In", "values": ["blue", "green"]], ["key": "old", "operator": "DoesNotExist"],
        ["key": "tier", "operator": "NotIn", "values": ["db"]], ["key": "color", "operator": "Exists"],
      ],
    ])
    #expect(selector?.matches(["app": "web", "color": "blue"]) == true)
    #expect(selector?.matches(["app": "web", "color": "red"]) == false)
    #expect(selector?.matches(["app": "web", "color": "blue", "old": ""]) == false)
    #expect(selector?.matches(["app": "web", "color": "blue", "tier": "db"]) == false)
    #expect(selector?.matches(["color": "blue"]) == false)
    #expect(LabelSelector(map: [:]) == nil && LabelSelector(map: nil) == nil && LabelSelector(nil) == nil)
  }
}
