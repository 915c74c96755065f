import HealthProbes
import PlanFiles
import ReleaseEngine
import ReleaseModel
import Testing

/// Which regular expressions a plan may hold: those that the gates can search for, so that none is found out only at a gate.
@Suite struct PatternRulesTests {
  private func refusalOf(_ pattern: String) async -> String {
    let quoted = "'" + pattern.replacing("'", with: "''") + "'"
    return await refusal { () async throws(PortError) in
      try await MemoryFiles([
        "services/web/cutover.yaml": "extends: none\nnamespace: shop\nsmoke: {checks: [{body: \(quoted), header: {X: \(quoted)}}]}\n"
      ]).blueprint()
    }
  }

  @Test(arguments: [
    "ready", "^(up|ok)$", "\"status\": ?\"up\"", "(?i)hello", "(?ms)^a.*b$", "[0-9a-f]{40}", "\\d+\\.\\d+", "[^\\]]+", "(?:ab)*?", "a{2,}",
    "{\"a\"", "\\bup\\b", "(a+)+$", "[*+?]+", "[.+]", "v1\\+build", "\\/healthz", "x\\}+",
  ])
  func `what the gates can search for is accepted`(_ pattern: String) async {
    #expect(await refusalOf(pattern).isEmpty)
    #expect(throws: Never.self) { try TextPattern(pattern) }
  }

  @Test(arguments: [
    ("(a)\\1", "\\1 is not supported"), ("(?=a)b", "only (?: is supported"), ("(?!a)b", "only (?: is supported"),
    ("(?<name>a)", "only (?: is supported"), ("(?>a)b", "only (?: is supported"),
    ("a*+b", "possessive"),
    ("a{2}+", "possessive"), ("\\p{L}", "\\p is not supported"), ("[a[bc]]", "classes inside classes"),
    ("[a-z&&b]", "operations on classes"),
    ("[\\b]", "\\b is not supported"),
  ])
  func `what they cannot search for is refused with the reason`(_ pattern: String, _ says: String) async {
    let words = await refusalOf(pattern)
    #expect(words.hasPrefix("services/web/cutover.yaml:3:"), "\(words)")
    #expect(words.contains("cannot be searched for in bounded time: ") && words.contains(says), "\(words)")
    #expect(throws: TextPattern.Fault.self) { try TextPattern(pattern) }
  }

  @Test(arguments: ["{\"A b\": c}", "{\"\": c}", "{\"A:\": c}", "{A: \"b\\r\\nX: y\"}", "{A: \"\\0\"}"])
  func `a header that cannot be sent is refused before a gate meets it`(_ headers: String) async {
    let words = await refusal { () async throws(PortError) in
      try await MemoryFiles([
        "services/web/cutover.yaml": "extends: none\nnamespace: shop\nsmoke: {checks: [{headers: \(headers)}]}\n"
      ]).blueprint()
    }
    #expect(words.contains("is no header, or its value holds control characters"), "\(words)")
  }

  @Test func `a check without time is refused`() async {
    let words = await refusal { () async throws(PortError) in
      try await MemoryFiles(["services/web/cutover.yaml": "extends: none\nnamespace: shop\nsmoke: {checks: [{timeout: 0s}]}\n"]).blueprint()
    }
    #expect(words.contains("timeout must be longer than nothing"), "\(words)")
  }

  @Test(arguments: ["[::1]", "::1"]) func `an IPv6 host may be named with brackets or without`(_ named: String) async throws {
    let plan = try await MemoryFiles([
      "services/web/cutover.yaml": "extends: none\nnamespace: shop\nprobes: {route: url, activeURL: \"http://[::1]:80/\"}\n"
    ]).blueprint("policy: {hosts: [\"\(named)\"]}\n").plan
    #expect(plan.probes.activeURL == "http://[::1]:80/")
  }
}
