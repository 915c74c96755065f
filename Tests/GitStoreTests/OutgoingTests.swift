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
}
