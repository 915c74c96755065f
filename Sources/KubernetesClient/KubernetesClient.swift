import FoundationEssentials
package import HTTPTransport
import KubernetesModel
import Synchronization

/// A client of one Kubernetes API server.
///
/// Every call is bounded in time and size. Reads are tried again within their limit; a write is tried again only where the server cannot
/// have acted, so that a lost answer always reaches the caller as one.
package final class KubernetesClient: Sendable {
  let access: ClusterAccess
  let http: any HTTPSending
  let streams: HTTPClient?
  /// The longest that one call may take, retries included.
  let limit: Duration
  private let clock = ContinuousClock()
  private let date = Mutex<(server: Int64, at: ContinuousClock.Instant)?>(nil)

  /// - Parameter http: `HTTPClient`, or what wraps one. Watches need a real one.
  package init(access: ClusterAccess, http: any HTTPSending, limit: Duration = .seconds(30)) {
    self.access = access
    self.http = http
    self.streams = http as? HTTPClient
    self.limit = limit
  }

  /// The server's time now, in milliseconds since 1970: the latest `Date` it answered with (whole seconds), carried on by the local
  /// monotonic clock; nil before the first answer.
  package var serverTime: Int64? {
    date.withLock { date in
      guard let date else { return nil }
      let (seconds, attoseconds) = (clock.now - date.at).components
      return date.server + seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
  }

  /// What is to be asked of the API server.
  struct Call: Sendable {
    var method: String
    var path: String
    var query: [(String, String)] = []
    var contentType: String?
    var body: [UInt8] = []
    /// `get services shop/web`, for errors.
    var attempted: String

    var isWrite: Bool { method != "GET" }
  }

  /// The answer's document.
  func json(_ call: Call) async throws(KubernetesError) -> JSON {
    let response = try await answer(call)
    do {
      return try JSON(parsing: response.body)
    } catch {
      throw KubernetesError(
        .malformedAnswer, attempted: call.attempted, message: "the answer is no JSON: \(error)", status: response.status)
    }
  }

  /// An answer below 400, after as many tries as the call's kind allows.
  func answer(_ call: Call) async throws(KubernetesError) -> HTTPResponse {
    let start = clock.now
    var pause = Duration.milliseconds(100)
    while true {
      let left = limit - (clock.now - start)
      do throws(KubernetesError) {
        return try await once(call, within: max(left, .milliseconds(1)))
      } catch {
        let wait = error.retryAfter ?? pause
        guard error.mayBeRetried(call), left > wait + .milliseconds(100) else { throw error }
        do { try await Task.sleep(for: wait) } catch { throw KubernetesError(.cancelled, attempted: call.attempted, message: "cancelled") }
        pause = min(pause * 2, .seconds(5))
      }
    }
  }

  private func once(_ call: Call, within left: Duration) async throws(KubernetesError) -> HTTPResponse {
    let request = try request(call, limits: HTTPLimits(total: left, connect: min(left, .seconds(10)), maximumBody: 64 << 20))
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(request)
    } catch {
      throw KubernetesError(error, attempted: call.attempted, isWrite: call.isWrite)
    }
    note(response.head)
    guard response.status < 400 else { throw KubernetesError(response.head, response.body, attempted: call.attempted) }
    return response
  }

  func request(_ call: Call, limits: HTTPLimits) throws(KubernetesError) -> HTTPRequest {
    var headers = [HTTPHeader("Accept", "application/json")]
    if let contentType = call.contentType { headers.append(HTTPHeader("Content-Type", contentType)) }
    if let token = try token(call.attempted) { headers.append(HTTPHeader("Authorization", "Bearer \(token)")) }
    let query = call.query.map { "\($0.0)=\(KubernetesClient.escaped($0.1))" }.joined(separator: "&")
    let url = access.server + call.path + (query.isEmpty ? "" : "?\(query)")
    return HTTPRequest(call.method, url, headers: headers, body: call.body, limits: limits, tls: access.tls)
  }

  private func token(_ attempted: String) throws(KubernetesError) -> String? {
    switch access.token {
    case .none: return nil
    case .fixed(let token): return token
    case .file(let path):
      do throws(ClusterAccessError) {
        let text = String(decoding: try FileText.read(path, because: "the bearer token", hint: "see that it is mounted"), as: UTF8.self)
        return String(text.filter { !$0.isWhitespace })
      } catch {
        throw KubernetesError(.unauthorized, attempted: attempted, message: error.description)
      }
    }
  }

  func note(_ head: HTTPHead) {
    guard let text = head["Date"], let seconds = HTTPDate.seconds(text) else { return }
    date.withLock { $0 = (seconds * 1000, clock.now) }
  }

  /// A query value or path segment with everything but the unreserved characters (RFC 3986 §2.3) escaped.
  static func escaped(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
      default: out += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

extension KubernetesError {
  /// Whether the same request may be sent again: reads after most failures, writes only where the server has not acted.
  fileprivate func mayBeRetried(_ call: KubernetesClient.Call) -> Bool {
    switch kind {
    case .tooManyRequests: true
    case .unreachable: !call.isWrite || message.contains("connect")
    case .serverError: !call.isWrite && (status == 503 || status == 504 || status == 502)
    case .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .gone, .invalid, .lostAnswer,
      .malformedAnswer, .cancelled:
      false
    }
  }
}
