import Glibc

/// Small files that others may read at any time.
enum WholeFile {
  /// Writes a file whole or not at all, first under a name that no other writer has: the file's own and six letters.
  static func write(_ text: String, to path: String, attempted: String) throws(GitError) {
    var name = Array("\(path)-XXXXXX".utf8CString)
    let descriptor = unsafe mkstemp(&name)
    let bytes = Array(text.utf8)
    let written = unsafe Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
    guard written == bytes.count, unsafe rename(name, path) == 0 else {
      throw GitError(.storage, attempted, on: path, cause: "error \(errno)")
    }
  }
}
