import AuditVerification
import ReleaseEngine
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// A log of the API server, a file or standard input, read piece by piece.
struct APILogFile: Sendable {
  private static let piece = 256 << 10

  private let path: String

  /// - Throws: `configuration` where it cannot be opened.
  init(_ path: String) throws(PortError) {
    self.path = path
    guard path != "-" else { return }
    var info = stat()
    let isFolder = stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    guard access(path, R_OK) == 0, !isFolder else {
      throw PortError(
        .configuration, attempted: "read the API server's log",
        reason: isFolder ? "this is a folder, not a file" : "the file cannot be read",
        hint: "name a file of JSON lines: --api-log FILE; - is standard input", location: SourceLocation(file: path))
    }
  }

  /// Feeds all of it to a verifier. What cannot be read any more is a finding there.
  func read(into verifier: inout APILogVerifier) {
    verifier.begin(path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path)
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor > STDIN_FILENO { close(descriptor) } }
    var buffer = [UInt8](repeating: 0, count: Self.piece)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return verifier.end(because: String(cString: strerror(errno))) }
      guard count > 0 else { return verifier.end() }
      verifier.feed(buffer[..<count])
    }
  }
}
