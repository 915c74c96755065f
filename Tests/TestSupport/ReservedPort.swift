import Glibc
import Synchronization

/// A port of this machine's loopback on which connections are refused, until a server takes it.
package final class ReservedPort: Sendable {
  package let host: String
  package let port: Int
  private let socket: Int32
  private let isTaken = Mutex(false)

  /// - Parameter host: an address of 127.0.0.0/8, or `::1`.
  package init(_ host: String = "127.0.0.1") throws {
    let isV6 = host.contains(":")
    let socket = Glibc.socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var storage = sockaddr_storage()
    var size = socklen_t(isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      if isV6 {
        let address = base.assumingMemoryBound(to: sockaddr_in6.self)
        address.pointee.sin6_family = sa_family_t(AF_INET6)
        inet_pton(AF_INET6, host, &address.pointee.sin6_addr)
      } else {
        let address = base.assumingMemoryBound(to: sockaddr_in.self)
        address.pointee.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, host, &address.pointee.sin_addr)
      }
      let any = base.assumingMemoryBound(to: sockaddr.self)
      return bind(socket, any, size) + getsockname(socket, any, &size)
    }
    guard status == 0 else { throw SystemFailure(call: "bind \(host)", code: errno) }
    // The port stands at the same place in both kinds of address.
    let port = withUnsafeBytes(of: &storage) { $0.load(fromByteOffset: 2, as: UInt16.self) }
    (self.socket, self.host, self.port) = (socket, host, Int(UInt16(bigEndian: port)))
  }

  deinit { if !isTaken.withLock(\.self) { close(socket) } }

  package var url: String { host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)" }

  /// The socket, which now listens and is the caller's.
  package func listen() throws -> Int32 {
    isTaken.withLock { $0 = true }
    guard Glibc.listen(socket, 128) == 0 else { throw SystemFailure(call: "listen", code: errno) }
    return socket
  }
}
