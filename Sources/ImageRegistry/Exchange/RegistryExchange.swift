import HTTPTransport
import ReleaseEngine
import ReleaseModel

/// Requests about one image: sent within limits, tried again where that may help, along redirects that may be followed.
struct RegistryExchange: Sendable {
  /// The longest that one request may take.
  static let requestLimit: Duration = .seconds(15)
  /// How often a request is sent that gets no answer, or one that says "later".
  static let tries = 3
  /// The longest that is waited because a registry asks for it.
  static let longestPause: Duration = .seconds(10)
  static let redirects = 3

  let http: any HTTPSending
  let clock: any RunClock
  let places: RegistryPlaces
  let proxies: EnvironmentProxies
  let image: RegistryImage
  /// By when the question must be answered, on the clock.
  let end: Duration

  /// What is being done, for errors.
  var attempted: String { "look up the image \(image)" }

  /// The answer to a request, whatever its status but those that say "later".
  ///
  /// - Parameters:
  ///   - authorization: the header's value; it never goes to another origin.
  ///   - form: a body to post (`application/x-www-form-urlencoded`) instead of the method's none.
  /// - Throws: `unreachable`, `timedOut` and `corrupt` where there is none, `forbidden` where the address must not be asked.
  func send(
    _ method: String, _ url: String, accept: [String] = [], authorization: String? = nil, form: String? = nil, maximumBody: Int,
    follows: Bool = false
  ) async throws(PortError) -> HTTPResponse {
    var headers = accept.isEmpty ? [] : [HTTPHeader("Accept", accept.joined(separator: ", "))]
    if let authorization { headers.append(HTTPHeader("Authorization", authorization)) }
    if form != nil { headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded")) }
    var request = HTTPRequest(method, url, headers: headers, body: form.map { Array($0.utf8) } ?? [])
    request.limits.maximumBody = maximumBody
    var hops = 0
    while true {
      let place = try places.place(for: request.url, of: image, attempted: attempted)
      (request.tls, request.addresses, request.mayUseProxy) = (place.tls, place.addresses, place.mayUseProxy)
      let response = try await persistently(request)
      guard follows, [301, 302, 303, 307, 308].contains(response.status), let location = response.head["Location"] else { return response }
      hops += 1
      guard hops <= Self.redirects else { throw failure(.corrupt, "more than \(Self.redirects) redirects") }
      try redirect(&request, to: location)
    }
  }

  /// Credentials stay with the origin that they are for.
  private func redirect(_ request: inout HTTPRequest, to location: String) throws(PortError) {
    guard let origin = HTTPAuthority(url: request.url) else { throw failure(.corrupt, "a redirect leads nowhere") }
    let isAbsolute = location.hasPrefix("https://") || location.hasPrefix("http://")
    guard isAbsolute || location.hasPrefix("/") && !location.hasPrefix("//") else { throw failure(.corrupt, "a redirect leads nowhere") }
    let standard = origin.port == (origin.scheme == "http" ? 80 : 443)
    let url = isAbsolute ? location : "\(origin.scheme)://\(origin.host)\(standard ? "" : ":\(origin.port)")\(location)"
    guard let next = HTTPAuthority(url: url) else { throw failure(.corrupt, "a redirect leads nowhere") }
    if next != origin { request.headers.removeAll { $0.name == "Authorization" } }
    request.url = url
  }

  private func persistently(_ request: HTTPRequest) async throws(PortError) -> HTTPResponse {
    var request = request
    var last = failure(.timedOut, "its limit ran out")
    for attempt in 1...Self.tries {
      let left = end - clock.elapsed
      guard left > .zero, !Task.isCancelled else { break }
      request.limits.total = min(left, Self.requestLimit)
      var pause: Duration = .milliseconds(500 * attempt)
      do throws(HTTPError) {
        let response = try await http.send(request)
        guard response.asksForPatience else { return response }
        pause = max(pause, response.retryAfter ?? .zero)
        let words = response.status < 100 ? "was cut short" : "answered HTTP \(response.status)"
        last = failure(.unreachable, "\(HTTPError.redacted(request.url)) \(words)", hint: "the next run asks again")
      } catch {
        last = PortError(error, attempted: attempted, wayOut: wayOut(request))
        guard error.mayPass else { throw last }
      }
      guard attempt < Self.tries, pause <= Self.longestPause, clock.elapsed + pause < end else { break }
      do { try await clock.sleep(for: pause) } catch { throw failure(.cancelled, "the run was told to stop") }
    }
    throw last
  }

  /// What to do where nobody answers and a proxy is in the way, or would be the way.
  private func wayOut(_ request: HTTPRequest) -> String? {
    guard let authority = HTTPAuthority(url: request.url), let proxy = proxies.proxy(for: authority) else { return nil }
    guard request.mayUseProxy else {
      return
        "it was asked without the proxy \(proxy), which carries nothing to a host that the settings do not name; if that is the way to "
        + "it, name it: images.registries: [{host: \"\(places.spelling(authority))\"}]"
    }
    return "it was asked through the proxy \(proxy); if it is reached without one, put \(authority.host) into NO_PROXY"
  }

  func failure(_ kind: PortError.Kind, _ reason: String, hint: String? = nil) -> PortError {
    PortError(kind, attempted: attempted, reason: reason, hint: hint)
  }
}

extension HTTPResponse {
  /// Whether the answer is about the server's state and not about what was asked. A head that was cut short has no status; 501 says what the
  /// server never does.
  fileprivate var asksForPatience: Bool { status == 429 || (500...599).contains(status) && status != 501 || !(100...999).contains(status) }

  /// How long the server wants to be left alone (RFC 9110 §10.2.3), where it says so in seconds.
  fileprivate var retryAfter: Duration? {
    head["Retry-After"].flatMap { Int($0) }.flatMap { (0...86_400).contains($0) ? .seconds($0) : nil }
  }
}

extension HTTPError {
  /// Whether asking once more may be answered.
  fileprivate var mayPass: Bool {
    switch kind {
    case .cannotResolve, .cannotConnect, .timedOut, .connectionBroken, .proxy: true
    case .untrusted, .tls, .bodyTooLarge, .addressRefused, .cancelled, .tooManyRedirects, .malformed, .other: false
    }
  }
}

extension PortError {
  /// What no answer means.
  /// - Parameter wayOut: what to do about the way there; nil for nothing.
  fileprivate init(_ error: HTTPError, attempted: String, wayOut: String?) {
    let kind: Kind
    var hint: String? = wayOut ?? "the next run asks again"
    switch error.kind {
    case .addressRefused:
      kind = .forbidden
      hint = "if it may be asked, name the host in the settings: images.registries"
    case .untrusted:
      kind = .unreachable
      hint = "name the authority that vouches for it in the settings: images.registries: [{host: …, certificateAuthority: FILE}]"
    case .timedOut: kind = .timedOut
    case .cancelled:
      kind = .cancelled
      hint = nil
    case .bodyTooLarge, .malformed, .tooManyRedirects:
      kind = .corrupt
      hint = "look at the registry, or at what stands in between"
    case .cannotResolve, .cannotConnect, .tls, .connectionBroken, .proxy, .other: kind = .unreachable
    }
    self.init(kind, attempted: attempted, reason: PlainText.line(error.description, longest: 300), hint: hint)
  }
}
