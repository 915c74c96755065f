import Glibc
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing

@Suite("A list")
struct ListTests {
  @Test func `is read page by page, with what the server leaves out`() async throws {
    let last = try Recording("233-list-continue-200").answer.replacing(#/"continue":"[^"]*",/#, with: "")
    let length = last.firstRange(of: "\r\n\r\n").map { last[$0.upperBound...].utf8.count } ?? 0
    let answers = [
      try Recording("232-list-limit-1-200").answer, last.replacing(#/Content-Length: \d+/#, with: "Content-Length: \(length)"),
    ]
    let fixture = try Fixture(answers)
    let (items, version) = try await fixture.client.list(.pod, namespace: "rec2")
    #expect(items.count == 4)
    #expect(version == "1011")
    #expect(items.allSatisfy { $0["kind"] == "Pod" && $0["apiVersion"] == "v1" && $0["metadata", "managedFields"] == nil })
    let token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAxMSwic3RhcnQiOiIvcm9sbC03Njc5Y2M0ZGJkLTYyd2pkXHUwMDAwIn0"
    #expect(
      fixture.targets == ["GET /api/v1/namespaces/rec2/pods?limit=250", "GET /api/v1/namespaces/rec2/pods?limit=250&continue=\(token)"])
  }

  private static func page(_ names: [String], continue token: String = "") -> String {
    answer(
      200, "",
      [
        "metadata": ["resourceVersion": "9", "continue": .string(token)],
        "items": .array(names.map { ["metadata": ["name": .string($0)]] }),
      ])
  }

  @Test func `is begun anew when its version was forgotten between pages`() async throws {
    let gone = try Recording("581-list-continue-expired-410").answer
    let fixture = try Fixture([Self.page(["a"], continue: "t"), gone, Self.page(["b"], continue: "u"), Self.page(["c"])])
    #expect(try await fixture.client.list(.pod).items.map(\.name) == ["b", "c"])
    let hopeless = try Fixture([gone])
    #expect(try await failure { _ = try await hopeless.client.list(.pod) }.kind == .gone)
  }

  @Test func `whose pages never end is an error`() async throws {
    let fixture = try Fixture([Self.page(["a"], continue: "t")])
    #expect(try await failure { _ = try await fixture.client.list(.pod) }.kind == .malformedAnswer)
  }

  @Test func `of nothing may be null, but not missing`() async throws {
    let null = try Fixture([answer(200, "", ["metadata": ["resourceVersion": "9"], "items": nil])])
    #expect(try await null.client.list(.pod).items.isEmpty)
    let missing = try Fixture([answer(200, "", ["metadata": ["resourceVersion": "9"]])])
    #expect(try await failure { _ = try await missing.client.list(.pod) }.kind == .malformedAnswer)
  }

  @Test func `shares one limit among its pages`() async throws {
    let pages = Counter()
    let fixture = try Fixture(limit: .milliseconds(300)) { _, connection in
      usleep(40_000)
      connection.write(Self.page(["a"], continue: "page \(pages.next())"))
    }
    #expect(try await failure { _ = try await fixture.client.list(.pod) }.kind == .unreachable)
  }
}
