import FoundationEssentials
package import ReleaseEngine
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// A folder that stands for a release repo, for planning before anything is committed. Commits are ignored: it is what it is.
package struct FolderFiles: RepositoryFiles {
  private let root: String

  package init(_ path: String) { root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  package func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]? {
    let full = try checked(path)
    guard FileManager.default.fileExists(atPath: full) else { return nil }
    guard let data = FileManager.default.contents(atPath: full) else {
      throw PortError(.configuration, attempted: "read \(path)", reason: "the file cannot be read", location: .init(file: full))
    }
    guard data.count <= 1 << 20 else {
      throw PortError(.configuration, attempted: "read \(path)", reason: "the file is longer than 1 MiB", location: .init(file: full))
    }
    return Array(data)
  }

  package func list(_ folder: String, at commit: String) async throws(PortError) -> [String] {
    let full = try checked(folder)
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: full)) ?? []
    guard found.count <= RepositoryLimit.files else { throw RepositoryLimit.tooManyFiles(below: folder) }
    return found.filter { Self.isFolder("\(full)/\($0)") == false }.map { "\(folder)/\($0)" }.sorted()
  }

  package func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String] {
    let full = try checked(folder)
    let found = ((try? FileManager.default.contentsOfDirectory(atPath: full)) ?? []).filter { Self.isFolder("\(full)/\($0)") == true }
    guard found.count <= RepositoryLimit.folders else { throw RepositoryLimit.tooManyFolders(in: folder) }
    return found.filter { FileManager.default.fileExists(atPath: "\(full)/\($0)/\(name)") }.sorted()
  }

  /// Nil where there is nothing.
  private static func isFolder(_ path: String) -> Bool? {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder : nil
  }

  /// A path below the root; symbolic links that lead out of it are refused.
  private func checked(_ path: String) throws(PortError) -> String {
    let full = "\(root)/\(path)"
    guard !path.split(separator: "/").contains("..") else {
      throw PortError(.configuration, attempted: "read \(path)", reason: "the path leads out of the folder")
    }
    guard let real = Self.real(full), let base = Self.real(root) else { return full }
    guard real == base || real.hasPrefix(base + "/") else {
      throw PortError(.configuration, attempted: "read \(path)", reason: "a symbolic link leads out of the folder")
    }
    return full
  }

  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
