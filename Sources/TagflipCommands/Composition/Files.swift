import FoundationEssentials
import ReleaseEngine
import ReleaseModel

/// Files that the command itself reads.
enum Files {
  /// - Parameter limit: the most that such a file can sensibly hold, in bytes.
  static func read(_ path: String, attempted: String, hint: String, limit: Int = 1 << 20) throws(PortError) -> [UInt8] {
    func refusal(_ reason: String) -> PortError {
      PortError(.configuration, attempted: attempted, reason: reason, hint: hint, location: SourceLocation(file: path))
    }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw refusal("there is no such file") }
    guard !isFolder else { throw refusal("this is a folder, not a file") }
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw refusal("the file cannot be read: \(reason(error))")
    }
    guard data.count <= limit else { throw refusal("the file is longer than \(limit / 1024) KiB") }
    return Array(data)
  }

  /// Whether there is such a file, which is no folder.
  static func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) && !isFolder(path) }

  /// Whether there is such a folder.
  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  static func write(_ text: String, to path: String, attempted: String, hint: String) throws(PortError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: path))
    } catch {
      throw PortError(
        .configuration, attempted: attempted, reason: reason(error), hint: hint, location: SourceLocation(file: path))
    }
  }

  /// Makes the folder that a path lies in.
  static func makeParent(of path: String) throws(PortError) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    do {
      try FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
    } catch {
      throw PortError(
        .configuration, attempted: "make the cache's folder", reason: reason(error), hint: "name another: repository.cache in the settings",
        location: SourceLocation(file: path))
    }
  }

  /// What the system says, without the library's wrapping.
  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileWriteNoPermission, .fileReadNoPermission: "the permission is missing"
    case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such folder"
    case .fileWriteVolumeReadOnly: "the file system is read-only"
    case .fileWriteOutOfSpace: "no space is left"
    default: PlainText.line("\(error)", longest: 200)
    }
  }
}
