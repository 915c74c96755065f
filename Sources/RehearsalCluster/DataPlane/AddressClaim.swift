package import NIOCore
import NIOPosix

/// A slot of loopback addresses that this process alone uses, for as long as the claim is held.
///
/// The claim is a listening socket, which the kernel gives to one process only and takes back when that process ends, however it ends.
package struct AddressClaim: Sendable {
  /// No slot is free: a hundred clusters run already, or something else listens on loopback in their stead.
  package struct NoFreeSlot: Error {}

  /// The addresses that are now this cluster's.
  package let plan: AddressPlan
  private let lock: any Channel

  /// Claims the first free slot.
  /// - Throws: `NoFreeSlot`.
  package static func first(group: any EventLoopGroup) async throws -> AddressClaim {
    for slot in AddressPlan.slots {
      let lockAddress = "\(AddressPlan(slot: slot).podNetwork).255.254"
      guard let lock = try? await listen(on: lockAddress, port: lockPort, group: group) else { continue }
      let shift = await mayBindPrivilegedPorts(on: lockAddress, group: group) ? 0 : unprivilegedShift
      return AddressClaim(plan: AddressPlan(slot: slot, privilegedPortShift: shift), lock: lock)
    }
    throw NoFreeSlot()
  }

  /// Gives the slot back.
  package func release() async {
    try? await lock.close()
  }

  private static let lockPort = 8001
  private static let unprivilegedShift = 8000

  private static func mayBindPrivilegedPorts(on address: String, group: any EventLoopGroup) async -> Bool {
    guard let channel = try? await listen(on: address, port: 1, group: group) else { return false }
    try? await channel.close()
    return true
  }

  private static func listen(on address: String, port: Int, group: any EventLoopGroup) async throws -> any Channel {
    try await ServerBootstrap(group: group).bind(host: address, port: port).get()
  }
}
