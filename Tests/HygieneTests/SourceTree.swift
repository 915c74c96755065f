import FoundationEssentials

/// The project's files, as a clone has them.
struct SourceTree: Sendable {
  /// One text file, by its path from the top.
  struct File: Sendable, CustomStringConvertible {
    var path: String
    var lines: [String]

    var description: String { path }
    var isTest: Bool { path.hasPrefix("Tests/") }
    /// The module that it belongs to.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  }

  static let top = String(#filePath.dropLast("/Tests/HygieneTests/SourceTree.swift".count))

  /// All Swift files of `Sources` and `Tests`.
  static let swift: [File] = files(under: ["Sources", "Tests"]).filter { $0.path.hasSuffix(".swift") }
  /// All that is text.
  static let texts: [File] = files(under: ["Sources", "Tests", "config", "jobs", ".ci"]) + [file("README.md"), file("Package.swift")]

  static func entries(of folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(top)/\(folder)")) ?? []).sorted()
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(top)/\(path)") }

  static func file(_ path: String) -> File {
    let bytes = FileManager.default.contents(atPath: "\(top)/\(path)") ?? Data()
    return File(
      path: path, lines: String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  private static func files(under folders: [String]) -> [File] {
    folders.flatMap { folder -> [File] in
      entries(of: folder).flatMap { name -> [File] in
        let path = "\(folder)/\(name)"
        var isFolder = false
        guard FileManager.default.fileExists(atPath: "\(top)/\(path)", isDirectory: &isFolder) else { return [] }
        return isFolder ? files(under: [path]) : [file(path)]
      }
    }
  }
}
