import FoundationEssentials
import ReleaseEngine
import ReleaseModel

/// Files that the command itself reads.
enum Files {
  static func read(_ path: String, attempted: String, hint: String) throws(PortError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      let reason = FileManager.default.fileExists(atPath: path) ? "the file cannot be read" : "there is no such file"
      throw PortError(.configuration, attempted: attempted, reason: reason, hint: hint, location: SourceLocation(file: path))
    }
    return Array(data)
  }

  /// Makes the folder that a path lies in.
  static func makeParent(of path: String) throws(PortError) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    do {
      try FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
    } catch {
      throw PortError(
        .configuration, attempted: "make the cache's folder", reason: "\(error)", hint: "name another: repository.cache in the settings",
        location: SourceLocation(file: path))
    }
  }
}
