import FoundationEssentials
import HTTPTransport

/// A remote reached by smart HTTP (gitprotocol-http(5)): what is requested of it, and what its answers mean.
///
/// Redirects are not followed: they would take credentials elsewhere, so the settings should name where the repository is.
struct HTTPEndpoint {
  /// Some servers answer only programs that call themselves git.
  static let userAgent = "git/2 (GitStore)"
  /// The longest time to get a connection, unless the deadline is nearer.
  static let connectTimeout: Duration = .seconds(10)

  let remote: RemoteAccess
  let limit: Limit
  let attempted: String

  var subject: String { "\(remote.url)" }

  /// The request for a service's advertisement.
  func advertisement(of service: SmartService, version2: Bool) throws(GitError) -> HTTPRequest {
    try request("GET", "/info/refs?service=\(service.rawValue)", [], version2: version2, body: [])
  }

  /// A request to a service.
  func call(_ service: SmartService, version2: Bool, body: [UInt8]) throws(GitError) -> HTTPRequest {
    let headers = [
      HTTPHeader("Content-Type", "application/x-\(service.rawValue)-request"),
      HTTPHeader("Accept", "application/x-\(service.rawValue)-result"),
    ]
    return try request("POST", "/\(service.rawValue)", headers, version2: version2, body: body)
  }

  private func request(
    _ method: String, _ path: String, _ headers: [HTTPHeader], version2: Bool, body: [UInt8]
  ) throws(GitError) -> HTTPRequest {
    try limit.check(attempted, on: subject)
    guard case .http(_, _, _, let base) = remote.url.location else {
      throw GitError(.invalid, attempted, on: subject, cause: "it is no HTTP URL")
    }
    var headers = headers + [HTTPHeader("User-Agent", Self.userAgent)]
    if version2 { headers.append(HTTPHeader("Git-Protocol", "version=2")) }
    if let basic = remote.basic {
      let credentials = Data("\(basic.user):\(basic.password)".utf8).base64EncodedString()
      headers.append(HTTPHeader("Authorization", "Basic \(credentials)"))
    }
    let left = limit.deadline - .now
    return HTTPRequest(
      method, base == "/" ? "\(subject.dropLast())\(path)" : subject + path, headers: headers, body: body,
      limits: HTTPLimits(total: left, connect: min(left, Self.connectTimeout), maximumBody: 2 << 30), tls: remote.tls)
  }

  /// Throws unless an answer is what a service sends.
  ///
  /// `text` is the beginning of its body, which a server may use to explain itself.
  func check(_ head: HTTPHead, expecting type: String, text: () -> [UInt8]) throws(GitError) {
    if head.status == 200, head["Content-Type"] == type { return }
    throw GitError(kind(of: head), attempted, on: subject, cause: explanation(of: head, text: text))
  }

  private func kind(of head: HTTPHead) -> GitError.Kind {
    switch head.status {
    case 401, 403, 407: .authentication
    case 404, 410: .notFound
    case 413: .tooLarge
    case 408, 425, 429, 500...: .unreachable
    default: .protocol
    }
  }

  private func explanation(of head: HTTPHead, text: () -> [UInt8]) -> String {
    let type = head["Content-Type"] ?? "no content type"
    switch head.status {
    case 200: return "it answers \(type): no smart HTTP Git server"
    case 300...399: return "HTTP \(head.status): it has moved\(head["Location"].map { " to \(HTTPError.redacted($0))" } ?? "")"
    case 401 where remote.basic == nil: return "HTTP 401: it wants credentials and none are configured"
    default:
      let words = type.hasPrefix("text/plain") ? ": \(String(decoding: text().prefix(300), as: UTF8.self))" : ""
      return "HTTP \(head.status)\(words)"
    }
  }

  /// What a failed transfer means here.
  func error(_ error: HTTPError) -> GitError {
    let kind: GitError.Kind =
      switch error.kind {
      case .timedOut: limit.reached ?? .timedOut
      case .cancelled: limit.reached ?? .cancelled
      case .bodyTooLarge: .tooLarge
      case .connectionBroken: .protocol
      case .malformed: .invalid
      case .cannotResolve, .cannotConnect, .untrusted, .tls, .addressRefused, .tooManyRedirects, .proxy, .other: .unreachable
      }
    return GitError(kind, attempted, on: subject, cause: error.reason)
  }
}

extension HTTPEndpoint {
  /// Lists refs over connections that the client keeps; nothing of libgit2 is needed.
  func listRefs(prefixes: [String], client: HTTPClient) async throws(GitError) -> RefListing {
    var exchange = RefListingExchange(prefixes: prefixes)
    var answer = try await open(
      try advertisement(of: .uploadPack, version2: true), expecting: "application/x-git-upload-pack-advertisement", client)
    while true {
      let step: RefListingExchange.Step
      do {
        step = try exchange.receive(try await answer.next() ?? [])
      } catch let violation as ProtocolViolation {
        throw GitError(.protocol, attempted, on: subject, cause: violation.reason)
      } catch let failure as HTTPError {
        throw self.error(failure)
      } catch {
        throw GitError(.protocol, attempted, on: subject, cause: "\(error)")
      }
      switch step {
      case .read: break
      case .request(let body):
        // Read to its end, so that the connection can carry the next request.
        while let rest = try? await answer.next(), !rest.isEmpty {}
        let request = try call(.uploadPack, version2: true, body: body)
        answer = try await open(request, expecting: "application/x-git-upload-pack-result", client)
      case .done(let listing):
        while let rest = try? await answer.next(), !rest.isEmpty {}
        return listing
      }
    }
  }

  private func open(_ request: HTTPRequest, expecting type: String, _ client: HTTPClient) async throws(GitError) -> HTTPBodyStream {
    let stream: HTTPBodyStream
    do throws(HTTPError) {
      stream = try await client.open(request)
    } catch {
      throw self.error(error)
    }
    let text = stream.head.status == 200 ? [] : (try? await stream.next()) ?? []
    try check(stream.head, expecting: type) { text }
    return stream
  }
}
