import KubernetesModel
import PlanFiles
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// Kubeconfigs and other foreign YAML, bent at random: what is read is what stands there, and what is not is said with its place.
@Suite(.onOwnThread) struct YAMLFuzzTests {
  static let config = """
    apiVersion: v1
    kind: Config
    current-context: &name one   # a comment
    clusters:
    - name: c
      cluster:
        server: "https://h:6443"
        certificate-authority-data: >-
          Q0E=
          Q0E=
    contexts: [{name: *name, context: {cluster: c, user: u}}]
    users:
    - name: u
      user:
        token: |
          s3cret
        'client-key': "\\u00e4\\n"
    """

  private static let insertions = [
    "\t", "\n", ": ", "- ", "*x", "&x ", "!!binary ", "{", "]", "\"", "'", "|", "%YAML 9.9\n", "---\n", "\u{FEFF}", "<<: ",
  ]

  @Test(arguments: 1...600) func `bent YAML is read or refused with a place in it`(seed: Int) {
    var bender = ByteBender(UInt64(seed), inserting: Self.insertions, longestPiece: 8)
    let bytes = seed == 1 ? Array(Self.config.utf8) : bender.bent(Array(Self.config.utf8))
    do throws(PortError) {
      let json = try YAMLDocument.json(bytes, path: "config")
      // Reading has no moods.
      #expect(try YAMLDocument.json(bytes, path: "config") == json)
      #expect(seed > 1 || json["users"]?[0]?["user", "token"] == "s3cret\n" && json["contexts"]?[0]?["name"] == "one")
    } catch {
      #expect(seed > 1 && error.kind == .configuration && error.location?.file == "config" && !error.reason.isEmpty)
      // libyaml counts the end of the text as a line of its own.
      if let line = error.location?.line { #expect((0...bytes.count { $0 == 0x0A || $0 == 0x0D } + 2).contains(line)) }
    }
  }

  // Where something stands

  @Test(
    arguments: [
      (["users", "0", "user", "token"], 15, 12), (["users", "0", "user", "client-key"], 17, 19),
      (["clusters", "0", "cluster", "server"], 7, 13),
      (["contexts", "0", "context", "user"], 11, 54), (["users", "0", "user", "none"], 15, 5), (["users", "7"], 13, 1), ([], 1, 1),
    ] as [([String], Int, Int)])
  func `a value's place is its line and column, or those of what is around it`(place: [String], line: Int, column: Int) throws {
    let location = try #require(YAMLDocument.location(of: place, in: Array(Self.config.utf8), path: "config"))
    #expect(location == SourceLocation(file: "config", line: line, column: column))
    #expect(YAMLDocument.location(of: place, in: Array("{".utf8), path: "config") == nil)
  }

  // What tools write is often JSON, which is YAML too.

  private static func value(_ random: inout Seeded, depth: Int = 0) -> JSON {
    let texts = [
      "", "yes", "null", "~", "1", "1e3", "0x1F", "1:30", "a: b", "# x", "*a", "&a", "<<", "- x", "{", "| ", "two\nlines", " edge ", "ü世界",
      "\"", "\\",
      "2026-01-02", "true", "\t", "=", "!!int 1",
    ]
    switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &random) {
    case 0: return .null
    case 1: return .bool(random.flips(0.5))
    case 2: return .int(Int64(truncatingIfNeeded: random.next() >> random.next() % 64))
    case 3, 4: return .string(texts.randomElement(using: &random) ?? "")
    case 5: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
    default:
      let keys = Set((0..<Int.random(in: 0...4, using: &random)).map { _ in texts.randomElement(using: &random) ?? "" })
      return .object(Dictionary(uniqueKeysWithValues: keys.sorted().map { ($0, value(&random, depth: depth + 1)) }))
    }
  }

  @Test(arguments: 1...300) func `JSON is the same whether it is read as JSON or as YAML`(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let document: JSON = ["value": Self.value(&random)]
    let bytes = document.bytes
    #expect(try YAMLDocument.json(bytes, path: "x") == document)
    // The first byte decides which reader it is.
    #expect(try YAMLDocument.json([0x0A] + bytes, path: "x") == document)
  }
}
