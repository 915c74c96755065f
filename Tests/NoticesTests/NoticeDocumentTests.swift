import FoundationEssentials
import HTTPTransport
import Notices
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// What a webhook is told.
@Suite struct NoticeDocumentTests {
  /// The document as a program on the other side reads it; a key that is absent is nil.
  private struct Document: Decodable, Equatable {
    var text: String
    var service: String
    var version: String?
    var outcome: String?
    var reason: String?
    var rollout: String?
    var from: String?
    var to: String?
    var installation: String
    var sequence: Int
    var at: String?
    var quarantined: Bool
    var auditHead: String?
    var auditCount: Int?
  }

  private func told(_ notice: Notice) async throws -> (document: Document, request: LoopbackServer.Request) {
    let server = try LoopbackServer { _ in .http(200, [], "ok") }
    #expect(await NoticeBench(webhook: server.url + "/T0/s3cret").notifier.send(notice) == nil)
    #expect(server.requests.count == 1 && server.accepted == 1)
    let request = try #require(server.requests.first)
    return (try JSONDecoder().decode(Document.self, from: Data(request.body)), request)
  }

  @Test func `an outcome is one JSON POST that says it all`() async throws {
    let (document, request) = try await told(NoticeBench.notice(.rolledBack, reason: "5 of 10 checks failed", quarantines: true))
    #expect(request.method == "POST" && request.target == "/T0/s3cret" && request.header("content-type") == "application/json")
    #expect(
      document
        == Document(
          text: document.text, service: "web", version: "1.4.0", outcome: "rolled-back", reason: "5 of 10 checks failed",
          rollout: NoticeBench.rollout.text, from: "blue", to: "green", installation: "production", sequence: 12,
          at: "2025-11-24T16:00:00.000Z", quarantined: true, auditHead: "0a1b", auditCount: 40))
    #expect(document.text.hasPrefix("[production] ") && document.text.contains("web 1.4.0"), "\(document.text)")
    #expect(document.text.hasSuffix(". Why: 5 of 10 checks failed"), "\(document.text)")
  }

  @Test(arguments: Outcome.allCases) func `every outcome is told in a line of its own, with the reason where there is one to give`(
    _ outcome: Outcome
  ) async throws {
    let (document, _) = try await told(NoticeBench.notice(outcome, reason: "because"))
    #expect(document.outcome == outcome.rawValue)
    #expect(document.text.contains("Why: because") == (outcome != .promoted), "\(document.text)")
  }

  @Test func `a record that is not pushed yet has no head, and says so by leaving it out`() async throws {
    let (document, _) = try await told(NoticeBench.notice(head: nil, count: nil))
    #expect(document.auditHead == nil && document.auditCount == nil)
  }

  @Test func `text from outside stays one line of JSON`() async throws {
    let reason = "\"quoted\"\n\u{1B}[31mred\u{7}\\ <https://evil.example|click> \u{202E}"
    let (document, request) = try await told(NoticeBench.notice(.failed, reason: reason))
    #expect(!document.text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(document.text)")
    #expect(!request.body.contains(0x1B) && !request.body.contains(0x0A))
  }

  @Test func `a long reason is cut in the line`() async throws {
    let (document, _) = try await told(NoticeBench.notice(.failed, reason: String(repeating: "why ", count: 1000)))
    #expect(document.text.count < 400)
  }
}
