import HTTPTransport
import Synchronization

/// A constant stream of requests, each on a new connection, counted by the version that answered.
final class LoadGenerator: Sendable {
  struct Count: Sendable {
    var answered = 0
    /// Answers of 500 and above: the version's own fault.
    var failed = 0
  }

  struct Tally: Sendable {
    var sent = 0
    var byVersion: [String: Count] = [:]
    /// Requests that got no answer at all: refused, reset, timed out.
    var lost = 0
    var firstLoss: String?
  }

  private let http = HTTPClient(userAgent: "demo-user/1")
  private let tally = Mutex(Tally())
  private let url: String
  private let perSecond: Int

  init(url: String, perSecond: Int) {
    self.url = url
    self.perSecond = perSecond
  }

  var counts: Tally { tally.withLock { $0 } }

  /// Sends until cancelled. A request is due at its time whatever became of the others.
  func run() async {
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { tasks in
      var number = 0
      while !Task.isCancelled {
        number += 1
        tasks.addTask { await self.send() }
        try? await Task.sleep(until: start + .seconds(number) / perSecond, clock: .continuous)
        if number % 100 == 0 { while tasks.isEmpty == false, number - self.counts.sent > 200 { await tasks.next() } }
      }
      await tasks.waitForAll()
    }
  }

  private func send() async {
    let request = HTTPRequest("GET", url, limits: HTTPLimits(total: .seconds(10), maximumBody: 1 << 16), connection: .fresh)
    do throws(HTTPError) {
      let response = try await http.send(request)
      let version = Self.version(in: response.body) ?? "?"
      tally.withLock { tally in
        tally.sent += 1
        tally.byVersion[version, default: Count()].answered += 1
        if response.status >= 500 { tally.byVersion[version, default: Count()].failed += 1 }
      }
    } catch {
      // What the end of the demo cuts off was not lost.
      guard error.kind != .cancelled else { return }
      tally.withLock { tally in
        tally.sent += 1
        tally.lost += 1
        tally.firstLoss = tally.firstLoss ?? error.description
      }
    }
  }

  /// Answers say which version gave them: `{"version":"1.0.0",…}`.
  private static func version(in body: [UInt8]) -> String? {
    let text = String(decoding: body, as: UTF8.self)
    guard let key = text.firstRange(of: "\"version\":") else { return nil }
    let rest = text[key.upperBound...].drop { $0 == " " || $0 == "\"" }
    return String(rest.prefix { $0 != "\"" })
  }
}
