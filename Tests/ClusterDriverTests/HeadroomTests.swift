import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// Whether two environments have room beside each other.
@Suite struct HeadroomTests {
  static func container(_ requests: [String: String] = [:], limits: [String: String] = [:], isSidecar: Bool = false) -> JSON {
    var json: JSON = ["resources": ["requests": JSON(requests), "limits": JSON(limits)]]
    if isSidecar { json["restartPolicy"] = "Always" }
    return json
  }

  static func quantity(_ text: String) -> Quantity { Quantity(text) ?? .zero }

  struct Demand: Sendable, CustomStringConvertible {
    let description: String
    let spec: JSON
    let cpu: String
    let memory: String
  }

  static let demands: [Demand] = [
    Demand(
      description: "containers add up",
      spec: ["containers": [container(["cpu": "100m", "memory": "64Mi"]), container(["cpu": "1", "memory": "1Gi"])]], cpu: "1100m",
      memory: "1088Mi"),
    Demand(
      description: "a limit stands for a missing request",
      spec: ["containers": [container(["cpu": "100m"], limits: ["cpu": "1", "memory": "1Gi"])]], cpu: "100m", memory: "1Gi"),
    Demand(
      description: "an init container larger than the rest counts alone",
      spec: ["initContainers": [container(["cpu": "2"])], "containers": [container(["cpu": "500m", "memory": "1Mi"])]], cpu: "2",
      memory: "1Mi"),
    Demand(
      description: "a sidecar runs beside the init containers after it, and beside the containers",
      spec: [
        "initContainers": [container(["cpu": "300m"], isSidecar: true), container(["cpu": "1"])],
        "containers": [container(["cpu": "900m"])],
      ], cpu: "1300m", memory: "0"),
    Demand(
      description: "overhead is added",
      spec: ["containers": [container(["cpu": "1", "memory": "1Gi"])], "overhead": ["cpu": "250m", "memory": "120Mi"]], cpu: "1250m",
      memory: "1144Mi"),
    Demand(
      description: "a pod's own resources count for the pod",
      spec: ["containers": [container(["cpu": "1"])], "resources": ["requests": ["cpu": "3"]]], cpu: "3", memory: "0"),
  ]

  @Test("A pod's requests are counted as the scheduler does", arguments: demands)
  func demand(_ demand: Demand) {
    let found = PodDemand(spec: demand.spec)
    #expect(found.requests["cpu"] ?? .zero == Self.quantity(demand.cpu))
    #expect(found.requests["memory"] ?? .zero == Self.quantity(demand.memory))
  }

  @Test func `A LimitRange says what containers leave open`() {
    let range: JSON = [
      "spec": ["limits": [["type": "Container", "default": ["cpu": "1", "memory": "1Gi"], "defaultRequest": ["cpu": "200m"]]]]
    ]
    let defaults = ContainerDefaults(limitRanges: [range])
    let open = PodDemand(spec: ["containers": [[:]]], defaults: defaults)
    #expect(open.requests == ["cpu": Self.quantity("200m"), "memory": Self.quantity("1Gi")])
    #expect(open.limits == ["cpu": Self.quantity("1"), "memory": Self.quantity("1Gi")])
    let own = PodDemand(spec: ["containers": [Self.container(limits: ["cpu": "2"])]], defaults: defaults)
    #expect(own.requests["cpu"] == Self.quantity("2"))
  }

  struct QuotaCase: Sendable, CustomStringConvertible {
    let description: String
    let hard: [String: String]
    var used: [String: String] = [:]
    var spec: JSON = [:]
    /// What the shortages must say, in order.
    let shortages: [String]
  }

  // Three pods of 500m and 256Mi; one that goes; another rollout's two pods of 250m each.
  static let quotas: [QuotaCase] = [
    QuotaCase(
      description: "room for all", hard: ["pods": "20", "requests.cpu": "10"], used: ["pods": "5", "requests.cpu": "3"], shortages: []),
    QuotaCase(description: "just enough", hard: ["pods": "9"], used: ["pods": "5"], shortages: []),
    QuotaCase(
      description: "one pod too many", hard: ["pods": "8"], used: ["pods": "5"],
      shortages: ["quota q: pods: 5 needed, 4 of 8 left"]),
    QuotaCase(
      description: "cpu, with what others reserved", hard: ["requests.cpu": "2"], used: ["requests.cpu": "1"],
      shortages: ["quota q: requests.cpu: 2 needed, 1500m of 2 left"]),
    QuotaCase(
      description: "the short name means requests", hard: ["memory": "1Gi"], used: ["memory": "512Mi"],
      shortages: ["quota q: memory: 868Mi needed, 768Mi of 1Gi left"]),
    QuotaCase(
      description: "a quota on limits demands them", hard: ["limits.cpu": "100"],
      shortages: ["quota q demands limits.cpu of every container, and one does not say it"]),
    QuotaCase(
      description: "objects are counted", hard: ["count/deployments.apps": "3", "configmaps": "2"],
      used: ["count/deployments.apps": "3", "configmaps": "1"],
      shortages: ["quota q: count/deployments.apps: 1 needed, 0 of 3 left"]),
    QuotaCase(
      description: "another scope does not count these pods", hard: ["pods": "1"], used: ["pods": "1"],
      spec: ["scopes": ["Terminating"]], shortages: []),
    QuotaCase(
      description: "this scope does", hard: ["pods": "1"], used: ["pods": "1"], spec: ["scopes": ["NotTerminating", "NotBestEffort"]],
      shortages: ["quota q: pods: 5 needed, 1 of 1 left"]),
    QuotaCase(
      description: "a quota for a priority class", hard: ["pods": "1"], used: ["pods": "1"],
      spec: ["scopeSelector": ["matchExpressions": [["scopeName": "PriorityClass", "operator": "In", "values": ["high"]]]]],
      shortages: []),
    QuotaCase(description: "what is not asked for is no shortage", hard: ["secrets": "1"], used: ["secrets": "5"], shortages: []),
  ]

