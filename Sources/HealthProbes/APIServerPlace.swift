import HTTPTransport
import Synchronization

/// Where the API server is reached, so that no plan makes a probe of it.
///
/// Its name is resolved when the first address of a plan is to be probed, by connecting and refusing each address just before: nothing is
/// sent. While nothing was found, which is when a probe could not reach it by that name either, the next probe asks again.
actor APIServerPlace {
  /// Scheme, name and port as the client's configuration spells them.
  nonisolated let authority: HTTPAuthority
  private let http: any HTTPSending
  private let url: String
  private var found: Set<IPAddress> = []

  /// - Parameter url: the API server's `https` URL; nothing is made of what is none.
  init?(url: String, http: any HTTPSending) {
    guard let authority = HTTPAuthority(url: url) else { return nil }
    self.authority = authority
    self.url = url
    self.http = http
    if let address = IPAddress(authority.host) { found = [address] }
  }

  /// All addresses of its name.
  func addresses() async -> Set<IPAddress> {
    if found.isEmpty { found = await lookUp() }
    return found
  }

  private func lookUp() async -> Set<IPAddress> {
    let seen = Mutex<Set<IPAddress>>([])
    let policy = AddressPolicy { address in
      seen.withLock { _ = $0.insert(address) }
      return "only its address is asked for"
    }
    let limits = HTTPLimits(total: .seconds(5), connect: .seconds(5), maximumBody: 1)
    let request = HTTPRequest("GET", url, limits: limits, connection: .fresh, addresses: policy, mayUseProxy: false)
    _ = try? await http.send(request)
    return seen.withLock(\.self)
  }
}
