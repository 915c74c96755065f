import ClusterDriver
import FoundationEssentials
import KubernetesModel
import PlanFiles
import Testing

/// `jobs/rbac.yaml` grants what the doctor asks for, and nothing else.
@Suite struct RBACTests {
  private static let roles: [String: NeededRight.Place] = [
    "tagflip-state": .state, "tagflip-releaser": .target, "tagflip-probes": .probed, "tagflip-nodes": .nodes,
  ]

  @Test func `jobs/rbac.yaml grants the bot just the rights that it needs`() throws {
    let path = String(#filePath.dropLast("Tests/TagflipCommandsTests/RBACTests.swift".count)) + "jobs/rbac.yaml"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    var granted: [NeededRight.Place: Set<String>] = [:]
    for document in text.split(separator: "\n---\n") {
      let object = try YAMLDocument.json(Array(document.utf8), path: path)
      guard ["Role", "ClusterRole"].contains(object["kind"]?.string),
        let place = object["metadata", "name"]?.string.flatMap({ Self.roles[$0] })
      else { continue }
      for rule in object["rules"]?.array ?? [] { granted[place, default: []].formUnion(Self.names(rule)) }
    }
    for place in NeededRight.Place.allCases {
      let needed = Set(
        NeededRight.all.filter { $0.place == place }.flatMap { right in right.verbs.map { "\($0) \(right.resource).\(right.group)" } })
      #expect(granted[place] == needed, "\(place): \((granted[place] ?? []).symmetricDifference(needed).sorted())")
    }
  }

  private static func names(_ rule: JSON) -> [String] {
    func texts(_ key: String) -> [String] { (rule[key]?.array ?? []).compactMap(\.string) }
    return texts("verbs").flatMap { verb in
      texts("resources").flatMap { resource in texts("apiGroups").map { "\(verb) \(resource).\($0)" } }
    }
  }
}