  @Test("A quota that is too small says by how much", arguments: quotas)
  func quota(_ test: QuotaCase) throws {
    let neighbour = try #require(ServiceName("api"))
    let pod = PodDemand(spec: ["containers": [Self.container(["cpu": "500m", "memory": "256Mi"])]])
    let check = QuotaCheck(
      demand: EnvironmentDemand(pods: [pod, pod, pod], objects: ["count/deployments.apps": 1, "configmaps": 1]),
      freed: EnvironmentDemand(pods: [pod], objects: [:]),
      reserved: [
        ServiceIndex.Reservation(
          service: neighbour, rollout: Fixture.otherRollout, cluster: "test", namespace: "shop", pods: 2, milliCPU: 500,
          memoryBytes: 100 << 20,
          expires: Timestamp(milliseconds: 0))
      ])
    var quota: JSON = ["metadata": ["name": "q"], "spec": test.spec, "status": ["hard": JSON(test.hard), "used": JSON(test.used)]]
    quota["spec", "hard"] = JSON(test.hard)
    #expect(check.shortages(in: quota) == test.shortages)
  }

  static func node(_ name: String, cpu: String = "2", edit: (inout JSON) -> Void = { _ in }) -> JSON {
    var json: JSON = [
      "metadata": ["name": .string(name), "labels": ["disk": "ssd"]],
      "status": [
        "allocatable": ["cpu": .string(cpu), "memory": "4Gi", "pods": "10"], "conditions": [["type": "Ready", "status": "True"]],
      ],
    ]
    edit(&json)
    return json
  }

  struct NodeCase: Sendable, CustomStringConvertible {
    let description: String
    let nodes: [JSON]
    var pod: JSON = [:]
    let unplaced: Int
  }

  // Three pods of 800m each beside one of 500m that runs on node a.
  static let nodes: [NodeCase] = [
    NodeCase(description: "two nodes hold them", nodes: [node("a"), node("b")], unplaced: 0),
    NodeCase(description: "one node holds one", nodes: [node("a")], unplaced: 2),
    NodeCase(
      description: "fragments do not add up", nodes: [node("a", cpu: "1200m"), node("b", cpu: "700m"), node("c", cpu: "700m")], unplaced: 3),
    NodeCase(description: "a cordoned node takes none", nodes: [node("b") { $0["spec", "unschedulable"] = true }], unplaced: 3),
    NodeCase(
      description: "a node that is not ready takes none",
      nodes: [node("b") { $0["status", "conditions"] = [["type": "Ready", "status": "Unknown"]] }], unplaced: 3),
    NodeCase(
      description: "a taint keeps them away",
      nodes: [node("b", cpu: "8") { $0["spec", "taints"] = [["key": "gpu", "effect": "NoSchedule"]] }],
      unplaced: 3),
    NodeCase(
      description: "a toleration lets them in",
      nodes: [node("b", cpu: "8") { $0["spec", "taints"] = [["key": "gpu", "effect": "NoSchedule"]] }],
      pod: ["tolerations": [["key": "gpu", "operator": "Exists"]]], unplaced: 0),
    NodeCase(
      description: "a node selector chooses", nodes: [node("b", cpu: "8")], pod: ["nodeSelector": ["disk": "hdd"]], unplaced: 3),
    NodeCase(
      description: "places for pods run out", nodes: [node("b", cpu: "8") { $0["status", "allocatable", "pods"] = "2" }], unplaced: 1),
  ]

  @Test("Pods find places on fixed nodes, or are counted", arguments: nodes)
  func fit(_ test: NodeCase) {
    let running: JSON = [
      "spec": ["nodeName": "a", "containers": [Self.container(["cpu": "500m"])]], "status": ["phase": "Running"],
    ]
    let ended: JSON = [
      "spec": ["nodeName": "b", "containers": [Self.container(["cpu": "8"])]], "status": ["phase": "Succeeded"],
    ]
    var spec = test.pod
    spec["containers"] = [Self.container(["cpu": "800m"])]
    var fit = NodeFit(nodes: test.nodes, pods: [running, ended])
    #expect(fit.place(Array(repeating: (PodDemand(spec: spec), spec), count: 3)) == test.unplaced)
  }
}
