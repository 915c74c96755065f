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

  static let scopes: [(String, JSON, [String])] = [
    ("a pod that asks for nothing", [:], ["BestEffort", "NotTerminating"]),
    ("one that asks for something", ["containers": [container(["cpu": "1"])]], ["NotBestEffort", "NotTerminating"]),
    ("one with a deadline", ["activeDeadlineSeconds": 60], ["BestEffort", "Terminating"]),
    (
      "one whose affinity names a namespace", NodeFitTests.affinity("podAffinity", ["namespaces": ["bank"], "topologyKey": "host"]),
      ["BestEffort", "NotTerminating", "CrossNamespacePodAffinity"]
    ),
    (
      "one that would rather be elsewhere",
      [
        "affinity": [
          "podAntiAffinity": [
            "preferredDuringSchedulingIgnoredDuringExecution": [["podAffinityTerm": ["namespaceSelector": [:], "topologyKey": "host"]]]
          ]
        ]
      ], ["BestEffort", "NotTerminating", "CrossNamespacePodAffinity"]
    ),
  ]

  @Test("Each scope counts its pods, however it is written", arguments: scopes)
  func scope(_ description: String, _ spec: JSON, _ expected: [String]) {
    let pod = PodDemand(spec: spec)
    for scope in ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"] {
      let plain = QuotaScope(["spec": ["scopes": [.string(scope)]]])
      #expect(plain.covers(pod) == expected.contains(scope), "\(description): \(scope)")
      let selected: JSON = ["spec": ["scopeSelector": ["matchExpressions": [["scopeName": .string(scope), "operator": "Exists"]]]]]
      #expect(QuotaScope(selected).covers(pod) == expected.contains(scope), "\(description): \(scope)")
    }
  }

  static let classes: [(String, [String], String?, Bool)] = [
    ("In", ["high"], "high", true), ("In", ["high"], "low", false), ("In", ["high"], nil, false), ("NotIn", ["high"], "low", true),
    ("NotIn", ["high"], "high", false), ("NotIn", ["high"], nil, true), ("Exists", [], "low", true), ("Exists", [], nil, false),
    ("DoesNotExist", [], nil, true), ("DoesNotExist", [], "low", false),
  ]

  @Test("A quota for priority classes counts theirs", arguments: classes)
  func priority(_ relation: String, _ values: [String], _ name: String?, _ expected: Bool) {
    let pod = PodDemand(spec: name.map { ["priorityClassName": .string($0)] } ?? [:])
    let expression: JSON = [
      "scopeName": "PriorityClass", "operator": .string(relation), "values": .array(values.map { .string($0) }),
    ]
    #expect(QuotaScope(["spec": ["scopeSelector": ["matchExpressions": [expression]]]]).covers(pod) == expected)
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
    QuotaCase(
      description: "a quota that forbids affinity across namespaces does not count pods without it", hard: ["pods": "0"],
      spec: ["scopeSelector": ["matchExpressions": [["scopeName": "CrossNamespacePodAffinity", "operator": "Exists"]]]], shortages: []),
    QuotaCase(
      description: "a scope that nobody knows counts every pod", hard: ["pods": "1"], used: ["pods": "2"], spec: ["scopes": ["Tomorrow"]],
      shortages: ["quota q: pods: 5 needed, 0 of 1 left"]),
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

  static let nodeSizes: [(String, String, [String])] = [
    ("room for two pods, the bot's next one and what another namespace's rollout counts on", "2200m", []),
    (
      "room for two pods and for the bot's next one, and not for what another rollout counts on", "2199m",
      ["no node takes 1 of the 2 pods of web: 1 node lacks cpu (800m needed, at most 799m free)"]
    ),
  ]

  @Test("The bot's own next pod and other rollouts are left room on the nodes, which all namespaces share", arguments: nodeSizes)
  func leftRoom(_ description: String, _ cpu: String, _ shortages: [String]) throws {
    let deployment = Fixture.deployment { json in
      json.editEach("spec", "template", "spec", "containers") { $0["resources"] = ["requests": ["cpu": "800m"]] }
    }
    let environment = try Fixture.render([deployment])
    func check(_ reserved: [ServiceIndex.Reservation], _ cpu: String) throws -> [String] {
      let check = RoomCheck(
        environment: environment, objects: try AppliedObject.all(environment, rollout: nil, sizes: ["web": 2]), namespace: "shop",
        defaults: .none, quotas: [], freed: EnvironmentDemand(pods: [], objects: [:]), needsPreview: false, reserved: reserved,
        nodes: NodeFit(nodes: [NodeFitTests.node("a", cpu: cpu)], pods: []))
      return check.finding(at: ["web": 2]).shortages
    }
    let other = ServiceIndex.Reservation(
      service: try #require(ServiceName("api")), rollout: Fixture.otherRollout, cluster: "test", namespace: "elsewhere", pods: 2,
      milliCPU: 500, memoryBytes: 0, expires: Timestamp(milliseconds: 0))
    #expect(try check([other], cpu) == shortages, "\(description)")
    #expect(try check([], "1700m").isEmpty)
    #expect(try check([], "1699m").count == 1, "the bot's next pod")
  }

  @Test func `What a RuntimeClass adds is not known, and that is said`() throws {
    let deployment = Fixture.deployment { $0["spec", "template", "spec", "runtimeClassName"] = "gvisor" }
    let environment = try Fixture.render([deployment])
    let check = RoomCheck(
      environment: environment, objects: try AppliedObject.all(environment, rollout: nil, sizes: [:]), namespace: "shop", defaults: .none,
      quotas: [], freed: EnvironmentDemand(pods: [], objects: [:]), needsPreview: false, reserved: [], nodes: nil)
    #expect(check.omissions.count == 1 && check.omissions.first?.hasPrefix("the overhead of RuntimeClass gvisor is not counted") == true)
  }

  @Test func `A reservation counts only what its rollout has not made yet`() throws {
    let reservation = ServiceIndex.Reservation(
      service: try #require(ServiceName("api")), rollout: Fixture.otherRollout, cluster: "test", namespace: "shop", pods: 3, milliCPU: 600,
      memoryBytes: 300 << 20, expires: Timestamp(milliseconds: 0))
    let made = PodDemand(spec: ["containers": [Self.container(["cpu": "200m", "memory": "100Mi"])]])
    #expect(reservation.remaining(beside: []) == reservation)
    let rest = try #require(reservation.remaining(beside: [made]))
    #expect((rest.pods, rest.milliCPU, rest.memoryBytes) == (2, 400, 200 << 20))
    #expect(reservation.remaining(beside: [made, made, made]) == nil)
  }
}
