import HTTPTransport
import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite("A server's words")
struct ForeignTextTests {
  // Strict validation: what the server says reaches whoever asked.

  @Test(arguments: [
    ("088-post-unknown-field-strict-400", KubernetesError.Kind.badRequest, "strict decoding error: unknown field \"spec."),
    ("147-mergepatch-unknown-field-strict-422", .invalid, "…\": strict decoding error: unknown field \"spec.selektor\""),
    ("069-ssa-unknown-field-warn-500", .serverError, "field not declared in schema"),
  ])
  func `about fields that do not exist are passed on`(name: String, kind: KubernetesError.Kind, words: String) async throws {
    let fixture = try Fixture([try Recording(name).answer])
    let error = try await failure { _ = try await fixture.client.create(.service, namespace: "shop", CallTests.web) }
    #expect(error.kind == kind)
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test func `reach nobody's terminal as commands to it`() {
    let evil = "a\u{1B}[2Jb\u{7}\u{9B}c\u{202E}d\u{200B}e\u{0}f\r\ng\th"
    let body: JSON = [
      "kind": "Status", "message": .string(evil), "reason": .string(evil),
      "details": ["name": .string(evil), "causes": [["field": .string(evil), "message": .string(evil)]]],
    ]
    let error = KubernetesError(HTTPHead(status: 422), body.bytes, attempted: "x")
    #expect(error.message == "a[2Jbcdef\ng h")
    #expect(error.reason == "a[2Jbcdef g h" && error.object == error.reason)
    #expect(error.causes == ["a[2Jbcdef g h: a[2Jbcdef g h"])
  }

  @Test func `quote no more than one can read`() {
    let long = String(repeating: "x", count: 300)
    #expect(ForeignText.withShortQuotes("a \"b\" \"\(long)\" c: \"d\"") == "a \"b\" \"xxxxxxxxxxxxxxxxxxxx…\" c: \"d\"")
    #expect(ForeignText.withShortQuotes("\"\(long)\\\"y\": z") == "\"xxxxxxxxxxxxxxxxxxxx…\": z")
    #expect(ForeignText.withShortQuotes("it's \"open \(long)") == "it's \"open \(long)")
  }

  @Test(arguments: ["", "plain", "Grüße, 世界 👋🏽", "two\nlines", "a\n\nb"]) func `that are plain stay as they are`(text: String) {
    #expect(ForeignText.lines(text, longest: 100) == text)
  }

  @Test func `are cut where they are long, with a mark`() {
    #expect(ForeignText.lines(String(repeating: "ü", count: 50), longest: 10) == "üüüüüüüüü…")
    #expect(ForeignText.line("  a \n b\t c  ", longest: 10) == "a b c")
    #expect(ForeignText.line("abcdef", longest: 4) == "abc…")
  }
}
