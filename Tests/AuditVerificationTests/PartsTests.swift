import Digests
import GitStore
import ReleaseModel
import Testing

@testable import AuditVerification

/// The parts that take Git's bytes and paths apart.
@Suite struct PartsTests {
  private static let empty = String(Digest(of: []).hex.dropFirst(4))

  static let paths: [(String, TrailPath)] = [
    ("README.md", .readme), ("records.json", .count), ("services/web/head.json", .head(service: "web")),
    ("services/web/noted.json", .noted(service: "web")), ("services/web/records/0000/0000001.json", .record(service: "web", sequence: 1)),
    ("services/web/records/0041/0041999.json", .record(service: "web", sequence: 41_999)),
    ("services/web/records/12345/12345678.json", .record(service: "web", sequence: 12_345_678)),
    ("services/web/records/0001/0000001.json", .unknown), ("services/web/records/0000/1.json", .unknown),
    ("services/web/records/0000/00000001.json", .unknown), ("services/web/records/0000/000000x.json", .unknown),
    ("services/web/records/0000001.json", .unknown), ("services/web/tags/ab/web%2Fv1.json", .tag(service: "web")),
    ("services/web/keys/ab/cd.json", .key(service: "web")), ("services/web/keys/ab/cd.txt", .unknown), ("services/web", .unknown),
    ("services/wеb/head.json", .head(service: "wеb")), ("services//head.json", .head(service: "")), ("Services/web/head.json", .unknown),
    ("exhibits/e3/b0/\(empty)", .exhibit(Digest(of: []))), ("exhibits/e3b0\(empty)", .unknown), ("exhibits/e3/b1/\(empty)x", .unknown),
    ("exhibits/E3/b0/\(empty)", .unknown), ("Exhibits/e3/b0/\(empty)", .unknown), ("exhibits/e3/b0/\(empty)/x", .unknown),
    ("services/web/head.json/x", .unknown), ("", .unknown), ("records.json/", .unknown),
  ]

  @Test(arguments: paths) func `a path is what it is, and nothing that looks like it`(_ path: String, _ place: TrailPath) {
    #expect(TrailPath(Array(path.utf8)) == place)
  }

  @Test func `a path that is no UTF-8 is nothing of tagflip's`() {
    #expect(TrailPath(Array("services/we".utf8) + [0xFF] + Array("/head.json".utf8)) == .unknown)
  }

  private func cursor(_ bytes: [UInt8]) throws -> [TreeItem] {
    var cursor = try TreeCursor(bytes, of: try #require(ObjectID(hex: String(repeating: "a", count: 40))))
    var items: [TreeItem] = []
    while let item = cursor.next {
      items.append(item)
      try cursor.advance()
    }
    return items
  }

  private static func entry(_ mode: String, _ name: String) -> [UInt8] {
    Array("\(mode) \(name)".utf8) + [0] + [UInt8](repeating: 7, count: 20)
  }

  @Test func `a tree is read entry by entry`() throws {
    let bytes =
      Self.entry("100644", "a.b") + Self.entry("40000", "a") + Self.entry("100755", "b") + Self.entry("120000", "c")
      + Self.entry("160000", "d")
    #expect(try cursor(bytes).map(\.kind) == [.file, .directory, .executable, .symbolicLink, .submodule])
    #expect(try cursor([]).isEmpty)
  }

  static let spoiled: [[UInt8]] = [
    entry("100644", "b") + entry("100644", "a"), entry("100644", "a") + entry("100644", "a"), Array(entry("100644", "a").dropLast()),
    Array("100644 a".utf8), Array("100644".utf8), entry("100999", "a"), entry("100644", ""), entry("10000000", "a"), [0],
    [0xFF, 0x20, 0x61, 0],
  ]

  @Test(arguments: spoiled) func `a tree that git would not write is damaged`(_ bytes: [UInt8]) throws {
    let error = #expect(throws: GitError.self) { try cursor(bytes) }
    #expect(error?.kind == .corrupt)
  }

  @Test func `every code has its words, and none is told apart by case alone`() {
    #expect(FindingCode.allCases.allSatisfy { $0.meaning.count > 15 && $0.meaning.first?.isUppercase == false })
    #expect(FindingCode.allCases.allSatisfy { $0.rawValue.wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil })
  }
}
