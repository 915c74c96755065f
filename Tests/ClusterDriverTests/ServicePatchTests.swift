import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

@Suite struct ServicePatchTests {
  private func seen(_ selection: Selection, _ marker: Marker, isAnnotated: Bool = true) -> ActiveService {
    let address = ServiceAddress(namespace: "shop", name: "web", clusterIP: "10.0.0.1", ports: [])
    var selector = ["app": "web"]
    switch selection {
    case .color(let color): selector[Marker.colorLabel] = color.rawValue
    case .both: selector[Marker.serviceLabel] = "web"
    case .nothing: selector[Marker.colorLabel] = Marker.noColor
    case .uncolored: break
    case .foreign(let text): selector[Marker.colorLabel] = text
    }
    return ActiveService(
      uid: "u", resourceVersion: "7", selection: selection, selector: selector, marker: marker, address: address, isAnnotated: isAnnotated)
  }

  private static let adoption = Adoption(
    color: .blue, deployment: "web", uid: "d", selector: ["app": "web"], narrowing: ["pod-template-hash": "57d9"])

  private func selectorOperations(_ seen: ActiveService, _ change: SelectorChange, _ marker: Marker) throws -> [JSON] {
    try ServicePatch(seen: seen, selector: change, marker: marker).operations.map(\.json).filter {
      $0["path"]?.string?.hasPrefix("/spec/selector") == true
    }
  }

