internal import CLibcurl

/// A request on its way through redirects, each hop within what is left of its time. Followed here and not by libcurl, so that what may be
/// secret is left behind wherever the way leaves the origin: libcurl hands all custom headers on.
struct Journey {
  private var request: HTTPRequest
  private let limit: Int
  private var followed = 0
  private let total: Duration
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// How long the hops before this one took.
  private(set) var elapsedBefore = Duration.zero

  /// What goes to another origin too: nothing that says who asks.
  private static let harmless: Set<String> = ["accept", "accept-encoding", "accept-language", "cache-control", "user-agent"]

  init(_ request: HTTPRequest) {
    self.request = request
    limit = ["GET", "HEAD"].contains(request.method) ? request.redirects : 0
    total = request.limits.total
    start = clock.now
  }

  /// The request of this hop.
  mutating func leg() throws(HTTPError) -> HTTPRequest {
    guard followed > 0 else { return request }
    elapsedBefore = clock.now - start
    guard elapsedBefore < total else {
      throw HTTPError(.timedOut, of: request, reason: "no whole answer within \(total.words)", mayHaveActed: true, exceeded: .total)
    }
    request.limits.total = total - elapsedBefore
    return request
  }

  /// Whether the answer leads on; the next hop's request then is ready.
  mutating func follows(_ head: HTTPHead) throws(HTTPError) -> Bool {
    guard limit > 0, [301, 302, 303, 307, 308].contains(head.status), let location = head["Location"] else { return false }
    guard followed < limit else {
      throw HTTPError(.tooManyRedirects, of: request, reason: "more than \(limit) redirects", mayHaveActed: true)
    }
    followed += 1
    guard let origin = HTTPAuthority(url: request.url), var url = CurlURL(request.url), url.follow(location),
      let next = HTTPAuthority(url: url.text)
    else {
      throw HTTPError(.malformed, of: request, reason: "redirected to what is no http or https URL", mayHaveActed: true)
    }
    request.url = url.text
    if next != origin { leaveSecretsBehind() }
    return true
  }

  private mutating func leaveSecretsBehind() {
    request.headers.removeAll { !Journey.harmless.contains($0.name.lowercased()) }
    request.body = []
    request.tls.clientCertificate = nil
    request.tls.clientKey = nil
    request.tls.serverName = nil
  }
}

extension HTTPTiming {
  /// The same instants seen from an earlier beginning. A connection that took no time still took none.
  func shifted(by duration: Duration) -> HTTPTiming {
    HTTPTiming(connect: connect == .zero ? .zero : connect + duration, firstByte: firstByte + duration, total: total + duration)
  }
}
