import Testing

/// The folder listing shows the architecture, and stays what it is meant to be.
@Suite struct LayoutTests {
  @Test func `the top level holds what it may hold, and nothing else`() {
    let here = SourceTree.entries(of: "").filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    #expect(here == ["Package.swift", "README.md", "Sources", "Tests", "config", "jobs"])
  }

  @Test func `every folder under Sources and Tests is a target of the manifest`() {
    let manifest = SourceTree.file("Package.swift").lines.joined(separator: "\n")
    for module in SourceTree.entries(of: "Sources") { #expect(manifest.contains("\"\(module)\""), "\(module) is in no target") }
    for folder in SourceTree.entries(of: "Tests") {
      #expect(manifest.contains("tests(\"\(folder.dropLast(5))\"") || manifest.contains("\"\(folder)\""), "\(folder) is in no target")
    }
  }

  static let modules = SourceTree.entries(of: "Sources").filter { !$0.hasPrefix("CLib") && $0 != "tagflip" }

  @Test(arguments: modules) func `every module has an article that says what it holds, and tests`(_ module: String) {
    let article = "Sources/\(module)/\(module).docc/\(module).md"
    #expect(SourceTree.exists(article), "\(article) is missing")
    #expect(SourceTree.file(article).lines.first == "# ``\(module)``")
    #expect(SourceTree.file(article).lines.count >= 15, "\(article) says next to nothing")
    let tests = SourceTree.swift.filter { $0.path.hasPrefix("Tests/\(module)Tests/") }
    #expect(tests.contains { $0.lines.contains { $0.contains("@Test") } }, "\(module) has no test")
  }

  @Test func `no file is longer than 400 lines`() {
    let long = SourceTree.swift.filter { $0.lines.count > 400 }
    #expect(long.isEmpty, "\(long.map(\.path)): one main type for each file")
    #expect(SourceTree.swift.count > 100, "files were found at all")
  }

  @Test func `what the README names exists`() throws {
    let path = try Regex(#"(jobs|config)/[A-Za-z0-9._/-]*[A-Za-z0-9]"#)
    let named = SourceTree.file("README.md").lines.flatMap { line in line.matches(of: path).map { String(line[$0.range]) } }
    #expect(named.count > 8)
    for path in Set(named) { #expect(SourceTree.exists(path), "the README names \(path)") }
  }

  @Test func `every sample names the schema that editors check it by, and the schema is there`() throws {
    let samples = SourceTree.texts.filter { file in
      file.path.hasPrefix("config/") && file.path.hasSuffix(".yaml") && !file.path.contains("/manifests/")
    }
    #expect(samples.count >= 5)
    for sample in samples {
      let first = try #require(sample.lines.first)
      let schema = try #require(first.firstRange(of: "$schema=").map { String(first[$0.upperBound...]) }, "\(sample.path):1 names none")
      var folder = sample.path.split(separator: "/").dropLast().map(String.init)
      for part in schema.split(separator: "/").map(String.init) {
        if part == ".." { folder.removeLast() } else { folder.append(part) }
      }
      #expect(SourceTree.exists(folder.joined(separator: "/")), "\(sample.path) names \(schema)")
    }
  }
}

/// What no file may hold.
@Suite struct TextRuleTests {
  @Test(arguments: TextRule.all) func `no line breaks the rule`(_ rule: TextRule) {
    let breaches = SourceTree.texts.flatMap(rule.breaches)
    #expect(breaches.isEmpty, "\(breaches.joined(separator: "\n"))")
  }

  @Test(arguments: TextRule.all) func `the rule finds what it is for, and nothing else`(_ rule: TextRule) {
    #expect(
      rule.breaches(in: SourceTree.File(path: "Sources/X/x.swift", lines: ["fine", rule.bad])) == ["Sources/X/x.swift:2: \(rule.bad)"])
    #expect(rule.breaches(in: SourceTree.File(path: "Sources/X/x.swift", lines: [rule.good])).isEmpty)
  }
}
