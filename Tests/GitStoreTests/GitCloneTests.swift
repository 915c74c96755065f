import TestSupport
import Testing

@testable import GitStore

/// A repository that is read where it lies.
@Suite(.onOwnThread) struct GitCloneTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.sh(
      """
      git init -q work; cd work; mkdir -p a/b; echo one > a/b/c; git add .; git commit -q -m First; git tag -a v1 -m Tag
      echo two > a/b/c; git commit -q -a -m Second
      """)
  }

  private func clone(_ path: String) throws -> GitClone { try GitClone(at: "\(scratch.path)/\(path)") }

  private func id(_ name: String) throws -> ObjectID { try #require(ObjectID(hex: try scratch.sh("git -C work rev-parse \(name)"))) }

  @Test func `objects are handed out as they are stored, from the folder or one below it`() async throws {
    let head = try id("HEAD")
    for path in ["work", "work/a/b", "work/.git"] {
      let raw = try await clone(path).read { (objects) throws(GitError) in try objects.bytes(of: head, as: .commit, limit: 1000) }
      #expect(try String(decoding: raw, as: UTF8.self) == scratch.sh("git -C work cat-file commit HEAD") + "\n")
    }
  }

  @Test func `refs are found, and what is not there is nil`() async throws {
    let (head, first, tag) = (try id("HEAD"), try id("HEAD~1"), try id("v1"))
    let found = try await clone("work").read { (objects) throws(GitError) in
      (
        try RefName.branch("main").flatMap { (ref) throws(GitError) in try objects.target(of: ref) },
        try RefName.branch("none").flatMap { (ref) throws(GitError) in try objects.target(of: ref) },
        try objects.refs(prefixes: ["refs/tags/"]).refs.values.first, try objects.descends(head, from: first), objects.isShallow
      )
    }
    #expect(found.0 == head && found.1 == nil)
    #expect(found.2 == RefListing.Entry(target: tag, peeled: first))
    #expect(found.3 && !found.4)
  }

  @Test func `what is missing, too large, damaged or of another kind is told apart`() async throws {
    let (head, blob) = (try id("HEAD"), try id("HEAD:a/b/c"))
    let none = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
    try scratch.sh(
      "cd work; git cat-file blob HEAD~1:a/b/c > x; o=$(git rev-parse HEAD~1:a/b/c); chmod u+w .git/objects/*/*; printf x > .git/objects/$(echo $o | cut -c1-2)/$(echo $o | cut -c3-)"
    )
    let broken = try id("HEAD~1:a/b/c")
    let cases: [(ObjectID, CloneObjects.Kind, Int, GitError.Kind)] = [
      (none, .blob, 10, .notFound), (blob, .blob, 2, .tooLarge), (head, .blob, 1000, .invalid), (broken, .blob, 10, .corrupt),
    ]
    let clone = try clone("work")
    for (id, kind, limit, wanted) in cases {
      let error = await #expect(throws: GitError.self) {
        try await clone.read { (objects) throws(GitError) in try objects.bytes(of: id, as: kind, limit: limit) }
      }
      #expect(error?.kind == wanted, "\(String(describing: error))")
    }
  }

  @Test func `a shallow clone says so, and a folder without a repository is not found`() async throws {
    try scratch.sh("git clone -q --depth 1 file://$PWD/work shallow; mkdir empty")
    #expect(try await clone("shallow").read { (objects) throws(GitError) in objects.isShallow })
    for path in ["empty", "nosuch"] {
      let error = await #expect(throws: GitError.self) { try await clone(path).read { (objects) throws(GitError) in objects.isShallow } }
      #expect(error?.kind == .notFound)
    }
  }
}
