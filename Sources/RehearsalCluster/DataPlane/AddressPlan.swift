/// Which loopback addresses one embedded cluster uses.
///
/// Pods and Services have addresses of their own, as in a real cluster, so that a Service's port is the Service's and not one that
/// another Service could want. All lie in 127.0.0.0/8, which Linux binds without further ado and which never leaves the machine.
/// Clusters that run side by side hold different slots, see ``AddressClaim``; two clusters never share an address.
package struct AddressPlan: Sendable, Hashable {
  /// How many clusters can run side by side on one machine.
  package static let slots = 0..<100
  /// How many addresses a network has for pods or Services: all of a /16 but its first and its last 256.
  package static let capacity = 65_536 - 512

  /// The number of this cluster among those that run side by side.
  package let slot: Int
  /// What is added to a port below 1024 before it is bound: 0 where this process may bind such ports, as root and in most containers.
  package let privilegedPortShift: Int

  /// - Precondition: `slots` contains the slot.
  package init(slot: Int = 0, privilegedPortShift: Int = 0) {
    precondition(Self.slots.contains(slot), "no such slot")
    self.slot = slot
    self.privilegedPortShift = privilegedPortShift
  }

  /// The first two octets of pods' addresses, such as `127.42`.
  package var podNetwork: String { "127.\(42 + 2 * slot)" }

  /// The first two octets of ClusterIPs, such as `127.43`.
  package var serviceNetwork: String { "127.\(43 + 2 * slot)" }

  /// The address that the node with this number (from 1) reports; nothing listens there.
  package func nodeAddress(_ number: Int) -> String { "\(podNetwork).0.\(number)" }

  /// A pod's address; `index` counts from 0 and wraps around after `capacity` addresses.
  package func podAddress(_ index: Int) -> String { Self.address(index, in: podNetwork) }

  /// A ClusterIP; `index` counts from 0 and wraps around after `capacity` addresses.
  package func clusterIP(_ index: Int) -> String { Self.address(index, in: serviceNetwork) }

  /// Whether an address is one of this cluster's ClusterIPs, as a client may ask for it by name.
  package func isClusterIP(_ address: String) -> Bool {
    let octets = address.split(separator: ".", omittingEmptySubsequences: false)
    guard octets.count == 4, octets.prefix(2).joined(separator: ".") == serviceNetwork else { return false }
    return octets.suffix(2).allSatisfy { octet in UInt8(octet).map(String.init) == String(octet) }
  }

  /// The port that is really bound for a port that an object declares.
  package func listeningPort(_ declared: Int) -> Int { declared < 1024 ? declared + privilegedPortShift : declared }

  private static func address(_ index: Int, in network: String) -> String {
    let offset = index % capacity + 256
    return "\(network).\(offset / 256).\(offset % 256)"
  }
}
