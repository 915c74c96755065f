import HTTPTransport

/// A service reached by smart HTTP, for libgit2: each request is an exchange of its own, read on the Git thread itself.
final class HTTPConnection: SmartConnection {
  /// The largest request, in bytes: it is held in memory, and what is pushed are a few small objects.
  static let requestLimit = 64 << 20

  private enum State {
    case closed
    /// Gathering a request's body.
    case writing([UInt8])
    case reading(HTTPBlockingReader)
  }

  let isStateless = true
  private let endpoint: HTTPEndpoint
  private let service: SmartService
  private var state = State.closed
  /// Kept from one request of the conversation to the next.
  private var connections: HTTPBlockingConnections?

  private let version2: Bool

  init(_ endpoint: HTTPEndpoint, service: SmartService, version2: Bool) {
    self.endpoint = endpoint
    self.version2 = version2
    self.service = service
  }

  func begin() throws(GitError) {
    let request = try endpoint.advertisement(of: service, version2: version2)
    state = .reading(try open(request, expecting: "application/x-\(service.rawValue)-advertisement"))
  }

  func request() throws(GitError) {
    // An answer read to its end leaves its connection to the next request; libgit2 stops at the last packet, before the end.
    if case .reading(let reader) = state { _ = try? reader.read(upTo: 1) }
    state = .writing([])
  }

  func write(_ bytes: [UInt8]) throws(GitError) {
    guard case .writing(var body) = state else { throw outOfTurn }
    state = .closed  // gives up the shared storage
    guard body.count + bytes.count <= Self.requestLimit else {
      throw GitError(.tooLarge, endpoint.attempted, on: endpoint.subject, cause: "more than \(Self.requestLimit >> 20) MB to send")
    }
    body += bytes
    state = .writing(body)
  }

  func read(upTo count: Int) throws(GitError) -> [UInt8] {
    let reader = try reader
    try endpoint.limit.check(endpoint.attempted, on: endpoint.subject)
    do throws(HTTPError) {
      return try reader.read(upTo: count)
    } catch {
      throw endpoint.error(error)
    }
  }

  /// The answer being read; the first read sends what was written.
  private var reader: HTTPBlockingReader {
    get throws(GitError) {
      switch state {
      case .reading(let reader): return reader
      case .writing(let body):
        let request = try endpoint.call(service, version2: version2, body: body)
        let reader = try open(request, expecting: "application/x-\(service.rawValue)-result")
        state = .reading(reader)
        return reader
      case .closed: throw outOfTurn
      }
    }
  }

  private func open(_ request: HTTPRequest, expecting type: String) throws(GitError) -> HTTPBlockingReader {
    let reader: HTTPBlockingReader
    do throws(HTTPError) {
      state = .closed  // lets go of the answer before, and with it of its connection
      if connections == nil { connections = try HTTPBlockingConnections() }
      reader = try HTTPBlockingReader(
        request, userAgent: HTTPEndpoint.userAgent, connections: connections,
        isCancelled: { [limit = endpoint.limit] in limit.reached != nil })
    } catch {
      throw endpoint.error(error)
    }
    try endpoint.check(reader.head, expecting: type) { (try? reader.read(upTo: 300)) ?? [] }
    return reader
  }

  private var outOfTurn: GitError { GitError(.protocol, endpoint.attempted, on: endpoint.subject, cause: "the connection is closed") }

  func close() { state = .closed }
}

extension HTTPBlockingReader {
  /// The next bytes, at most so many; none at the end.
  fileprivate func read(upTo count: Int) throws(HTTPError) -> [UInt8] {
    var failure: HTTPError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(HTTPError) {
        filled = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
