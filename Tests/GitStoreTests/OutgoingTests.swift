import GitStore
import HTTPTransport
import TestSupport
import Testing

/// What is sent, and what is copied, is what changed: however much there was before.
@Suite("Pushing to, and fetching from, a large repository", .onOwnThread)
struct OutgoingTests {
  let scratch: Scratch
  let main: RefName
  private static let author = Authorship(name: "Bot", email: "bot@example.org", seconds: 1_767_323_045)

  init() throws {
    scratch = try Scratch()
    try scratch.sh("git init -q --bare remote.git")
    main = try .of("refs/heads/main")
  }

  private func store() throws -> GitStore { try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests")) }

  private func draft(_ parent: ObjectID, _ changes: [String: FileChange]) -> CommitDraft {
    CommitDraft(parents: [parent], base: parent, changes: changes, author: Self.author, message: "More\n")
  }

  private var directory: RemoteAccess { RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git")) }

  /// The repository behind a process, as SSH reaches it.
  private func served() throws -> RemoteAccess {
    try scratch.write("ssh", "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nexec sh -c \"$3\"\n")
    let environment = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "GIT_CONFIG_GLOBAL": "\(scratch.path)/gitconfig"]
    return RemoteAccess(
      url: try RemoteURL(parsing: "ssh://example.org\(scratch.path)/remote.git"),
      ssh: .init(command: ["/bin/sh", "\(scratch.path)/ssh"], environment: environment))
  }

  @Test("A push looks at nothing that the commit leaves as it was")
  func push() async throws {
    try scratch.sh(
      """
      git init -q work; cd work; mkdir -p kept/deep changed; echo 1 > kept/deep/file; echo 2 > kept/file; echo 3 > changed/file; echo 4 > changed/other
      git add .; git commit -q -m First; git push -q ../remote.git main
      """)
    let remote = try served()
    let first = try await store().fetch(remote, ref: main, deadline: .ample)
    // What was kept is not there to be looked at.
    let kept = try ["main:kept/deep", "main:kept/file", "main:changed/other", "main:kept"].map { try scratch.id($0).hex }
    try scratch.sh(
      """
      cd cache/repository.git; mv objects/pack/*.pack ..; rm -f objects/pack/*; for p in ../*.pack; do git unpack-objects -q < $p; done
      for id in \(kept.joined(separator: " ")); do rm objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-); done
      """)
    let store = try store()
    let second = try await store.writeCommit(draft(first, ["changed/file": .write([2]), "changed/new/file": .write([3])]))
    let third = try await store.writeCommit(draft(second, ["changed/new/file": .delete, "top": .write([2])]))
    #expect(try await store.push(third, to: main, of: remote, expecting: first, deadline: .ample) == .updated)
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling") == "")
    #expect(
      try scratch.sh("git -C remote.git ls-tree -r --name-only main | tr '\\n' ' '")
        == "changed/file changed/other kept/deep/file kept/file top ")
    #expect(try scratch.sh("git -C remote.git show main~1:changed/new/file | wc -c") == "1")
  }

  /// A commit of 5,100 files, which git packs.
  private func makeLarge() throws {
    try scratch.sh(
      """
      cd remote.git
      { printf 'commit refs/heads/main\\ncommitter Ada <ada@example.org> 1767323045 +0000\\ndata 0\\n'
        for i in $(seq 5100); do printf 'M 100644 inline d%s/f%s\\ndata %s\\n%s\\n' $((i % 50)) $i ${#i} $i; done; } | git fast-import --quiet
      """)
  }

  @Test("Of a directory, more objects than are copied are read where they lie, now and later")
  func borrowing() async throws {
    try makeLarge()
    let first = try await store().fetch(directory, ref: main, deadline: .ample)
    #expect(try scratch.sh("find cache/repository.git/objects -type f | sed 's/.*objects.//'") == "info/alternates")
    #expect(try scratch.sh("cat cache/repository.git/objects/info/alternates") == "\(scratch.path)/remote.git/objects")
    let later = try store()
    #expect(try await later.contains(first))
    #expect(try await later.file("d0/f5100", at: first, limit: 10) == Array("5100".utf8))
    let second = try await later.writeCommit(draft(first, ["d0/new": .write([1])]))
    #expect(try await later.push(second, to: main, of: directory, expecting: first, deadline: .ample) == .updated)
    #expect(
      try scratch.sh("git -C remote.git fsck --strict --full --no-dangling; git -C remote.git count-objects") == "4 objects, 16 kilobytes")
    // Repacked beneath a store that is open, and named once however often it is needed.
    try scratch.sh("git -C remote.git gc -q --prune=now")
    #expect(try await later.file("d49/f49", at: second, limit: 10) == Array("49".utf8))
    try scratch.sh("rm -rf cache/repository.git/objects/??")
    #expect(try await store().fetch(directory, ref: main, deadline: .ample) == second)
    #expect(try scratch.sh("wc -l < cache/repository.git/objects/info/alternates") == "1")
  }

  @Test("A directory that went away, and was read where it lay, is damage that the next fetch mends")
  func borrowedAndGone() async throws {
    try makeLarge()
    let id = try await store().fetch(directory, ref: main, deadline: .ample)
    try scratch.sh("git clone -q --bare remote.git copy.git; rm -rf remote.git")
    let later = try store()
    await expectError(.notFound) { try await later.fetch(directory, ref: main, deadline: .ample) }
    let copy = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/copy.git"))
    #expect(try await later.fetch(copy, ref: main, deadline: .ample) == id)
    #expect(try await later.file("d0/f5100", at: id, limit: 10) == Array("5100".utf8))
  }
}
