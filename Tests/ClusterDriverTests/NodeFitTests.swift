import KubernetesModel
import Testing

@testable import ClusterDriver

// Whether pods find places on nodes that nobody adds to.
@Suite struct NodeFitTests {
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
    /// What the pods' spec says besides a container.
    var pod: JSON = [:]
    /// Pods of other names that run, `node` and `labels` in each, or `spec`.
    var running: [JSON] = []
    let placed: Int
    var why: String?
  }

  /// A pod that runs on a node.
  static func pod(on node: String, labels: [String: String] = [:], namespace: String = "shop", spec: JSON = [:]) -> JSON {
    var spec = spec
    spec["nodeName"] = .string(node)
    return ["metadata": ["namespace": .string(namespace), "labels": JSON(labels)], "spec": spec, "status": ["phase": "Running"]]
  }

  static func zoned(_ name: String, _ zone: String) -> JSON { node(name, cpu: "8") { $0["metadata", "labels", "zone"] = .string(zone) } }

  static func affinity(_ kind: String, _ term: JSON) -> JSON {
    ["affinity": [kind: ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
  }

  static func nodeAffinity(_ term: JSON) -> JSON {
    ["affinity": ["nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [term]]]]]
  }

  static func expression(_ key: String, _ relation: String, _ values: String...) -> JSON {
    ["key": .string(key), "operator": .string(relation), "values": .array(values.map { .string($0) })]
  }

  static func spread(_ edit: (inout JSON) -> Void = { _ in }) -> JSON {
    var rule: JSON = [
      "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": ["matchLabels": ["app": "web"]],
    ]
    edit(&rule)
    return ["topologySpreadConstraints": [rule]]
  }

  static let apart: JSON = ["labelSelector": ["matchLabels": ["app": "web"]], "topologyKey": "host"]

  static func host(_ name: String) -> JSON { node(name, cpu: "8") { $0["metadata", "labels", "host"] = .string(name) } }

  // Three pods `app: web` of 800m each in the namespace shop, beside one of 500m that runs on node a.
  static let resources: [NodeCase] = [
    NodeCase(description: "two nodes hold them", nodes: [node("a"), node("b")], placed: 3),
    NodeCase(
      description: "one node holds one", nodes: [node("a")], placed: 1, why: "1 node lacks cpu (800m needed, at most 700m free)"),
    NodeCase(
      description: "fragments do not add up", nodes: [node("a", cpu: "1200m"), node("b", cpu: "700m"), node("c", cpu: "650m")], placed: 0,
      why: "3 nodes lack cpu (800m needed, at most 700m free)"),
    NodeCase(
      description: "a cordoned node takes none", nodes: [node("b") { $0["spec", "unschedulable"] = true }], placed: 0,
      why: "1 node is cordoned"),
    NodeCase(
      description: "nodes that are not ready take none",
      nodes: ["b", "c"].map { node($0) { $0["status", "conditions"] = [["type": "Ready", "status": "Unknown"]] } }, placed: 0,
      why: "2 nodes are not ready"),
    NodeCase(
      description: "a taint keeps them away",
      nodes: [node("b", cpu: "8") { $0["spec", "taints"] = [["key": "gpu", "value": "yes", "effect": "NoSchedule"]] }], placed: 0,
      why: "1 node has the taint gpu=yes:NoSchedule"),
    NodeCase(
      description: "a toleration lets them in",
      nodes: [node("b", cpu: "8") { $0["spec", "taints"] = [["key": "gpu", "effect": "NoSchedule"]] }],
      pod: ["tolerations": [["key": "gpu", "operator": "Exists"]]], placed: 3),
    NodeCase(
      description: "a taint that is only a preference keeps nobody away",
      nodes: [node("b", cpu: "8") { $0["spec", "taints"] = [["key": "old", "effect": "PreferNoSchedule"]] }], placed: 3),
    NodeCase(
      description: "places for pods run out", nodes: [node("b", cpu: "8") { $0["status", "allocatable", "pods"] = "2" }], placed: 2,
      why: "1 node lacks room for one more pod"),
    NodeCase(
      description: "a host port is taken once",
      nodes: [node("b", cpu: "8")], pod: ["containers": [["ports": [["hostPort": 80]]]]], placed: 1,
      why: "1 node has the host port 80/TCP taken"
    ),
    NodeCase(description: "there is no node", nodes: [], placed: 0, why: "there is no node"),
  ]

  static let choices: [NodeCase] = [
    NodeCase(
      description: "a node selector chooses", nodes: [node("b", cpu: "8")], pod: ["nodeSelector": ["disk": "hdd"]], placed: 0,
      why: "1 node is not among those that its node selector or affinity names"),
    NodeCase(
      description: "required node affinity chooses", nodes: [node("b", cpu: "8"), node("c", cpu: "8")],
      pod: nodeAffinity(["matchExpressions": [expression("disk", "NotIn", "ssd", "nvme")]]), placed: 0,
      why: "2 nodes are not among those that its node selector or affinity names"),
    NodeCase(
      description: "one of several terms is enough, by a label or by name", nodes: [node("b", cpu: "8")],
      pod: [
        "affinity": [
          "nodeAffinity": [
            "requiredDuringSchedulingIgnoredDuringExecution": [
              "nodeSelectorTerms": [
                ["matchExpressions": [expression("disk", "In", "hdd")]], ["matchFields": [expression("metadata.name", "In", "b")]],
              ]
            ]
          ]
        ]
      ], placed: 3),
    NodeCase(
      description: "numbers are compared",
      nodes: [node("b", cpu: "8") { $0["metadata", "labels", "generation"] = "7" }],
      pod: nodeAffinity(["matchExpressions": [expression("generation", "Gt", "7")]]), placed: 0),
    NodeCase(
      description: "a larger number is larger",
      nodes: [node("b", cpu: "8") { $0["metadata", "labels", "generation"] = "10" }],
      pod: nodeAffinity(["matchExpressions": [expression("generation", "Gt", "9"), expression("generation", "Lt", "11")]]), placed: 3),
    NodeCase(description: "a term without a condition chooses nothing", nodes: [node("b", cpu: "8")], pod: nodeAffinity([:]), placed: 0),
  ]

  static let neighbours: [NodeCase] = [
    NodeCase(
      description: "anti-affinity puts one on each host", nodes: [host("a"), host("b")], pod: affinity("podAntiAffinity", apart), placed: 2,
      why: "2 nodes are closed by pod anti-affinity"),
    NodeCase(
      description: "anti-affinity sees pods that run", nodes: [host("a"), host("b"), host("c"), host("d")],
      pod: affinity("podAntiAffinity", apart), running: [pod(on: "b", labels: ["app": "web"])], placed: 3),
    NodeCase(
      description: "pods of another namespace are not meant", nodes: [host("a"), host("b"), host("c")],
      pod: affinity("podAntiAffinity", apart), running: [pod(on: "b", labels: ["app": "web"], namespace: "bank")], placed: 3),
    NodeCase(
      description: "unless the term says so", nodes: [host("a"), host("b"), host("c")],
      pod: affinity("podAntiAffinity", apart.merging(["namespaces": ["bank", "shop"]])),
      running: [pod(on: "b", labels: ["app": "web"], namespace: "bank")], placed: 2),
    NodeCase(
      description: "what runs may want no neighbours either", nodes: [host("a"), host("b")],
      running: [
        pod(on: "a", labels: ["app": "hermit"], spec: affinity("podAntiAffinity", apart)),
        pod(on: "b", labels: ["app": "hermit"], spec: affinity("podAntiAffinity", apart)),
      ], placed: 0, why: "2 nodes are closed by pod anti-affinity"),
    NodeCase(
      description: "affinity wants company that is there", nodes: [host("a"), host("b")],
      pod: affinity("podAffinity", ["labelSelector": ["matchLabels": ["app": "cache"]], "topologyKey": "host"]), placed: 0,
      why: "2 nodes are not where its pod affinity wants it"),
    NodeCase(
      description: "and goes where it is", nodes: [host("a"), host("b")],
      pod: affinity("podAffinity", ["labelSelector": ["matchLabels": ["app": "cache"]], "topologyKey": "host"]),
      running: [pod(on: "b", labels: ["app": "cache"])], placed: 3),
    NodeCase(
      description: "the first of those that want each other's company begins anywhere", nodes: [host("a")],
      pod: affinity("podAffinity", apart), placed: 3),
  ]

  static let spreads: [NodeCase] = [
    NodeCase(
      description: "pods are spread over zones", nodes: [zoned("a", "1"), zoned("b", "2")], pod: spread(), placed: 3),
    NodeCase(
      description: "a zone that takes none holds the others back",
      nodes: [
        zoned("a", "1"),
        node("b") {
          $0["metadata", "labels", "zone"] = "2"; $0["spec", "unschedulable"] = true
        },
      ], pod: spread(),
      placed: 1, why: "1 node is cordoned, 1 node would make its spread over zone too uneven"),
    NodeCase(
      description: "a spread that is only wanted holds nobody back",
      nodes: [
        zoned("a", "1"),
        node("b") {
          $0["metadata", "labels", "zone"] = "2"; $0["spec", "unschedulable"] = true
        },
      ],
      pod: spread { $0["whenUnsatisfiable"] = "ScheduleAnyway" }, placed: 3),
    NodeCase(
      description: "nodes without the zone's label are no places", nodes: [node("b", cpu: "8")], pod: spread(), placed: 0,
      why: "1 node would make its spread over zone too uneven"),
    NodeCase(
      description: "what runs counts", nodes: [zoned("a", "1"), zoned("b", "2")], pod: spread(),
      running: (0..<4).map { _ in pod(on: "a", labels: ["app": "web"]) }, placed: 3),
    NodeCase(
      description: "nodes that its own node selector excludes are no places",
      nodes: [zoned("a", "1"), zoned("b", "2")].map { $0.name == "b" ? $0 : $0.labelled("tier", "web") },
      pod: spread().merging(["nodeSelector": ["tier": "web"]]), placed: 3),
    NodeCase(
      description: "unless it says that they count",
      nodes: [zoned("a", "1"), zoned("b", "2")].map { $0.name == "b" ? $0 : $0.labelled("tier", "web") },
      pod: spread { $0["nodeAffinityPolicy"] = "Ignore" }.merging(["nodeSelector": ["tier": "web"]]), placed: 1),
    NodeCase(
      description: "so many zones there must be", nodes: [zoned("a", "1"), zoned("b", "2")], pod: spread { $0["minDomains"] = 3 }, placed: 2
    ),
    NodeCase(
      description: "pods of another template are not counted", nodes: [zoned("a", "1"), zoned("b", "2")],
      pod: spread {
        $0["matchLabelKeys"] = ["pod-template-hash"]; $0["minDomains"] = 3; $0["maxSkew"] = 2
      },
      running: (0..<2).flatMap { _ in ["a", "b"].map { pod(on: $0, labels: ["app": "web", "pod-template-hash": "old"]) } }, placed: 3),
  ]

  @Test("Pods find places on fixed nodes, or what keeps them away is told", arguments: resources + choices + neighbours + spreads)
  func fit(_ test: NodeCase) {
    let ended: JSON = [
      "spec": ["nodeName": "b", "containers": [HeadroomTests.container(["cpu": "8"])]], "status": ["phase": "Succeeded"],
    ]
    let running = [Self.pod(on: "a", spec: ["containers": [HeadroomTests.container(["cpu": "500m"])]]), ended] + test.running
    var spec = test.pod
    let ports = spec["containers"]?.array?.first?["ports"]
    spec["containers"] = [HeadroomTests.container(["cpu": "800m"]).merging(ports.map { ["ports": $0] } ?? [:])]
    let pod = SchedulablePod(
      namespace: "shop", labels: ["app": "web", "pod-template-hash": "new"], spec: spec, demand: PodDemand(spec: spec), workload: "web")
    var fit = NodeFit(nodes: test.nodes, pods: running)
    let misses = fit.place([pod, pod, pod])
    #expect(3 - (misses["web"]?.count ?? 0) == test.placed)
    if let why = test.why { #expect(misses["web"]?.why == why) }
  }
}

extension JSON {
  /// With the members of another object.
  fileprivate func merging(_ other: JSON) -> JSON {
    .object((object ?? [:]).merging(other.object ?? [:]) { _, new in new })
  }

  fileprivate func labelled(_ key: String, _ value: String) -> JSON {
    var json = self
    json["metadata", "labels", key] = .string(value)
    return json
  }
}
