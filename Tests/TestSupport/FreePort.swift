import Glibc
import Synchronization

/// Ports of this machine's loopback for servers that must be told theirs before they start.
///
/// A port that the kernel chose and that was let go of again may be chosen once more before the server has it, for another server or for
/// somebody's outgoing connection. These lie below all that the kernel chooses from, and none is given twice.
package enum FreePort {
  private static let first = 10_000
  private static let count = 20_000
  private static let given = Atomic(Int.random(in: 0..<count))

  /// The next one that nobody listens on.
  /// - Throws: ``SystemFailure`` where there is none.
  package static func next() throws -> Int {
    for _ in 0..<count {
      let port = first + given.add(1, ordering: .relaxed).oldValue % count
      if isFree(port) { return port }
    }
    throw SystemFailure(call: "bind", code: EADDRINUSE)
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }
  }
}
