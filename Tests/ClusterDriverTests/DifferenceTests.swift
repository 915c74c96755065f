import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// How two colors differ, as a person reads it.
@Suite struct DifferenceTests {
  /// What the server would hold of an environment.
  private func live(_ objects: [JSON], _ version: String = "1.3.0") throws -> [EnvironmentKind: [String: JSON]] {
    var live: [EnvironmentKind: [String: JSON]] = [:]
    for object in try AppliedObject.all(
      try Fixture.render(objects, .blue, version: version), rollout: Fixture.otherRollout, sizes: ["web": 7])
    {
      var json = object.json
      json["metadata", "uid"] = "1"
      json["metadata", "resourceVersion"] = "2"
      json["metadata", "managedFields"] = []
      json["status"] = ["replicas": 7]
      if object.kind == .service { json["spec", "clusterIP"] = "10.0.0.1" }
      live[object.kind, default: [:]][Color.blue.plainName(json.name)] = json
    }
    return live
  }

  private func lines(from old: [JSON], to new: [JSON], version: String = "1.4.0") throws -> [String] {
    let after = try AppliedObject.all(try Fixture.render(new, .green, version: version), rollout: nil, sizes: ["web": 2])
    return EnvironmentDifference(before: try live(old), live: .blue, after: after, color: .green).lines
  }

  @Test func `Only color, size and bookkeeping differ: no difference`() throws {
    let objects = [
      Fixture.deployment { $0["spec", "template", "spec", "volumes"] = [["name": "c", "configMap": ["name": "web"]]] }, Fixture.configMap(),
      Fixture.secret(), Fixture.autoscaler(), Fixture.innerService(), Fixture.budget(),
    ]
    #expect(try lines(from: objects, to: objects, version: "1.3.0") == ["no difference from blue"])
  }

  @Test func `What changed is shown with its surroundings`() throws {
    let old = [Fixture.deployment(), Fixture.configMap(data: ["A": "1", "B": "x\ny"]), Fixture.configMap("gone")]
    let new = [Fixture.deployment(), Fixture.configMap(data: ["A": "2", "B": "x\nz"]), Fixture.configMap("fresh")]
    let expected = """
      +++ ConfigMap fresh (green): new
      +data:
      +  GREETING: hello
      +metadata:
      +  name: fresh
      --- ConfigMap web (blue)
      +++ ConfigMap web (green)
      @@
       data:
      -  A: "1"
      +  A: "2"
         B: |
           x
      -    y
      +    z
       metadata:
         name: web
      --- Deployment web (blue)
      +++ Deployment web (green)
      @@
           spec:
             containers:
      -      - image: registry.example/web:1.3.0
      +      - image: registry.example/web:1.4.0
               name: web
               ports:
      --- ConfigMap gone (blue): not part of this version
      """
    let found = try lines(from: old, to: new)
    #expect(found.joined(separator: "\n") == expected)
  }

  @Test func `A Secret's values are never shown, only that they changed`() throws {
    let old = [Fixture.deployment(), Fixture.secret(password: "hunter2")]
    let new = [Fixture.deployment(), Fixture.secret(password: "correct horse"), Fixture.secret("fresh", password: "battery staple")]
    let text = try lines(from: old, to: new).joined(separator: "\n")
    for word in ["hunter2", "correct", "horse", "battery", "staple"] { #expect(!text.contains(word)) }
    #expect(text.contains("-  password: (hidden, before)") && text.contains("+  password: (hidden, after)"))
    #expect(text.contains("+  password: (hidden)"))
    let same = try lines(from: old, to: old, version: "1.3.0")
    #expect(same == ["no difference from blue"])
  }

  @Test func `What kubectl wrote down of a Secret is not shown either`() throws {
    var secret = Fixture.secret()
    secret["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"] = "correct horse"
    #expect(try !lines(from: [Fixture.deployment()], to: [Fixture.deployment(), secret]).joined().contains("horse"))
  }

  @Test func `Escape sequences in a value do not reach the terminal, and a long difference is cut`() throws {
    let noisy = Fixture.configMap(data: ["A": "\u{1B}[2Jx\n" + Array(repeating: "line", count: 1000).joined(separator: "\n")])
    let found = try lines(from: [Fixture.deployment()], to: [Fixture.deployment(), noisy])
    #expect(!found.joined().contains("\u{1B}"))
    #expect(found.count == EnvironmentDifference.longest + 1)
    #expect(found.last?.hasPrefix("… and ") == true)
  }

  // old, new, unified
  static let texts: [([String], [String], [String])] = [
    ([], [], []), (["a"], ["a"], []), ([], ["a"], ["@@", "+a"]), (["a"], [], ["@@", "-a"]), (["a"], ["b"], ["@@", "-a", "+b"]),
    (
      ["1", "2", "3", "4", "5", "6", "7", "8"], ["1", "2", "3", "x", "5", "6", "7", "8"],
      ["@@", " 2", " 3", "-4", "+x", " 5", " 6"]
    ),
    (
      ["1", "2", "3", "4", "5", "6", "7", "8", "9"], ["0", "1", "2", "3", "4", "5", "6", "7", "8"],
      ["@@", "+0", " 1", " 2", "@@", " 7", " 8", "-9"]
    ),
  ]

  @Test("Texts are compared line by line", arguments: texts)
  func difference(_ old: [String], _ new: [String], _ expected: [String]) {
    #expect(LineDifference(from: old, to: new).unified == expected)
  }

  // What the Service makes of an environment's Deployments.
  @Test func `A Deployment that the Service does not select, and a port that no container has, are objections`() throws {
    var service = Fixture.activeService("blue")
    service["spec", "ports"] = [["port": 80, "targetPort": "metrics"], ["port": 81, "targetPort": 8080]]
    let objects = try AppliedObject.all(
      try Fixture.render([Fixture.deployment(), Fixture.deployment("worker")]), rollout: nil, sizes: [:])
    let objections = ServiceFit(service: service, color: .green).objections(to: objects)
    #expect(objections.count == 2)
    #expect(objections[0].hasPrefix("Deployment worker-green: the Service web does not select its pods (it selects app=web)"))
    #expect(objections[1].contains("container port \"metrics\", which no container has"))
    #expect(ServiceFit(service: Fixture.activeService("blue"), color: .green).objections(to: [objects[0]]).isEmpty)
  }
}
