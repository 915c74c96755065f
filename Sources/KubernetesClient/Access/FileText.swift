import ChildProcesses
import Glibc

/// Small files that access needs: certificates, keys, tokens.
enum FileText {
  /// The most that such a file can sensibly hold, in bytes.
  static let longest = 1 << 20

  /// - Throws: ``ClusterAccessError`` naming the file and what the system said, never what is in it.
  static func read(_ path: String, because purpose: String, hint: String) throws(ClusterAccessError) -> [UInt8] {
    func system() -> ClusterAccessError {
      let code = errno
      return fault(path, purpose, code == ENOENT ? "there is no such file" : Descriptors.message(code), hint)
    }
    var info = stat()
    guard stat(path, &info) == 0 else { throw system() }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw fault(path, purpose, "this is a folder", hint)
    // A pipe or a device may never end.
    default: throw fault(path, purpose, "this is no regular file", hint)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw system() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= longest {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw system() }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw fault(path, purpose, "it is longer than \(longest) bytes", hint)
  }

  private static func fault(_ path: String, _ purpose: String, _ why: String, _ hint: String) -> ClusterAccessError {
    ClusterAccessError(file: path, reason: "could not be read for \(purpose): \(why)", hint: hint)
  }
}
