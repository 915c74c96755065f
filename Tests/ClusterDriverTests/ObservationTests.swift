import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// What a color is, as lists of objects say it. Statuses are as a v1.36 API server was recorded giving them.
@Suite struct ObservationTests {
  private func observe(_ deployments: [JSON], _ pods: [JSON], edit: (inout ColorReading) -> Void = { _ in }) throws -> ColorObservation {
    var reading = ColorReading(color: .green, service: try Fixture.target().service, deployments: deployments, pods: pods)
    edit(&reading)
    return reading.observation
  }

  @Test func `All pods ready of the present template is fully ready`() throws {
    let color = try observe([Observed.deployment()], [Observed.pod("a"), Observed.pod("b")])
    #expect(color.isFullyReady)
    #expect(color.rollouts == [Fixture.rollout])
    #expect(color.strangers.isEmpty)
    #expect(color.objects == 1)
    #expect(
      color.workloads == [
        WorkloadObservation(
          name: "web", desired: 2, ready: 2, isSettled: true, imageIDs: ["registry.example/web@sha256:1"], requests: .zero)
      ])
  }

  @Test func `What a color asks for is what its live pods were admitted with`() throws {
    let pods = ["a", "b", "c"].map { name in
      Observed.pod(name) { json in
        json["spec", "containers"] = [["resources": ["requests": ["cpu": "250m", "memory": "64Mi"]]]]
        // One that was evicted asks for nothing any more.
        if name == "c" { json["status", "phase"] = "Failed" }
      }
    }
    #expect(try observe([Observed.deployment()], pods).requests == ResourceRequests(milliCPU: 500, memoryBytes: 128 << 20))
    #expect(try observe([], []).requests == nil, "nothing is there to ask")
  }

  @Test func `Containers are told by name, and only those that the Deployment names itself`() throws {
    let deployment = Observed.deployment { json in
      json["spec", "template", "spec", "containers"] = [["name": "web", "image": "x"]]
      json["spec", "template", "spec", "initContainers"] = [["name": "migrate", "image": "y"]]
    }
    let pods = ["a", "b"].map { name in
      Observed.pod(name) { json in
        json["status", "initContainerStatuses"] = [["name": "migrate", "imageID": ""]]
        json["status", "containerStatuses"] = .array(
          (json["status", "containerStatuses"]?.array ?? []) + [["name": "injected", "imageID": "mesh.example/proxy@sha256:9"]])
      }
    }
    #expect(
      try observe([deployment], pods).workloads.first?.containers == [
        ContainerImage(container: "migrate", imageID: ""), ContainerImage(container: "web", imageID: "registry.example/web@sha256:1"),
      ])
  }

  // What keeps a Deployment that looks complete from being it.
  static let unsettled: [(String, JSON, [JSON])] = [
    (
      "the controller has not seen the spec", Observed.deployment { $0["status", "observedGeneration"] = 1 },
      [Observed.pod("a"), Observed.pod("b")]
    ),
    ("pods of the old template are left", Observed.deployment { $0["status", "replicas"] = 3 }, [Observed.pod("a"), Observed.pod("b")]),
    ("not all are updated", Observed.deployment { $0["status", "updatedReplicas"] = 1 }, [Observed.pod("a"), Observed.pod("b")]),
    ("a pod is not ready", Observed.deployment(), [Observed.pod("a"), Observed.pod("b", conditions: [Observed.unready])]),
    (
      "a pod is going", Observed.deployment(),
      [Observed.pod("a"), Observed.pod("b") { $0["metadata", "deletionTimestamp"] = "2026-11-24T00:00:00Z" }]
    ),
    ("a pod has failed", Observed.deployment(), [Observed.pod("a"), Observed.pod("b") { $0["status", "phase"] = "Failed" }]),
    ("a pod is missing", Observed.deployment(), [Observed.pod("a")]),
    ("it is paused", Observed.deployment { $0["spec", "paused"] = true }, [Observed.pod("a"), Observed.pod("b")]),
    ("no status yet", Observed.deployment { $0["status"] = [:] }, []),
  ]

  @Test("What is not settled is not ready", arguments: unsettled)
  func isUnsettled(_ why: String, _ deployment: JSON, _ pods: [JSON]) throws {
    #expect(try !observe([deployment], pods).isFullyReady, "\(why)")
  }

  @Test func `A cold color wants no pods and is settled`() throws {
    let color = try observe([Observed.deployment(replicas: 0)], [])
    #expect(color.isFullyReady && color.readyPods == 0 && !color.isEmpty)
  }

  @Test func `Pods of an old template do not count, ReplicaSets tell which those are`() throws {
    let sets: [JSON] = [
      [
        "metadata": [
          "labels": ["pod-template-hash": "old"], "annotations": ["deployment.kubernetes.io/revision": "1"],
          "ownerReferences": [["uid": "d1"]],
        ]
      ],
      [
        "metadata": [
          "labels": ["pod-template-hash": "new"], "annotations": ["deployment.kubernetes.io/revision": "2"],
          "ownerReferences": [["uid": "d1"]],
        ]
      ],
    ]
    let pods = [Observed.pod("a", hash: "old"), Observed.pod("b", hash: "new"), Observed.pod("c", hash: "new")]
    var mixed = false
    let color = try observe([Observed.deployment()], pods) { reading in
      mixed = reading.isMixed
      reading.replicaSets = sets
    }
    #expect(mixed)
    #expect(color.readyPods == 2)
    #expect(!color.isFullyReady)
  }

  // A pod's container status, and the problem that it is.
  static let problems: [(JSON, [JSON], PodProblem.Kind, String)] = [
    (
      [
        "ready": false, "restartCount": 1, "state": ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 10s"]],
        "lastState": ["terminated": ["exitCode": 3, "reason": "Error"]],
      ], [Observed.unready], .crashLoop, "exit code 3"
    ),
    (["ready": false, "restartCount": 2, "state": ["running": [:]]], [Observed.unready], .crashLoop, "restarted 2 times"),
    (
      ["ready": false, "state": ["waiting": ["reason": "ImagePullBackOff", "message": "Back-off pulling image \"img:1\""]]],
      [Observed.unready],
      .imagePull, "Back-off pulling image"
    ),
    (["ready": false, "state": ["waiting": ["reason": "ErrImagePull"]]], [Observed.unready], .imagePull, "ErrImagePull"),
    (["ready": false, "state": ["waiting": ["reason": "InvalidImageName"]]], [Observed.unready], .configuration, "InvalidImageName"),
    (
      ["ready": false, "state": ["waiting": ["reason": "CreateContainerConfigError", "message": "configmap \"x\" not found"]]],
      [Observed.unready],
      .configuration, "configmap \"x\" not found"
    ),
    (
      ["ready": false],
      [["type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."]],
      .unschedulable, "Insufficient cpu"
    ),
  ]

  @Test("What is wrong with a pod is told in Kubernetes' words", arguments: problems)
  func problem(_ container: JSON, _ conditions: [JSON], _ kind: PodProblem.Kind, _ words: String) throws {
    let color = try observe([Observed.deployment(replicas: 1)], [Observed.pod("a", conditions: conditions, container: container)])
    #expect(color.problems.map(\.kind) == [kind])
    #expect(color.problems.first?.subject == "a")
    #expect(color.problems.first?.reason.contains(words) == true)
  }

  static let healthy: [JSON] = [
    ["ready": true, "restartCount": 5],
    ["ready": false, "restartCount": 1, "state": ["running": [:]]],
    ["ready": false, "state": ["waiting": ["reason": "ContainerCreating"]]],
    ["ready": false, "restartCount": 2, "state": ["terminated": ["exitCode": 0]]],
  ]

  @Test("What may pass by itself is no problem", arguments: healthy)
  func noProblem(_ container: JSON) throws {
    #expect(try observe([Observed.deployment(replicas: 1)], [Observed.pod("a", container: container)]).problems.isEmpty)
  }

  @Test func `A Deployment's own conditions are problems too`() throws {
    let failing = Observed.deployment { json in
      json["status", "conditions"] = [
        ["type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing"],
        ["type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: q"],
      ]
    }
    #expect(try observe([failing], []).problems.map(\.kind) == [.deadline, .notCreated])
    // An image that is still being built is waited for as the plan says, not as the Deployment does.
    let pulling = Observed.pod(
      "a", conditions: [Observed.unready], container: ["ready": false, "state": ["waiting": ["reason": "ErrImagePull"]]])
    #expect(try observe([failing], [pulling]).problems.map(\.kind) == [.notCreated, .imagePull])
  }

  @Test func `A pod that the selector would match without belonging here is a stranger`() throws {
    let selector = LabelQuery(labels: ["app": "web", Label.color: "green"])
    let strays = [
      Observed.pod("by-hand", labels: [Label.service: "", Label.rollout: ""]), Observed.pod("neighbour", labels: [Label.service: "api"]),
      Observed.pod("other", labels: [Label.service: "api", "app": "api"]),
    ]
    let color = try observe([Observed.deployment(replicas: 1)], [Observed.pod("a")] + strays) { $0.selector = selector }
    #expect(color.strangers == ["by-hand", "neighbour"])
  }

  @Test func `Pods that are left over keep a color from being empty, and name their rollout`() throws {
    let going = Observed.pod("a", labels: [Label.rollout: Fixture.otherRollout.text]) {
      $0["metadata", "deletionTimestamp"] = "2026-11-24T00:00:00Z"
    }
    let color = try observe([], [going])
    #expect(!color.isEmpty && color.objects == 1)
    #expect(color.rollouts == [Fixture.otherRollout])
    #expect(try observe([], []).isEmpty)
  }

  @Test func `An environment made by hand is seen by what the Service selects`() throws {
    let byHand = Observed.deployment("web-green") { json in
      json["metadata", "labels"] = nil
      json["spec", "template", "metadata", "labels"] = ["app": "web", Label.color: "green"]
    }
    var neighbour = byHand
    neighbour["metadata", "labels"] = [Label.service: "api"]
    let pods = [
      Observed.pod("a", labels: [Label.service: "", Label.rollout: ""]), Observed.pod("b", labels: [Label.service: "", Label.rollout: ""]),
    ]
    let color = try observe([], pods) { reading in
      reading.selector = LabelQuery(labels: ["app": "web", Label.color: "green"])
      reading.deployments += reading.handMade(in: [byHand, neighbour, Observed.deployment("web-blue")])
    }
    #expect(color.readyPods == 2)
    #expect(color.sizes == ["web": 2])
    #expect(color.strangers == ["a", "b", "web-green"])
  }

  // endpoints in slices, ready pods, converged
  static let endpoints: [([[JSON]], Set<String>, Bool)] = [
    ([[Observed.endpoint("a"), Observed.endpoint("b")]], ["a", "b"], true),
    ([[Observed.endpoint("a")], [Observed.endpoint("b")]], ["a", "b"], true),
    ([[Observed.endpoint("a"), Observed.endpoint("b", ready: false)]], ["a"], true),
    ([[Observed.endpoint("a", ready: nil)]], ["a"], true),
    ([[Observed.endpoint("a")]], ["a", "b"], false),
    ([[Observed.endpoint("a"), Observed.endpoint("old")]], ["a"], false),
    ([[Observed.endpoint("old")], []], ["a"], false),
    ([], ["a"], false),
    ([[]], [], false),
    ([[["addresses": ["10.0.0.9"]]]], ["a"], false),
  ]

  @Test("Traffic has moved when all slices together hold exactly the color's ready pods", arguments: endpoints)
  func converged(_ slices: [[JSON]], _ ready: Set<String>, _ expected: Bool) {
    let objects = slices.enumerated().map { index, endpoints in Observed.slice("s\(index)", endpoints) }
    let pods = Dictionary(uniqueKeysWithValues: ready.map { ($0, Set(["IPv4"])) })
    #expect(EndpointsReading(slices: objects).report(ready: pods, colors: [.green]).converged == expected)
  }

  // endpoints in slices of IPv4, of IPv6, converged; pod c has no IPv6 address
  static let dualStack: [([[JSON]], [[JSON]], Bool)] = [
    ([[Observed.endpoint("a"), Observed.endpoint("c")]], [[Observed.endpoint("a")]], true),
    ([[Observed.endpoint("a")], [Observed.endpoint("c")]], [[], [Observed.endpoint("a")]], true),
    ([[Observed.endpoint("a"), Observed.endpoint("c")]], [[]], false),
    ([[Observed.endpoint("a"), Observed.endpoint("c")]], [[Observed.endpoint("old")]], false),
    ([[Observed.endpoint("a"), Observed.endpoint("c")]], [[Observed.endpoint("a"), Observed.endpoint("old")]], false),
    ([[Observed.endpoint("old")]], [[Observed.endpoint("a")]], false),
    ([[Observed.endpoint("a")]], [[Observed.endpoint("a")]], false),
    // A Service of one family alone.
    ([[Observed.endpoint("a"), Observed.endpoint("c")]], [], true),
  ]

  @Test("Of a dual-stack Service the slices of both families must have followed", arguments: dualStack)
  func dualStackConverged(_ four: [[JSON]], _ six: [[JSON]], _ expected: Bool) {
    let objects =
      four.enumerated().map { Observed.slice("four\($0.offset)", $0.element) }
      + six.enumerated().map { Observed.slice("six\($0.offset)", $0.element, family: "IPv6") }
    let pods: EndpointsReading.Pods = ["a": ["IPv4", "IPv6"], "c": ["IPv4"]]
    #expect(EndpointsReading(slices: objects).report(ready: pods, colors: [.green]).converged == expected)
  }

  // gates in the pod's spec, conditions, the gates that count
  static let gates: [([String], [JSON], [TargetGate])] = [
    ([], [], []), (["example.com/other"], [["type": "example.com/other", "status": "True"]], []),
    (["target-health.elbv2.k8s.aws/k8s-web"], [], [TargetGate(type: "target-health.elbv2.k8s.aws/k8s-web", healthySince: nil)]),
    (
      ["target-health.elbv2.k8s.aws/k8s-web"],
      [["type": "target-health.elbv2.k8s.aws/k8s-web", "status": "False", "lastTransitionTime": "2026-11-24T10:00:00Z"]],
      [TargetGate(type: "target-health.elbv2.k8s.aws/k8s-web", healthySince: nil)]
    ),
    (
      ["cloud.google.com/load-balancer-neg-ready"],
      [["type": "cloud.google.com/load-balancer-neg-ready", "status": "True", "lastTransitionTime": "2026-11-24T10:00:00Z"]],
      [TargetGate(type: "cloud.google.com/load-balancer-neg-ready", healthySince: Timestamp("2026-11-24T10:00:00Z"))]
    ),
  ]

  @Test("Readiness gates that load balancers open are told by their names", arguments: gates)
  func targetGates(_ types: [String], _ conditions: [JSON], _ expected: [TargetGate]) throws {
    let pod = Observed.pod("a", conditions: [Observed.ready] + conditions) {
      $0["spec", "readinessGates"] = .array(types.map { ["conditionType": .string($0)] })
    }
    #expect(PodReading(pod).targetGates == expected)
    #expect(try observe([Observed.deployment(replicas: 1)], [pod]).targetGates == Set(expected.map(\.type)))
  }

  @Test func `Targets are known to be healthy when every pod has a gate and all of them are open`() {
    func pod(_ gates: [Timestamp?]) -> PlacedPod {
      PlacedPod(name: "a", node: nil, isReady: true, targetGates: gates.map { TargetGate(type: "g", healthySince: $0) })
    }
    let (early, late) = (Timestamp(milliseconds: 1000), Timestamp(milliseconds: 2000))
    #expect(Placement(pods: [pod([late]), pod([early, late])]).targetsHealthySince == early)
    #expect(Placement(pods: [pod([late]), pod([])]).targetsHealthySince == nil)
    #expect(Placement(pods: [pod([late]), pod([early, nil])]).targetsHealthySince == nil)
    #expect(Placement().targetsHealthySince == nil)
  }

  @Test func `A pod's address families are read from all its addresses`() {
    let pod = Observed.pod("a") { $0["status", "podIPs"] = [["ip": "10.244.0.9"], ["ip": "fd00::9"]] }
    #expect(PodReading(pod).families == ["IPv4", "IPv6"])
    #expect(PodReading(Observed.pod("b") { $0["status", "podIP"] = "10.244.0.9" }).families == ["IPv4"])
    #expect(PodReading(Observed.pod("c")).families.isEmpty)
  }
}
