import HTTPTransport

/// Which addresses checks may connect to.
///
/// A plan names hosts, and the settings name those that it may name. What a host's name resolves to is another's to say: a loopback,
/// link-local, unspecified or API-server address is refused whatever the name, unless the settings name that very address.
struct ProbeAddresses: Sendable {
  private let hosts: Set<String>
  private let named: Set<IPAddress>

  /// - Parameter hosts: the names and addresses that the settings name.
  init(hosts: [String]) {
    self.hosts = Set(hosts.map { $0.lowercased() })
    named = Set(hosts.compactMap { IPAddress($0) })
  }

  /// For an address that a plan names.
  func policy(for url: String, apiServer: APIServerPlace?) async -> AddressPolicy {
    let target = HTTPAuthority(url: url)
    let isNamed = target.map { hosts.contains($0.host) } ?? false
    // `localhost` says by itself what it resolves to.
    let mayBeLoopback = isNamed && target?.isLoopback == true
    let forbidden = await apiServerAddresses(apiServer, target, isNamed)
    return AddressPolicy { [named] address in
      if named.contains(address) { return nil }
      if forbidden.contains(address) { return "the API server's address, which the settings do not name" }
      if address.isLoopback { return mayBeLoopback ? nil : "a loopback address, which the settings do not name" }
      if address.isLinkLocal { return "a link-local address, which the settings do not name" }
      return address.isUnspecified ? "it means this very host" : nil
    }
  }

  /// What the API server answers at, on the port that the target names: on one machine an ingress may share its address, never its port.
  private func apiServerAddresses(_ apiServer: APIServerPlace?, _ target: HTTPAuthority?, _ isNamed: Bool) async -> Set<IPAddress> {
    guard let apiServer, let target, apiServer.authority.port == target.port else { return [] }
    // Named by the API server's own name, it is meant.
    if isNamed && apiServer.authority.host == target.host { return [] }
    return await apiServer.addresses()
  }

  /// For a Service: its own cluster IP and nothing else.
  func only(_ ip: IPAddress) -> AddressPolicy {
    AddressPolicy { address in address == ip ? nil : "it is not the Service's cluster IP \(ip)" }
  }
}
