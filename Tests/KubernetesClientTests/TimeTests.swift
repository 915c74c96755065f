import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("The server's time")
struct TimeTests {
  @Test(arguments: [
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Tue, 24 Nov 2026 13:52:26 GMT", 1_795_528_346),
    ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
    ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200), ("Wed, 31 Dec 2098 12:00:00 GMT", 4_070_865_600),
  ])
  func `is read from a date`(text: String, seconds: Int64) { #expect(HTTPDate.seconds(text) == seconds) }

  @Test(arguments: [
    "", "Tue, 24 Nov 2026", "Tuesday, 24-Nov-26 13:52:26 GMT", "Tue Nov 24 13:52:26 2026", "Tue, 24 Now 2026 13:52:26 GMT",
    "Tue, 24 Nov 2026 13:52:26 CET", "Tue, 24 Nov 2026 25:52:26 GMT", "Tue, 99 Nov 2026 13:52:26 GMT",
    "Tue, 24 Nov 99999999999999 13:52:26 GMT",
    "Tue, 24 Nov -2026 13:52:26 GMT", "Tue, 24 Nov 2026 13:-2:26 GMT",
  ])
  func `is not read from what is no date`(text: String) { #expect(HTTPDate.seconds(text) == nil) }

  private static func head(_ second: Int) -> HTTPHead {
    HTTPHead(status: 200, headers: [HTTPHeader("Date", "Thu, 01 Jan 1970 00:00:\(second < 10 ? "0" : "")\(second) GMT")])
  }

  @Test func `goes on between answers and never back within a second`() async throws {
    let time = ServerTime()
    #expect(time.now == nil)
    time.note(HTTPHead(status: 200))
    #expect(time.now == nil)
    time.note(Self.head(10))
    let first = try #require(time.now)
    try await Task.sleep(for: .milliseconds(30))
    time.note(Self.head(10))  // the same second, a little later
    let second = try #require(time.now)
    #expect(first >= 10_000 && second >= first + 30)
  }

  @Test func `follows the server where it contradicts what was carried on`() throws {
    let time = ServerTime()
    time.note(Self.head(10))
    time.note(Self.head(30))
    #expect(try #require(time.now) >= 30_000)
    time.note(Self.head(5))  // the server's clock was set back
    #expect(try #require(time.now) < 7000)
  }

  @Test func `comes with any answer, a refusal and a watch too, and is shared with other limits`() async throws {
    let date = "Date: Thu, 01 Jan 1970 00:00:42 GMT\r\n"
    let refused = try Fixture([answer(403, date, ["kind": "Status"])])
    _ = try? await refused.client.within(.seconds(5)).get(.service, namespace: "shop", name: "web")
    #expect(try #require(refused.client.serverTime) >= 42_000)
    let watched = try Fixture { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\(date)\r\n")
      connection.waitForEnd()
    }
    _ = try await watched.client.watch(.pod, from: "1", seconds: 5, silence: .seconds(5))
    #expect(try #require(watched.client.serverTime) >= 42_000)
  }
}
