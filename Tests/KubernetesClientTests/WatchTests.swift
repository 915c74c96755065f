import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A watch")
struct WatchTests {
  private static func watch(_ fixture: Fixture, silence: Duration = .seconds(20)) async throws -> Watch {
    try await fixture.client.watch(.configMap, namespace: "rec2", labels: "k=a", from: "1057", seconds: 30, silence: silence)
  }

  private static func all(_ fixture: Fixture) async throws -> [WatchEvent] {
    var events: [WatchEvent] = []
    for try await event in try await watch(fixture) { events.append(event) }
    return events
  }

  @Test func `asks as it should and tells each kind of event`() async throws {
    let recording = try Recording("257-watch-labelselector-enter-leave")
    let fixture = try Fixture([recording.answer])
    let kinds = try await Self.all(fixture).map { event in
      switch event {
      case .added(let object): "added \(object.name)"
      case .modified(let object): "modified \(object.name)"
      case .deleted(let object): "deleted \(object.name)"
      case .bookmark(let version): "bookmark \(version)"
      }
    }
    #expect(kinds == ["deleted lab", "added lab", "modified lab", "deleted lab"])
    #expect(
      fixture.targets == [
        "GET /api/v1/namespaces/rec2/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=1057&timeoutSeconds=30&labelSelector=k%3Da"
      ])
  }

  @Test func `tells bookmarks by their version`() async throws {
    let recording = try Recording("258-watch-bookmarks-65s")
    let versions = recording.lines.compactMap { $0["object", "metadata", "resourceVersion"]?.string }
    #expect(versions.count == 2)
    let fixture = try Fixture([recording.answer])
    #expect(try await Self.all(fixture) == versions.map { .bookmark(resourceVersion: $0) })
  }

  // Chunks are cut anywhere.

  @Test(arguments: ["257-watch-labelselector-enter-leave", "205-bg-endpointslice-watch-during-flip"])
  func `is the same wherever its stream is cut`(name: String) throws {
    let bytes = Array(try Recording(name).body.utf8)
    let expected = bytes.split(separator: 0x0A).map(Array.init)
    func lines(_ chunks: [[UInt8]]) -> [[UInt8]] {
      var buffer = LineBuffer(longest: 1 << 20)
      var lines: [[UInt8]] = []
      for chunk in chunks {
        buffer.append(chunk)
        while case .line(let line) = buffer.next() { lines.append(Array(line)) }
      }
      if let rest = buffer.takeRest() { lines.append(Array(rest)) }
      return lines
    }
    for position in 0...bytes.count { #expect(lines([Array(bytes[..<position]), Array(bytes[position...])]) == expected) }
    for size in [1, 2, 3, 7, 64, 1000] {
      #expect(lines(stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }) == expected)
    }
  }

  @Test func `is the same over the wire, chunked finely, with blank lines and without a last line end`() async throws {
    let recording = try Recording("257-watch-labelselector-enter-leave")
    let plain = try Fixture([recording.answer])
    let whole = try await Self.all(plain)
    let text = "\r\n\n" + recording.body.replacing("\n", with: "\r\n\r\n").dropLast(2)
    let fixture = try Fixture { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let piece = rest.prefix(333)
        rest = rest.dropFirst(333)
        connection.write(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8))
      }
      connection.write("0\r\n\r\n")
    }
    #expect(try await Self.all(fixture) == whole)
  }

  @Test func `tells an event at once, not when the next one comes`() async throws {
    let line = try Recording("257-watch-labelselector-enter-leave").lines[0].text
    let fixture = try Fixture { _, connection in
      connection.write("\(watchHead)\(line)\n")
      connection.waitForEnd()
    }
    let watch = try await Self.watch(fixture)
    #expect(try await watch.next() != nil)
  }

  // Ends

  @Test func `ends with nothing where the server ends it`() async throws {
    let fixture = try Fixture { _, connection in
      connection.write(watchHead)
      connection.close()
    }
    let watch = try await Self.watch(fixture)
    #expect(try await watch.next() == nil)
    #expect(try await watch.next() == nil)
  }

  @Test func `that is too old is gone, as an event of a good answer and as a status`() async throws {
    let event = try Fixture([try Recording("579-watch-rv-too-old-410").answer])
    let watch = try await Self.watch(event)
    let error = try await failure { _ = try await watch.next() }
    #expect(error.kind == .gone)
    #expect(error.message == "too old resource version: 2040 (2051)")
    let status = try Fixture([try Recording("580-list-exact-compacted-410").answer])
    #expect(try await failure { _ = try await Self.watch(status) }.kind == .gone)
  }

  @Test func `that is refused says why`() async throws {
    let fixture = try Fixture([try Recording("367-rbac-forbidden-patch-service-403").answer])
    let error = try await failure { _ = try await Self.watch(fixture) }
    #expect(error.kind == .forbidden)
    #expect(error.attempted == "watch configmaps rec2")
  }

  @Test(arguments: ["{\"type\":\"ADDED\",\"obj", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}"])
  func `cut in the middle of an event is no end`(text: String) async throws {
    let fixture = try Fixture { _, connection in
      connection.write("\(watchHead)\(text)")
      connection.close()
    }
    let watch = try await Self.watch(fixture)
    #expect(try await failure { _ = try await watch.next() }.kind == .unreachable)
  }

  @Test(arguments: [
    "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":7}", "{\"type\":\"MOVED\",\"object\":{}}", "{\"object\":{}}", "[]", "7",
    "nonsense",
    "{\"type\":null,\"object\":{}}",
  ])
  func `of what is no event is an error`(line: String) async throws {
    let fixture = try Fixture(["HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count + 1)\r\n\r\n\(line)\n"])
    let watch = try await Self.watch(fixture)
    #expect(try await failure { _ = try await watch.next() }.kind == .malformedAnswer)
  }

  @Test func `with an endless line is an error before memory runs out`() async throws {
    let fixture = try Fixture { _, connection in
      connection.write(watchHead)
      let chunk = [UInt8](repeating: UInt8(ascii: " ") + 1, count: 1 << 20)
      while connection.write(chunk) {}
    }
    let watch = try await Self.watch(fixture)
    let error = try await failure { _ = try await watch.next() }
    #expect(error.kind == .malformedAnswer)
    #expect(error.message == "a watch event is longer than \(Watch.longestEvent) bytes")
  }

  @Test func `on which nothing comes counts as dead`() async throws {
    let fixture = try Fixture { _, connection in
      connection.write(watchHead)
      connection.waitForEnd()
    }
    let watch = try await Self.watch(fixture, silence: .milliseconds(200))
    let error = try await failure { _ = try await watch.next() }
    #expect(error.kind == .unreachable)
    #expect(error.transport?.exceeded == .idle)
  }

  @Test func `ends when its task is cancelled`() async throws {
    let fixture = try Fixture { _, connection in
      connection.write(watchHead)
      connection.waitForEnd()
    }
    let watch = try await Self.watch(fixture)
    let error = try await withThrowingTaskGroup(of: KubernetesError.self) { group in
      group.addTask { try await failure { _ = try await watch.next() } }
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(error.kind == .cancelled)
    #expect(await fixture.server.settles(at: 0))
  }
}
