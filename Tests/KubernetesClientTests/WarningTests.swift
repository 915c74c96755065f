import HTTPTransport
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("What a server warns of")
struct WarningTests {
  /// What a client heard while it asked a server that gives these answers.
  private static func heard(_ answers: [String], _ ask: (KubernetesClient) async throws -> Void) async throws -> [String] {
    let left = Mutex(answers[...])
    let heard = Heard()
    let server = try LoopbackServer { _, connection in
      connection.write(left.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? "" })
    }
    let client = KubernetesClient(access: ClusterAccess(server: server.url), http: HTTPClient(userAgent: "tests")) { heard.add($0) }
    try await ask(client)
    return heard.all
  }

  private final class Heard: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  private static func create(_ client: KubernetesClient) async throws {
    _ = try await client.create(.service, namespace: "shop", CallTests.web)
  }

  @Test func `is heard once, however often it is repeated, with any limit`() async throws {
    let field = try Recording("089-post-unknown-field-warn-201").answer
    let policy = try Recording("293-podsecurity-deployment-201-with-warning-201").answer
    let heard = try await Self.heard([field, field, policy]) { client in
      for _ in 0..<3 { try await Self.create(client.within(.seconds(5))) }
    }
    #expect(heard.count == 2)
    #expect(heard.first == "unknown field \"spec.replicass\"")
    #expect(
      heard.last?.hasPrefix("would violate PodSecurity \"restricted:latest\": ") == true
        && heard.last?.contains("(container \"app\" must set") == true)
  }

  @Test func `is heard with a refusal and with a watch too`() async throws {
    let refusal = answer(403, "Warning: 299 - \"first\"\r\nWarning: 299 - \"second\"\r\n", ["kind": "Status"])
    #expect(try await Self.heard([refusal]) { try? await Self.create($0) } == ["first", "second"])
    let watch = watchHead.replacing("Connection: close", with: "Warning: 299 - \"deprecated\"\r\nConnection: close")
    let heard = try await Self.heard([watch]) { _ = try await $0.watch(.pod, from: "1", seconds: 1, silence: .seconds(1)) }
    #expect(heard == ["deprecated"])
  }

  @Test func `is not heard from a Service behind the server`() async throws {
    let words = answer(200, "Warning: 299 - \"mine\"\r\n", [:])
    let heard = try await Self.heard([words]) {
      _ = try await $0.proxy("GET", namespace: "shop", service: "web", port: "http", path: "/", headers: [], limits: HTTPLimits())
    }
    #expect(heard.isEmpty)
  }

  @Test func `is not heard for ever`() async throws {
    let warnings = (0..<80).map { "Warning: 299 - \"w\($0)\"\r\n" }.joined()
    #expect(try await Self.heard([answer(200, warnings, [:])]) { try await Self.create($0) }.count == Warnings.most)
  }

  @Test(arguments: [
    (#"299 - "a""#, ["a"]), (#"299 - "a", 299 - "b""#, ["a", "b"]),
    (#"299 k8s "a \"b\" \\c" "Tue, 24 Nov 2026 13:52:26 GMT""#, [#"a "b" \c"#]),
    (#"299 - "a, 299 - b""#, ["a, 299 - b"]), (#"199 - "other", 299 - "a""#, ["a"]), ("299 - \"\u{1B}[31mred\u{202E}\u{7}\"", ["[31mred"]),
    ("", []), ("299", []), ("299 -", []), ("299 - a", []), (#"299 - "a"#, []), (#"299 - "a\"#, []), (#"29x - "a""#, []), (#"299 - """#, []),
    (#"299 - "a", nonsense"#, ["a"]),
  ])
  func `is read where it is well formed, and its control characters are not`(value: String, texts: [String]) {
    #expect(WarningHeader.texts(value) == texts)
  }

  @Test func `is cut where it is long`() {
    let text = String(repeating: "x", count: 5000)
    #expect(WarningHeader.texts("299 - \"\(text)\"").map(\.count) == [WarningHeader.longest])
  }
}
