import GitStore
import HTTPTransport
import TestSupport
import Testing

/// What every way to a remote must do alike. The remote is the repository of ``makeRemote(in:)``, `empty.git` an empty one and `nowhere.git` none.
struct RemoteContract {
  let scratch: Scratch
  let store: GitStore
  /// The access to a repository of that name in the scratch directory.
  let access: (_ repository: String) throws -> RemoteAccess
  let source: RefListing.Source
  /// How many write at once, and how often each.
  var writers = 3
  var rounds = 4

  private static let author = Authorship(name: "Bot", email: "bot@example.org", seconds: 1_767_323_045)

  static func draft(_ parent: ObjectID?, _ name: String) -> CommitDraft {
    CommitDraft(
      parents: parent.map { [$0] } ?? [], base: parent, changes: [name: .write(Array(name.utf8))], author: author, message: "\(name)\n")
  }

  func check() async throws {
    try scratch.sh("git init -q --bare empty.git")
    try await listing()
    try await fetching()
    try await missing()
    try await pushing()
    try await racing()
    try await hooks()
    try scratch.sh("git -C empty.git fsck --strict --full")
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling") == "")
  }

  private func listing() async throws {
    let listing = try await store.listRefs(try access("remote.git"), prefixes: ["refs/tags/web/", "refs/heads/m"], deadline: .ample)
    #expect(listing.source == source)
    #expect(listing.head == .branch("main"))
    #expect(
      listing.refs == [
        try .of("refs/tags/web/v1.0.0"): .init(target: try scratch.id("web/v1.0.0"), peeled: try scratch.id("web/v1.0.0^{}")),
        try .of("refs/tags/web/v1.1.0"): .init(target: try scratch.id("web/v1.1.0")),
        try .of("refs/heads/main"): .init(target: try scratch.id("main")),
      ])
  }

  private func fetching() async throws {
    let remote = try access("remote.git")
    let tag = try await store.fetch(remote, ref: try .of("refs/tags/web/v1.0.0"), deadline: .ample)
    #expect(try tag == scratch.id("web/v1.0.0"))
    guard case .annotated(let object) = try await store.tag(tag) else {
      throw ShellFailure(script: "tag", status: 0, output: "lightweight")
    }
    #expect(try await store.commit(object.target).subject == "First")
    #expect(try await store.contains(scratch.id("main")) == false)
    let main = try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample)
    #expect(try await store.history(from: main, limit: 10).map(\.subject) == ["Second", "First"])
    #expect(try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample) == main)
  }

  private func missing() async throws {
    let audit = try RefName.of("refs/heads/audit")
    let empty = try access("empty.git")
    let listing = try await store.listRefs(empty, prefixes: ["refs/"], deadline: .ample)
    #expect(listing.refs.isEmpty)
    await expectError(.emptyRepository) { try await store.fetch(empty, ref: audit, deadline: .ample) }
    await expectError(.notFound) { try await store.fetch(try access("remote.git"), ref: audit, deadline: .ample) }
    await expectError(.notFound) { try await store.listRefs(try access("nowhere.git"), prefixes: ["refs/"], deadline: .ample) }
    await expectError(.notFound) { try await store.fetch(try access("nowhere.git"), ref: audit, deadline: .ample) }
    let commit = try await store.writeCommit(Self.draft(nil, "root"))
    await expectError(.notFound) {
      try await store.push(commit, to: audit, of: try access("nowhere.git"), expecting: nil, deadline: .ample)
    }
    #expect(try await store.push(commit, to: audit, of: empty, expecting: nil, deadline: .ample) == .updated)
  }

  private func pushing() async throws {
    let (remote, audit) = (try access("remote.git"), try RefName.of("refs/heads/audit"))
    let refs = try scratch.sh("git -C remote.git for-each-ref")
    try await store.checkPush(to: remote, deadline: .ample)
    try await store.checkPush(to: try access("empty.git"), deadline: .ample)
    #expect(try scratch.sh("git -C remote.git for-each-ref") == refs, "a right that is asked for changes nothing")
    await expectError(.notFound) { try await store.checkPush(to: try access("nowhere.git"), deadline: .ample) }
    let first = try await store.writeCommit(Self.draft(nil, "a"))
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    #expect(try await store.fetch(remote, ref: audit, deadline: .ample) == first)
    let second = try await store.writeCommit(Self.draft(first, "b"))
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .updated)
    #expect(try scratch.id("audit") == second)
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .lostRace(current: second))
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .lostRace(current: second))
    try scratch.sh("git -C remote.git update-ref -d refs/heads/audit")
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .lostRace(current: nil))
  }

  /// Several writers at once: no commit that was called updated is lost.
  private func racing() async throws {
    let (remote, log) = (try access("remote.git"), try RefName.of("refs/heads/log"))
    let root = try await store.writeCommit(Self.draft(nil, "root"))
    #expect(try await store.push(root, to: log, of: remote, expecting: nil, deadline: .ample) == .updated)
    let landed = try await withThrowingTaskGroup(of: Int.self) { [scratch, writers, rounds] group in
      for writer in 0..<writers {
        group.addTask {
          let store = try GitStore(cache: "\(scratch.path)/cache-\(writer)", client: HTTPClient(userAgent: "tests"))
          var landed = 0
          for number in 0..<rounds {
            let tip = try await store.fetch(remote, ref: log, deadline: .ample)
            let commit = try await store.writeCommit(Self.draft(tip, "\(writer)-\(number)"))
            switch try await store.push(commit, to: log, of: remote, expecting: tip, deadline: .ample) {
            case .updated: landed += 1
            case .lostRace(let current): #expect(current != tip)
            case .rejected(let reason):
              // The ref's lock was taken at that moment: the server says so and nothing has changed.
              #expect(reason.contains("lock") || reason.contains("failed to update ref"))
            }
          }
          return landed
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(landed >= rounds)
    #expect(try scratch.sh("git -C remote.git rev-list --count refs/heads/log") == "\(landed + 1)")
  }

  /// Where a Git process stands between, its hooks have a say.
  private func hooks() async throws {
    guard source != .refDatabase else { return }
    let (remote, audit) = (try access("remote.git"), try RefName.of("refs/heads/hooked"))
    let first = try await store.writeCommit(Self.draft(nil, "a"))
    try scratch.sh("printf '#!/bin/sh\\necho not today >&2\\nexit 1\\n' > remote.git/hooks/update; chmod +x remote.git/hooks/update")
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .rejected(reason: "hook declined"))
    await expectError(.notFound) { try await store.fetch(remote, ref: audit, deadline: .ample) }
    try scratch.sh("rm remote.git/hooks/update")
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)

    // This one runs after the refs were advertised and before they are changed: somebody else is faster.
    try scratch.sh(
      """
      printf '#!/bin/sh\\nunset GIT_QUARANTINE_PATH; git update-ref refs/heads/hooked %s\\n' $(git -C remote.git rev-parse main) \
        > remote.git/hooks/pre-receive
      chmod +x remote.git/hooks/pre-receive
      """)
    let second = try await store.writeCommit(Self.draft(first, "b"))
    let result = try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample)
    #expect(try result == .lostRace(current: scratch.id("main")))
    try scratch.sh("rm remote.git/hooks/pre-receive")
  }
}
