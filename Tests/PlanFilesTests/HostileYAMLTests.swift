import KubernetesModel
import PlanFiles
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// Files that are written to hurt: who can push a tag can put any bytes into a plan and its manifests. Nothing of it ends the process.
@Suite(.onOwnThread) struct HostileYAMLTests {
  /// `a0` is a value, `a1` a list of `width` times `a0`, and so on.
  private static func laughs(_ levels: Int, _ width: Int) -> String {
    let lines = (1...levels).map { level in
      "  a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: width).joined(separator: ", "))]\n"
    }
    return "data:\n  a0: &a0 ha\n" + lines.joined()
  }

  /// Each anchor nests the one before by some levels more.
  private static func stairs(_ count: Int, _ levels: Int) -> String {
    let (open, close) = (String(repeating: "[", count: levels), String(repeating: "]", count: levels))
    return "s0: &s0 x\n" + (1...count).map { "s\($0): &s\($0) \(open)*s\($0 - 1)\(close)\n" }.joined()
  }

  private static func nested(_ open: String, _ close: String, _ count: Int) -> String {
    String(repeating: open, count: count) + String(repeating: close, count: count)
  }

  /// Known by its name: megabytes of text would be spelled in the tests' log, which holds up all other tests for minutes.
  struct Bomb: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    /// What the refusal says; empty where no two readers say the same.
    let says: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ says: String) { (self.name, self.text, self.says) = (name, text, says) }
  }

  static let bombs: [Bomb] = [
    Bomb("billion laughs", laughs(9, 10), "unfolds to more than"), Bomb("two by two", laughs(64, 2), "unfolds to more than"),
    Bomb("one by one, deep", stairs(20, 90), "nested deeper than 100 levels"),
    Bomb("as a key", laughs(9, 10) + "  ? *a9\n  : x\n", "unfolds to more than"),
    Bomb("a list as a key", "? [a, b]\n: c\n", "a key must be a text"),
    Bomb("a mapping as a key", "{{a: b}: c}", "a key must be a text"),
    Bomb("an alias as a key", "a: &a b\n*a : c\n", "a key must be a text"),
    Bomb("a merge key", "a: &a {b: c}\nd: {<<: *a}\n", "merge keys (<<) are not supported"),
    Bomb("an unknown alias", "a: *nowhere\n", "not valid YAML"), Bomb("an alias to itself", "a: &a [*a]\n", "not valid YAML"),
    Bomb("deep lists", nested("[", "]", 5000), "nest"), Bomb("deep mappings", nested("{a: ", "}", 5000), "nest"),
    Bomb("deep lists without an end", String(repeating: "[", count: 500_000), "nest"),
    Bomb("deep mappings without an end", String(repeating: "{", count: 500_000), "nest"),
    Bomb("deep dashes", String(repeating: "- ", count: 5000) + "x", "nest"),
    Bomb("deep questions", String(repeating: "? ", count: 5000) + "x", "nest"),
    Bomb("deep indents", (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "nest"),
    Bomb("101 levels", nested("[", "]", 101), "nested deeper"),
    Bomb("many values", "[" + String(repeating: "0,", count: 100_001) + "0]", "unfolds to more than"),
    Bomb("many documents", String(repeating: "--- x\n", count: 100_001), "unfolds to more than"),
    Bomb("10 MB", String(repeating: "a: bcdefg\n", count: 1_000_000), "longer than 1048576 bytes"),
    Bomb("a null character", "a: \u{0}\n", "not valid YAML"),
    Bomb("a tag of another language", "!!python/object/apply:os.system [\"true\"]\n", ""),
  ]

  @Test(arguments: bombs)
  func `a file that is made to hurt is refused as a plan, as settings, as a catalog, as a manifest and as a kubeconfig`(
    _ bomb: Bomb
  ) async {
    let start = ContinuousClock.now
    let bytes = Array(bomb.text.utf8)
    var all: [String] = []
    if bytes.count < 100_000 {
      all.append(await refusal { () throws(PortError) in try SettingsFile.settings(bytes, path: "tagflip.yaml") })
    }
    // What is large is read once only: other suites wait for the same two cores.
    let paths = ["services/web/manifests/web.yaml", "services/web/cutover.yaml", "tagflip.yaml"].prefix(bytes.count < 100_000 ? 3 : 1)
    for path in paths {
      all.append(await refusal { () async throws(PortError) in try await MemoryFiles([path: bomb.text]).blueprint() })
    }
    for words in all { #expect(!words.isEmpty && words.contains(bomb.says), "\(bomb.name): \(words.prefix(300))") }
    if !bomb.says.isEmpty, bytes.count < 100_000 {
      let words = await refusal { () throws(PortError) in try YAMLDocument.json([0x0A] + bytes, path: "kubeconfig") }
      #expect(words.contains(bomb.says), "\(bomb.name): \(words.prefix(300))")
    }
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `what is deep or repeated as people write it is read`() async throws {
    let text = """
      note: "*not an alias, 2 * 3"
      cron: "*/5 * * * *"
      every: a*b
      base: &base {image: x, tags: [a, b]}
      one: *base
      two: [*base, *base]
      &key name: value
      deep: \(Self.nested("[", "]", 98))
      """
    let json = try YAMLDocument.json(Array(text.utf8), path: "x")
    #expect(json["one", "image"] == "x" && json["two"]?.array?.count == 2 && json["name"] == "value")
    #expect(json["cron"] == "*/5 * * * *" && json["every"] == "a*b" && json["note"] == "*not an alias, 2 * 3")
  }

  @Test(arguments: ["", "\n", "# nothing\n", "---\n", "---\n---\n", "~\n"]) func `an empty plan is refused, an empty manifest is left out`(
    _ text: String
  ) async throws {
    let words = await refusal { () async throws(PortError) in try await MemoryFiles(["services/web/cutover.yaml": text]).blueprint() }
    #expect(words.contains("the file is empty"), "\(words)")
    #expect(try await MemoryFiles(["services/web/manifests/none.yaml": text]).blueprint().manifests.count == 1)
  }

  @Test func `many unknown keys are refused in a moment, with hints for the first ones`() async {
    let text = "extends: none\nnamespace: shop\n" + (0..<20_000).map { "key-that-nobody-knows-\($0): x\n" }.joined()
    let words = await refusal { () async throws(PortError) in try await MemoryFiles(["services/web/cutover.yaml": text]).blueprint() }
    #expect(words.contains("unknown key \"key-that-nobody-knows-0\"") && words.contains("; and 19991 more"), "\(words.prefix(300))")
    #expect(words.contains("[known are: extends"), "\(words.suffix(300))")
  }

  @Test func `manifests that are too long together are refused before they are read`() async {
    let comment = String(repeating: "# nothing\n", count: 100_000)
    let files = (0..<6).map { ("services/web/manifests/\($0).yaml", Optional(comment)) }
    let words = await refusal { () async throws(PortError) in
      try await MemoryFiles(Dictionary(uniqueKeysWithValues: files)).blueprint()
    }
    #expect(words.hasPrefix("services/web/manifests/4.yaml: the manifests are longer than 4194304 bytes together"), "\(words)")
  }

  @Test func `a manifest as large as a file may be is read or refused, and never hangs`() async {
    let entry = "  key-0000000: \(String(repeating: "v", count: 280))\n"
    let data = (0..<3000).map { entry.replacing("0000000", with: String(1_000_000 + $0)) }.joined()
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n\(data)"
    let start = ContinuousClock.now
    let words = await refusal { () async throws(PortError) in try await MemoryFiles(["services/web/manifests/large.yaml": text]).blueprint()
    }
    #expect(words.isEmpty, "\(words.prefix(300))")
    #expect(ContinuousClock.now - start < .seconds(60))
  }
}