  @Test func `Adopting narrows the whole selector, and tests that it is as it was seen`() throws {
    let found = try selectorOperations(
      seen(.uncolored, Marker()), .color(.blue), Marker(fence: 1, run: "run-a", adoption: Self.adoption))
    #expect(
      found == [
        ["op": "test", "path": "/spec/selector", "value": ["app": "web"]],
        ["op": "replace", "path": "/spec/selector", "value": ["app": "web", "pod-template-hash": "57d9"]],
      ])
  }

  @Test func `A flip away from what was adopted gives the selector its color, one back to it takes it, and leaving restores it`() throws {
    let marker = Marker(fence: 3, run: "run-a", adoption: Self.adoption)
    var live = seen(.color(.blue), marker)
    live.selector = Self.adoption.narrowed
    let away = try selectorOperations(live, .color(.green), marker)
    #expect(away.last == ["op": "replace", "path": "/spec/selector", "value": ["app": "web", "tagflip.dev/color": "green"]])
    #expect(away.first == ["op": "test", "path": "/spec/selector", "value": ["app": "web", "pod-template-hash": "57d9"]])
    let back = try selectorOperations(seen(.color(.green), marker), .color(.blue), marker)
    #expect(back.last == ["op": "replace", "path": "/spec/selector", "value": ["app": "web", "pod-template-hash": "57d9"]])
    let left = try selectorOperations(live, .whole(Self.adoption.selector), Marker(fence: 4))
    #expect(left.last == ["op": "replace", "path": "/spec/selector", "value": ["app": "web"]])
  }

  @Test func `The color that was adopted and is built anew is selected by its label`() throws {
    let before = Marker(fence: 3, run: "run-a", adoption: Self.adoption)
    let found = try selectorOperations(seen(.color(.green), before), .color(.blue), Marker(fence: 4, run: "run-a"))
    #expect(found.last == ["op": "replace", "path": "/spec/selector/tagflip.dev~1color", "value": "blue"])
  }

  @Test func `A flip tests uid, version, color and marker, and changes selector and marker together`() throws {
    let before = Marker(fence: 3, run: "run-a", rollout: Fixture.otherRollout, version: try Fixture.version("1.3.0"))
    let after = Marker(
      fence: 4, run: "run-b", rollout: Fixture.rollout, version: try Fixture.version(),
      standby: Marker.Standby(color: .blue, version: try Fixture.version("1.3.0"), temperature: .warm))
    let patch = try ServicePatch(seen: seen(.color(.blue), before), selector: .color(.green), marker: after)
    let expected: JSON = [
      ["op": "test", "path": "/metadata/uid", "value": "u"],
      ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
      ["op": "test", "path": "/spec/selector/tagflip.dev~1color", "value": "blue"],
      ["op": "test", "path": "/metadata/annotations/tagflip.dev~1fence", "value": "3"],
      ["op": "test", "path": "/metadata/annotations/tagflip.dev~1rollout", "value": .string(Fixture.otherRollout.text)],
      ["op": "test", "path": "/metadata/annotations/tagflip.dev~1run", "value": "run-a"],
      ["op": "test", "path": "/metadata/annotations/tagflip.dev~1version", "value": "1.3.0"],
      ["op": "replace", "path": "/spec/selector/tagflip.dev~1color", "value": "green"],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1fence", "value": "4"],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1rollout", "value": .string(Fixture.rollout.text)],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1run", "value": "run-b"],
      [
        "op": "add", "path": "/metadata/annotations/tagflip.dev~1standby",
        "value": #"{"color":"blue","temperature":"warm","version":"1.3.0"}"#,
      ],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1version", "value": "1.4.0"],
    ]
    #expect(JSON.array(patch.operations.map(\.json)) == expected)
  }

  @Test func `Both colors are reached by the service's label in place of the color's, and one alone by its color again`() throws {
    let service = try Fixture.target().service
    let marker = Marker(fence: 3, run: "run-a")
    let opened = try selectorOperations(seen(.color(.blue), marker), .both(service), marker)
    #expect(
      opened == [
        ["op": "test", "path": "/spec/selector/tagflip.dev~1color", "value": "blue"],
        ["op": "replace", "path": "/spec/selector", "value": ["app": "web", "tagflip.dev/service": .string(service.text)]],
      ])
    for color in Color.allCases {
      let alone = try selectorOperations(seen(.both, marker), .color(color), marker)
      #expect(
        alone == [
          ["op": "test", "path": "/spec/selector", "value": ["app": "web", "tagflip.dev/service": "web"]],
          ["op": "replace", "path": "/spec/selector", "value": ["app": "web", "tagflip.dev/color": .string(color.rawValue)]],
        ])
    }
  }

  @Test func `A Service is never left to select by a color alone`() throws {
    var both = seen(.both, Marker(fence: 3))
    both.selector = [Marker.serviceLabel: "web"]
    let alone = try selectorOperations(both, .color(.green), Marker(fence: 4))
    #expect(
      alone.last == ["op": "replace", "path": "/spec/selector", "value": ["tagflip.dev/service": "web", "tagflip.dev/color": "green"]])
  }

  @Test func `A first marker makes the annotations where there are none, and tests none`() throws {
    let patch = try ServicePatch(
      seen: seen(.nothing, Marker(), isAnnotated: false), selector: nil, marker: Marker(fence: 1, run: "run-a"))
    let expected: JSON = [
      ["op": "test", "path": "/metadata/uid", "value": "u"],
      ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
      ["op": "test", "path": "/spec/selector/tagflip.dev~1color", "value": "none"],
      ["op": "add", "path": "/metadata/annotations", "value": [:]],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1fence", "value": "1"],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1run", "value": "run-a"],
    ]
    #expect(JSON.array(patch.operations.map(\.json)) == expected)
  }

  @Test func `What the marker loses is removed, and a withdrawal selects none`() throws {
    let before = Marker(fence: 3, run: "run-a", rollout: Fixture.rollout, version: try Fixture.version())
    let patch = try ServicePatch(
      seen: seen(.color(.blue), before), selector: .nothing, marker: Marker(fence: 4, run: "run-a"))
    let operations = patch.operations.map(\.json)
    #expect(operations.contains(["op": "replace", "path": "/spec/selector/tagflip.dev~1color", "value": "none"]))
    #expect(operations.contains(["op": "remove", "path": "/metadata/annotations/tagflip.dev~1rollout"]))
    #expect(operations.contains(["op": "remove", "path": "/metadata/annotations/tagflip.dev~1version"]))
    #expect(!operations.contains { $0["op"] == "remove" && $0["path"]?.string?.hasSuffix("standby") == true })
  }

  // A Service that nothing may be released to, and the words that follow "Service shop/web".
  static let objections: [(JSON, String)] = [
    (["spec": ["type": "ExternalName", "externalName": "x.example"]], "is of type ExternalName"),
    (["spec": ["clusterIP": "None", "selector": ["app": "web", "tagflip.dev/color": "blue"]]], "is headless"),
    (
      ["spec": ["publishNotReadyAddresses": true, "selector": ["app": "web", "tagflip.dev/color": "blue"]]],
      "publishes addresses that are not ready"
    ),
    (["spec": [:]], "has no selector"),
    (["spec": ["selector": ["tagflip.dev/color": "blue"]]], "selects by tagflip.dev/color alone"),
    (
      ["metadata": ["deletionTimestamp": "2026-11-24T00:00:00Z"], "spec": ["selector": ["app": "web"]]],
      "is being deleted: once it is gone, make it anew"
    ),
  ]

  @Test("A Service that cannot be released to says why", arguments: objections)
  func objection(_ json: JSON, _ words: String) throws {
    let service = try ServiceReading(json: json).activeService(Fixture.target())
    #expect(service.objection?.hasPrefix(words) == true)
  }

  @Test func `A selector with the service's own label and no color reaches both colors, with another's it does not`() throws {
    let target = try Fixture.target()
    for (owner, expected) in [("web", Selection.both), ("other", .uncolored)] {
      let json: JSON = ["spec": ["selector": ["app": "web", "tagflip.dev/service": .string(owner)]]]
      #expect(try ServiceReading(json: json).activeService(target).selection == expected)
      #expect(ServiceReading(json: json).selector(of: .green) == ["app": "web", "tagflip.dev/color": "green"])
    }
  }

  static let selections: [(JSON, Selection)] = [
    ("blue", .color(.blue)), ("green", .color(.green)), ("none", .nothing), ("red", .foreign("red")), (.null, .uncolored),
  ]

  @Test("The selector's color is read as it is", arguments: selections)
  func selection(_ color: JSON, _ expected: Selection) throws {
    let json: JSON = ["spec": ["selector": ["app": "web", "tagflip.dev/color": color]]]
    #expect(try ServiceReading(json: json).activeService(Fixture.target()).selection == expected)
  }

  // What a Service says of its traffic policies, and which of them keep users on their node.
  static let policies: [(JSON, [String])] = [
    ([:], []), (["externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster"], []),
    (["externalTrafficPolicy": "Local", "internalTrafficPolicy": "Cluster"], ["externalTrafficPolicy"]),
    (["externalTrafficPolicy": "Local", "internalTrafficPolicy": "Local"], ["externalTrafficPolicy", "internalTrafficPolicy"]),
  ]

  @Test("Traffic policies that keep users on their node are told by name", arguments: policies)
  func localPolicies(_ spec: JSON, _ expected: [String]) throws {
    #expect(try ServiceReading(json: ["spec": spec]).activeService(Fixture.target()).localPolicies == expected)
  }

  // A Service's type and annotations, and what in them speaks for a load balancer that sends to pods' own addresses.
  static let balancers: [(String, [String: String], [String])] = [
    ("LoadBalancer", [:], []),
    (
      "LoadBalancer", ["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip"],
      ["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip"]
    ),
    (
      "LoadBalancer",
      [
        "service.beta.kubernetes.io/aws-load-balancer-type": "external",
        "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "instance",
      ], []
    ),
    (
      "LoadBalancer", ["service.beta.kubernetes.io/aws-load-balancer-type": "external"],
      ["service.beta.kubernetes.io/aws-load-balancer-type: external"]
    ),
    (
      "LoadBalancer", ["service.beta.kubernetes.io/aws-load-balancer-type": "nlb-ip"],
      ["service.beta.kubernetes.io/aws-load-balancer-type: nlb-ip"]
    ),
    ("LoadBalancer", ["service.beta.kubernetes.io/aws-load-balancer-type": "nlb"], []),
    ("ClusterIP", ["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip"], []),
    ("ClusterIP", ["alb.ingress.kubernetes.io/target-type": "ip"], ["alb.ingress.kubernetes.io/target-type: ip"]),
    ("ClusterIP", ["alb.ingress.kubernetes.io/target-type": "instance"], []),
    ("ClusterIP", ["cloud.google.com/neg": "{\"ingress\": true}"], ["cloud.google.com/neg: {\"ingress\": true}"]),
    ("ClusterIP", ["cloud.google.com/neg": "{\"exposed_ports\": {\"80\":{}}}"], ["cloud.google.com/neg: {\"exposed_ports\": {\"80\":{}}}"]),
    ("ClusterIP", ["cloud.google.com/neg": "{\"ingress\": false}"], []),
    ("ClusterIP", ["cloud.google.com/neg": "yes"], ["cloud.google.com/neg: yes"]),
    ("ClusterIP", ["cloud.google.com/neg-status": "{}"], ["cloud.google.com/neg-status: {}"]),
  ]

  @Test("Load balancers that send to pods' own addresses are told by the Service's annotations", arguments: balancers)
  func podBalancers(_ type: String, _ annotations: [String: String], _ expected: [String]) throws {
    let json: JSON = ["metadata": ["annotations": JSON(annotations)], "spec": ["type": .string(type)]]
    #expect(try ServiceReading(json: json).activeService(Fixture.target()).podBalancers == expected)
  }

  @Test func `TargetGroupBindings of the Service tell of load balancers that send to pods' own addresses`() {
    func binding(_ name: String, _ spec: JSON) -> JSON { ["metadata": ["name": .string(name)], "spec": spec] }
    let bindings = [
      binding("edge", ["serviceRef": ["name": "web", "port": 80], "targetType": "ip"]),
      binding("nodes", ["serviceRef": ["name": "web", "port": 80], "targetType": "instance"]),
      binding("unsaid", ["serviceRef": ["name": "web", "port": "http"]]),
      binding("other", ["serviceRef": ["name": "api", "port": 80], "targetType": "ip"]), binding("broken", .null),
    ]
    #expect(PodBalancerSigns.bindings(bindings, of: "web") == ["TargetGroupBinding edge", "TargetGroupBinding unsaid"])
  }

  @Test func `The last writer of the selector is told from managedFields`() throws {
    let json: JSON = [
      "metadata": [
        "managedFields": [
          ["manager": "kubectl-create", "time": "2026-11-24T10:00:00Z", "fieldsV1": ["f:spec": ["f:selector": [:], "f:ports": [:]]]],
          ["manager": "kubectl-edit", "time": "2026-11-24T11:00:00Z", "fieldsV1": ["f:spec": ["f:selector": [:]]]],
          ["manager": "tagflip", "time": "2026-11-24T12:00:00Z", "fieldsV1": ["f:metadata": ["f:annotations": [:]]]],
        ]
      ]
    ]
    #expect(try ServiceReading(json: json).activeService(Fixture.target()).selectorManager == "kubectl-edit")
  }

  @Test func `An annotation that somebody wrote by hand is an error that says how to put it right`() throws {
    let json: JSON = ["metadata": ["annotations": ["tagflip.dev/fence": "many"]]]
    let error = try #require(throws: PortError.self) { try ServiceReading(json: json).activeService(Fixture.target()) }
    #expect(error.kind == .invalid)
    #expect(error.reason.contains("tagflip.dev/fence"))
    #expect(error.hint?.contains("annotate service web --overwrite tagflip.dev/fence=") == true)
  }
}
