import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// Small files that access needs: certificates, keys, tokens.
enum FileText {
  /// The most that such a file can sensibly hold, in bytes.
  static let longest = 1 << 20

  /// - Throws: ``ClusterAccessError`` naming the file, never what is in it.
  static func read(_ path: String, because purpose: String, hint: String) throws(ClusterAccessError) -> [UInt8] {
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw fault(path, purpose, errno == ENOENT ? "there is no such file" : "it may not be looked at", hint)
    }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw fault(path, purpose, "this is a folder", hint)
    // A pipe or a device may never end.
    default: throw fault(path, purpose, "this is no regular file", hint)
    }
    guard info.st_size <= longest else { throw fault(path, purpose, "it is longer than \(longest) bytes", hint) }
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw fault(path, purpose, "the permission is missing", hint)
    }
  }

  private static func fault(_ path: String, _ purpose: String, _ why: String, _ hint: String) -> ClusterAccessError {
    ClusterAccessError(file: path, reason: "could not be read for \(purpose): \(why)", hint: hint)
  }
}
