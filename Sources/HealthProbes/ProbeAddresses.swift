import HTTPTransport

/// Which addresses checks may connect to.
struct ProbeAddresses: Sendable {
  /// The hosts that the settings name.
  let hosts: [String]

  /// For an address that a plan names: loopback, link-local and unspecified ones are refused, whatever the name resolved to, unless the
  /// settings name the URL's host or the address.
  func policy(for url: String) -> AddressPolicy {
    let named = Set(hosts.map { $0.lowercased() })
    let isNamed = HTTPAuthority(url: url).map { named.contains($0.host.lowercased()) } ?? false
    return AddressPolicy { address in
      guard !isNamed, !named.contains(address.description) else { return nil }
      if address.isLoopback { return "a loopback address" }
      if address.isLinkLocal { return "a link-local address" }
      return address.isUnspecified ? "it means this very host" : nil
    }
  }

  /// For a Service: its own cluster IP and nothing else.
  func only(_ ip: String) -> AddressPolicy {
    AddressPolicy { address in address.description == ip || ip.contains(":") ? nil : "it is not the Service's cluster IP \(ip)" }
  }
}
