import Glibc

/// Pairs of descriptors that no child inherits by accident.
package enum Descriptors {
  /// A pipe: what is written to the second comes out of the first. Nil with `errno` set where there is none.
  package static func pipe() -> (read: CInt, write: CInt)? {
    guard let pair = unsafe pair({ unsafe Glibc.pipe($0) }) else { return nil }
    for descriptor in [pair.0, pair.1] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return (read: pair.0, write: pair.1)
  }

  /// Two ends of one two-way stream. Unlike with a pipe, writing to an end whose other end is gone can be an error and not SIGPIPE.
  package static func socketPair() -> (ours: CInt, theirs: CInt)? {
    guard
      let pair = unsafe pair({ unsafe Glibc.socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, $0) })
    else { return nil }
    return (ours: pair.0, theirs: pair.1)
  }

  /// Closes those that are open: negative numbers are none.
  package static func close(_ descriptors: CInt...) {
    for descriptor in descriptors where descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  /// Makes reading from it answer EAGAIN instead of waiting.
  package static func doNotWait(on descriptor: CInt) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  /// What the system calls an error number.
  package static func message(_ code: CInt) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }

  private static func pair(_ make: (UnsafeMutablePointer<CInt>) -> CInt) -> (CInt, CInt)? {
    var numbers: [CInt] = [-1, -1]
    let result = unsafe numbers.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe make($0) } ?? -1
    }
    return result == 0 ? (numbers[0], numbers[1]) : nil
  }
}
