import GitStore
import HTTPTransport
import TestSupport
import Testing

@Suite("Writing and pushing commits", .onOwnThread)
struct CommitTests {
  let scratch: Scratch
  let store: GitStore
  let remote: RemoteAccess
  let audit: RefName
  let author = Authorship(name: "Bot", email: "bot@example.org", seconds: 1_767_323_045, offsetMinutes: 90)

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
    remote = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git"))
    audit = try .of("refs/heads/tagflip/audit")
  }

  func draft(_ parent: ObjectID?, _ changes: [String: FileChange], _ message: String = "Note\n\nBody\n") -> CommitDraft {
    CommitDraft(parents: parent.map { [$0] } ?? [], base: parent, changes: changes, author: author, message: message)
  }

  @Test("Git agrees with the commits that are written and pushed")
  func history() async throws {
    let first = try await store.writeCommit(draft(nil, ["a/b/c.json": .write(Array("1".utf8)), "a/d": .write([]), "e": .write([0, 255])]))
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    let second = try await store.writeCommit(
      draft(first, ["a/b/c.json": .delete, "a/d": .write(Array("2".utf8)), "x": .write([])], "Two\n"))
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .updated)
    #expect(try scratch.id("tagflip/audit") == second)
    #expect(try scratch.sh("git -C remote.git ls-tree -r --name-only \(first)") == "a/b/c.json\na/d\ne")
    #expect(try scratch.sh("git -C remote.git ls-tree -r -t --name-only \(second)") == "a\na/d\ne\nx")
    #expect(
      try scratch.sh("git -C remote.git log --format='%an <%ae> %ad|%s|%b' --date=raw \(first)")
        == "Bot <bot@example.org> 1767323045 +0130|Note|Body\n")
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling").isEmpty)
    #expect(
      try await store.writeCommit(draft(first, ["a/b/c.json": .delete, "a/d": .write(Array("2".utf8)), "x": .write([])], "Two\n")) == second
    )
  }

  @Test("A file may become a directory and the reverse, and all may go")
  func replacements() async throws {
    let first = try await store.writeCommit(draft(nil, ["a": .write([1]), "b/c": .write([2])]))
    let second = try await store.writeCommit(draft(first, ["a/x": .write([3]), "b": .write([4])]))
    #expect(try await store.entries(under: "", at: second, limit: 10).map(\.path) == ["a", "a/x", "b"])
    let third = try await store.writeCommit(draft(second, ["a/x": .delete, "b": .delete]))
    #expect(try await store.entries(under: "", at: third, limit: 10).isEmpty)
    #expect(try await store.push(third, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling").isEmpty)
  }

  @Test(
    "What Git could not store is refused",
    arguments: [
      [("", FileChange.write([]))], [("/a", .write([]))], [("a/", .write([]))], [("a//b", .write([]))], [("../a", .write([]))],
      [(".git/config", .write([]))], [("a/git~1", .write([]))], [("a/.GIT/x", .write([]))], [("a\0b", .write([]))],
      [("a", .write([])), ("a/b", .write([]))],
    ])
  func badPaths(changes: [(String, FileChange)]) async throws {
    await expectError(.invalid) { try await store.writeCommit(draft(nil, Dictionary(uniqueKeysWithValues: changes))) }
  }

  @Test("Deleting what is not there is not found, and names that cannot be read back are refused")
  func badDrafts() async throws {
    let first = try await store.writeCommit(draft(nil, ["a": .write([])]))
    await expectError(.notFound) { try await store.writeCommit(draft(first, ["b": .delete])) }
    await expectError(.notFound) { try await store.writeCommit(draft(first, ["b/c": .delete])) }
    await expectError(.invalid) { try await store.writeCommit(draft(first, ["a": .write([1])], "No\0")) }
    for name in ["", "A <b", "A\nB", " A"] {
      var bad = draft(first, ["a": .write([1])])
      bad.author.name = name
      await expectError(.invalid) { try await store.writeCommit(bad) }
    }
    let missing = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
    await expectError(.notFound) { try await store.writeCommit(draft(missing, ["a": .write([1])])) }
  }

  @Test("Who is second learns what is there, for a ref that exists and for one that does not")
  func lostRace() async throws {
    let mine = try await store.writeCommit(draft(nil, ["a": .write([1])]))
    let theirs = try await store.writeCommit(draft(nil, ["a": .write([2])]))
    #expect(try await store.push(theirs, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    #expect(try await store.push(mine, to: audit, of: remote, expecting: nil, deadline: .ample) == .lostRace(current: theirs))
    let next = try await store.writeCommit(draft(theirs, ["b": .write([1])]))
    try scratch.sh("git -C remote.git update-ref refs/heads/tagflip/audit main")
    #expect(
      try await store.push(next, to: audit, of: remote, expecting: theirs, deadline: .ample) == .lostRace(current: try scratch.id("main")))
    try scratch.sh("git -C remote.git update-ref -d refs/heads/tagflip/audit")
    #expect(try await store.push(next, to: audit, of: remote, expecting: theirs, deadline: .ample) == .lostRace(current: nil))
  }

  @Test("Of many pushes at once, also by git itself, each lands or learns that it lost")
  func race() async throws {
    let root = try await store.writeCommit(draft(nil, ["root": .write([])]))
    #expect(try await store.push(root, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let store = try GitStore(cache: "\(scratch.path)/cache-\(writer)", client: HTTPClient(userAgent: "tests"))
          var landed = 0
          for number in 0..<10 {
            let tip = try await store.fetch(remote, ref: audit, deadline: .ample)
            let commit = try await store.writeCommit(draft(tip, ["\(writer)/\(number)": .write([])]))
            if try await store.push(commit, to: audit, of: remote, expecting: tip, deadline: .ample) == .updated { landed += 1 }
          }
          return landed
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(try scratch.sh("git -C remote.git rev-list --count refs/heads/tagflip/audit") == "\(counts + 1)")
    #expect(try scratch.sh("git -C remote.git ls-tree -r --name-only refs/heads/tagflip/audit | grep -c /") == "\(counts)")
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling").isEmpty)
  }

  @Test("Only what descends from the expected commit is pushed")
  func fastForward() async throws {
    let one = try await store.writeCommit(draft(nil, ["a": .write([1])]))
    let other = try await store.writeCommit(draft(nil, ["a": .write([2])]))
    #expect(try await store.push(one, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    await expectError(.invalid) { try await store.push(other, to: audit, of: remote, expecting: one, deadline: .ample) }
  }

  @Test("The branch of a work tree is left alone")
  func checkedOut() async throws {
    let work = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/work"))
    let tip = try await store.fetch(work, ref: try .of("refs/heads/main"), deadline: .ample)
    let commit = try await store.writeCommit(draft(tip, ["a": .write([1])]))
    guard case .rejected = try await store.push(commit, to: try .of("refs/heads/main"), of: work, expecting: tip, deadline: .ample) else {
      Issue.record("pushed over a work tree")
      return
    }
    #expect(try await store.push(commit, to: audit, of: work, expecting: nil, deadline: .ample) == .updated)
  }

  @Test("git verify-commit accepts a commit that was signed over the bytes handed to the signer", .enabled(if: isInstalled("ssh-keygen")))
  func signed() async throws {
    try scratch.sh("ssh-keygen -q -t ed25519 -N '' -C bot -f key; echo \"bot@example.org $(cat key.pub)\" > allowed")
    let scratch = self.scratch
    let commit = try await store.writeCommit(draft(nil, ["a": .write([1])], "Signed ✓\n")) { bytes in
      try scratch.write("payload", String(decoding: bytes, as: UTF8.self))
      try scratch.sh("rm -f payload.sig; ssh-keygen -q -Y sign -n git -f key payload")
      return try scratch.sh("cat payload.sig") + "\n"
    }
    #expect(try await store.push(commit, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    let output = try scratch.sh("git -C remote.git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=$PWD/allowed verify-commit \(commit)")
    #expect(output.contains("Good \"git\" signature for bot@example.org"))
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling").isEmpty)
  }

  @Test("A signer that fails leaves no commit")
  func failingSigner() async throws {
    await expectError(.unsigned) {
      try await store.writeCommit(draft(nil, ["a": .write([1])])) { _ in throw ShellFailure(script: "", status: 1, output: "") }
    }
  }
}
