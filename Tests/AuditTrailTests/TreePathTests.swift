import Digests
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// Where things lie in the audit branch's tree.
@Suite(.onOwnThread) struct TreePathTests {
  let web = Samples("web")

  static let names: [(String, String)] = [
    ("web/v1.0.0", "web%2Fv1.0.0.json"), ("v1.0.0", "v1.0.0.json"), ("web%2Fv1.0.0", "web%252Fv1.0.0.json"),
    ("web/v1.0.0+build_7-x", "web%2Fv1.0.0+build_7-x.json"), ("größe", "gr%C3%B6%C3%9Fe.json"), ("日本", "%E6%97%A5%E6%9C%AC.json"),
    ("a'b\"c$(d)`e`;f&|g", "a%27b%22c%24%28d%29%60e%60%3Bf%26%7Cg.json"), ("A", "A.json"), ("a", "a.json"),
    ("CON", "CON.json"), ("x.git", "x.git.json"), ("\u{202E}evil", "%E2%80%AEevil.json"),
  ]

  @Test(arguments: names)
  func `a tag's name becomes one component that every file system can hold`(_ name: String, _ file: String) {
    let folder = Digest(of: name.utf8).hex.prefix(2)
    #expect(AuditTree.tag(web.service, name) == "services/web/tags/\(folder)/\(file)")
  }

  @Test func `different names never share a path, and long ones are named by their digest`() {
    let long = String(repeating: "x", count: 300)
    let all = Self.names.map(\.0) + ["%2F", "/", "%", "%25", long, long + "y", Digest(of: long.utf8).hex + ".0"]
    #expect(Set(all.map { AuditTree.tag(web.service, $0) }).count == all.count)
    #expect(AuditTree.tag(web.service, long).hasSuffix("/\(Digest(of: long.utf8).hex).json"))
    #expect(AuditTree.tag(web.service, String(repeating: "/", count: 66)).hasSuffix(String(repeating: "%2F", count: 66) + ".json"))
    #expect(AuditTree.tag(web.service, String(repeating: "/", count: 67)).utf8.count < 120)
  }

  static let sequences = [(1, "0000/0000001"), (999, "0000/0000999"), (1000, "0001/0001000"), (9_999_999, "9999/9999999")]

  @Test(arguments: sequences) func `a thousand records to a folder, in the order of their names`(_ sequence: Int, _ path: String) {
    #expect(AuditTree.record(web.service, sequence) == "services/web/records/\(path).json")
  }

  /// The files of one service with so many records: half of them plans, each on a tag of its own, each other one its promotion.
  private func paths(_ records: Int) throws -> [String] {
    var paths = [AuditTree.head(web.service), AuditTree.noted(web.service)]
    for sequence in 1...records {
      let rollout = RolloutID(random: UInt64(sequence / 2))
      paths.append(AuditTree.record(web.service, sequence))
      paths.append(AuditTree.key(web.service, sequence.isMultiple(of: 2) ? .plan(of: rollout) : .outcome(of: rollout)))
      paths.append(
        sequence.isMultiple(of: 2)
          ? AuditTree.tag(web.service, "web/v1.\(sequence / 100).\(sequence % 100)") : AuditTree.attestation(web.service, sequence))
    }
    return paths
  }

  // Forges stop showing folders beyond a thousand entries, and a folder is written anew for each file that it gets.
  @Test func `at a hundred thousand records of one service no folder has more than a thousand entries`() throws {
    var folders: [Substring: Set<Substring>] = [:]
    for path in try paths(100_000) {
      var path = path[...]
      while let slash = path.lastIndex(of: "/") {
        folders[path[..<slash], default: []].insert(path[path.index(after: slash)...])
        path = path[..<slash]
      }
    }
    let fullest = try #require(folders.max { $0.value.count < $1.value.count })
    #expect(fullest.value.count == 1000, "\(fullest.key) has \(fullest.value.count)")
    func most(in part: String) -> Int { folders.filter { $0.key.hasPrefix("services/web/\(part)/") }.map(\.value.count).max() ?? 0 }
    #expect(most(in: "records") == 1000 && most(in: "attestations") == 500)
    // A 256th, give or take what chance does.
    #expect((391...480).contains(most(in: "keys")) && (196...260).contains(most(in: "tags")), "\(most(in: "keys")), \(most(in: "tags"))")
    #expect(folders["services/web/keys"]?.count == 256 && folders["services/web/records"]?.count == 101)
  }

  @Test func `git stores what is decided on tags of any name`() async throws {
    let bench = try AuditBench()
    let names = Self.names.map(\.0) + [String(repeating: "ä", count: 300), String(repeating: "y/", count: 149) + "yy"]
    var records: [AuditRecord] = []
    for (index, name) in names.enumerated() {
      let facts = web.facts(web.tag("1.\(index).0", name: name))
      records.append(try web.plan("1.\(index).0", rollout: UInt64(index), facts: facts))
    }
    _ = try await bench.log.append(records, expecting: 0)
    try bench.audit("web")
    let tags = records.compactMap { $0.tag?.tag }
    let ledger = try await bench.log.ledger(of: web.service, tags: tags)
    #expect(ledger.decisions.count == names.count)
    for tag in tags { #expect(ledger.decisions[tag.name]?.object == tag.object) }
    let longest = try bench.files().flatMap { $0.split(separator: "/") }.map(\.utf8.count).max()
    #expect(try #require(longest) <= 255)
  }
}
