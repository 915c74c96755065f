import GitStore
import ReleaseModel
import Testing

@testable import AuditVerification

/// The parts that take Git's bytes and paths apart.
@Suite struct PartsTests {
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
    ("services/web/head.json/x", .unknown), ("", .unknown), ("records.json/", .unknown),
  ]

  @Test(arguments: paths) func `a path is what it is, and nothing that looks like it`(_ path: String, _ place: TrailPath) {
    #expect(TrailPath(Array(path.utf8)) == place)
  }

  @Test func `a path that is no UTF-8 is nothing of tagflip's`() {
    #expect(TrailPath(Array("services/we".utf8) + [0xFF] + Array("/head.json".utf8)) == .unknown)
  }

  private static let tree = String(repeating: "a", count: 40)
  private static let commit =
    "tree \(tree)\nparent \(tree)\nauthor A <a@x> 12 +0000\ncommitter B <b@x> 13 +0100\ngpgsig -----BEGIN\n x\n y\n\nSubject\n\nBody\n"

  @Test func `a commit is taken apart`() throws {
    let header = try #require(CommitHeader(Array(Self.commit.utf8)))
    #expect(header.tree.hex == Self.tree && header.parents.map(\.hex) == [Self.tree])
    #expect(header.author == .init(identity: Array("A <a@x>".utf8), seconds: 12, offset: Array("+0000".utf8)))
    #expect(header.committer.seconds == 13 && header.others == ["gpgsig"] && header.isSigned)
    #expect(header.message == Array("Subject\n\nBody\n".utf8))
  }

  static let broken = [
    "", "tree", "tree \(tree)\n", "tree \(tree)\nauthor A <a@x> 1 +0\n\nx", commit.replacing("tree aaa", with: "tree zzz"),
    commit.replacing("committer", with: "comitter"), commit.replacing("\n\n", with: "\n"), commit.replacing("A <a@x> 12 +0000", with: "A"),
    commit.replacing("A <a@x> 12", with: "A <a@x>"), commit.replacing("parent", with: "parent\nparent"),
  ]

  @Test(arguments: broken) func `what is no commit as git writes them is none`(_ text: String) {
    #expect(CommitHeader(Array(text.utf8)) == nil)
  }

  @Test func `a date that fits into nothing is no date`() throws {
    let header = try #require(CommitHeader(Array(Self.commit.replacing(" 12 ", with: " 99999999999999999999 ").utf8)))
    #expect(header.author.seconds == nil)
  }

  private func cursor(_ bytes: [UInt8]) throws -> [TreeItem] {
    var cursor = try TreeCursor(bytes, of: try #require(ObjectID(hex: Self.tree)))
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
