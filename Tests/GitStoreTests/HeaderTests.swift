import Testing

@testable import GitStore

/// Commits and tags taken apart from their own bytes, and the names that Git gives to bytes.
@Suite struct HeaderTests {
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

  private static let tag = "object \(tree)\ntype commit\ntag web/v1.0.0\ntagger A <a@x> 12 +0000\n\nWeb\n\nReason: x\n"
  private static let armor = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"

  @Test func `a tag is taken apart, and its signature is no part of its message`() throws {
    let header = try #require(TagHeader(Array((Self.tag + Self.armor).utf8)))
    #expect(header.target.hex == Self.tree && header.targetType == .commit && header.name == Array("web/v1.0.0".utf8))
    #expect(header.tagger == HeaderSignature(identity: Array("A <a@x>".utf8), seconds: 12, offset: Array("+0000".utf8)))
    #expect(header.message == Array("Web\n\nReason: x\n".utf8) && header.others.isEmpty)
    let old = try #require(TagHeader(Array(Self.tag.replacing("tagger A <a@x> 12 +0000\n", with: "").utf8)))
    #expect(old.tagger == nil && old.message == header.message)
  }

  static let brokenTags = [
    "", "object", "object \(tree)\n", tag.replacing("object aaa", with: "object zzz"), tag.replacing("commit", with: "comit"),
    tag.replacing("tag web/v1.0.0", with: "tag "), tag.replacing("tagger A <a@x>", with: "tagger A"), tag.replacing("\n\n", with: "\n"),
    tag.replacing("type commit\ntag web/v1.0.0", with: "tag web/v1.0.0\ntype commit"),
    tag.replacing("object ", with: "object \(tree)\nobject "),
    armor,
  ]

  @Test(arguments: brokenTags) func `what is no tag as git writes them is none`(_ text: String) {
    #expect(TagHeader(Array(text.utf8)) == nil)
  }

  // git hash-object -t KIND --literally
  static let names: [(CloneObjects.Kind, String, String)] = [
    (.blob, "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), (.blob, "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
    (.tree, "", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"), (.tag, "x\n", "12b2c1ea0ef1e54adc9044f4be072b019535f9fd"),
    (.commit, "x\n", "7a8268564565b6efa4f57bc4350e360700416c8a"),
  ]

  @Test(arguments: names) func `bytes have the name that git gives them`(_ kind: CloneObjects.Kind, _ text: String, _ name: String) throws {
    #expect(try ObjectID.name(of: Array(text.utf8), as: kind).hex == name)
  }
}
