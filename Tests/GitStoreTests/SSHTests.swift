import FoundationEssentials
import GitStore
import Testing

/// A script in place of `ssh`: it writes down its arguments and runs the command here, as a server would.
private func fakeSSH(in scratch: Scratch, _ body: String = "exec sh -c \"$command\"") throws -> RemoteAccess.SSH {
  try scratch.write(
    "ssh",
    """
    #!/bin/sh
    printf '%s\\n' "$@" > \(scratch.path)/arguments
    while [ "$1" != -- ]; do shift; done
    host=$2; command=$3
    \(body)
    """)
  let environment = [
    "PATH": "/usr/bin:/bin", "HOME": scratch.path, "GIT_CONFIG_GLOBAL": "\(scratch.path)/gitconfig", "GIT_PROTOCOL": "version=1",
  ]
  return RemoteAccess.SSH(command: ["/bin/sh", "\(scratch.path)/ssh"], environment: environment)
}

@Suite("A remote over SSH")
struct SSHTests {
  let scratch: Scratch
  let store: GitStore
  let audit: RefName
  let author = Authorship(name: "Bot", email: "bot@example.org", seconds: 1_767_323_045)

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    store = try GitStore(cache: "\(scratch.path)/cache")
    audit = try .of("refs/heads/audit")
  }

  private func remote(_ ssh: RemoteAccess.SSH, path: String? = nil) throws -> RemoteAccess {
    RemoteAccess(url: try RemoteURL(parsing: "ssh://bot@example.org:2222\(path ?? "\(scratch.path)/remote.git")"), ssh: ssh)
  }

  @Test("Lists by protocol 2, fetches one tag and pushes")
  func everything() async throws {
    let remote = try remote(try fakeSSH(in: scratch))
    let listing = try await store.listRefs(remote, prefixes: ["refs/tags/web/"], deadline: .ample)
    #expect(listing.source == .wire(version: 2))
    #expect(listing.head == .branch("main"))
    #expect(
      listing.refs == [
        try .of("refs/tags/web/v1.0.0"): .init(target: try scratch.id("web/v1.0.0"), peeled: try scratch.id("web/v1.0.0^{}")),
        try .of("refs/tags/web/v1.1.0"): .init(target: try scratch.id("web/v1.1.0")),
      ])
    #expect(
      try scratch.sh("cat arguments")
        == "-o\nBatchMode=yes\n-o\nSendEnv=GIT_PROTOCOL\n-p\n2222\n--\nbot@example.org\ngit-upload-pack '\(scratch.path)/remote.git'")

    let tag = try await store.fetch(remote, ref: try .of("refs/tags/web/v1.0.0"), deadline: .ample)
    #expect(try tag == scratch.id("web/v1.0.0"))
    guard case .annotated(let object) = try await store.tag(tag) else { throw ShellFailure(script: "tag", status: 0, output: "") }
    #expect(try await store.commit(object.target).subject == "First")
    #expect(try await store.contains(scratch.id("main")) == false)

    try await pushTwice(to: remote)
  }

  private func pushTwice(to remote: RemoteAccess) async throws {
    let first = try await store.writeCommit(draft(nil, "a"))
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    #expect(try await store.fetch(remote, ref: audit, deadline: .ample) == first)
    let second = try await store.writeCommit(draft(first, "b"))
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .updated)
    #expect(try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .lostRace(current: second))
    #expect(try scratch.id("audit") == second)
    #expect(try scratch.sh("git -C remote.git fsck --strict --full --no-dangling").isEmpty)
  }

  private func draft(_ parent: ObjectID?, _ name: String) -> CommitDraft {
    CommitDraft(
      parents: parent.map { [$0] } ?? [], base: parent, changes: [name: .write(Array(name.utf8))], author: author, message: "\(name)\n")
  }

  @Test("A server that ignores protocol 2 is understood all the same")
  func oldServer() async throws {
    let remote = try remote(try fakeSSH(in: scratch, "unset GIT_PROTOCOL; exec sh -c \"$command\""))
    let listing = try await store.listRefs(remote, prefixes: ["refs/tags/web/"], deadline: .ample)
    #expect(listing.source == .wire(version: 0))
    #expect(listing.head == .branch("main"))
    #expect(listing.refs.count == 2)
    #expect(listing.refs[try .of("refs/tags/web/v1.0.0")]?.peeled == (try scratch.id("web/v1.0.0^{}")))
  }

  @Test("An empty repository is told from one that lacks the ref and from none")
  func missing() async throws {
    let ssh = try fakeSSH(in: scratch)
    try scratch.sh("git init -q --bare empty.git")
    let empty = try remote(ssh, path: "\(scratch.path)/empty.git")
    #expect(try await store.listRefs(empty, prefixes: ["refs/"], deadline: .ample).refs.isEmpty)
    #expect(try await store.listRefs(empty, prefixes: ["refs/"], deadline: .ample).head == .branch("main"))
    await expectError(.emptyRepository) { try await store.fetch(empty, ref: audit, deadline: .ample) }
    await expectError(.notFound) { try await store.fetch(try remote(ssh), ref: audit, deadline: .ample) }
    let nowhere = try remote(ssh, path: "\(scratch.path)/nowhere.git")
    await expectError(.notFound) { try await store.listRefs(nowhere, prefixes: ["refs/"], deadline: .ample) }
    await expectError(.notFound) { try await store.fetch(nowhere, ref: audit, deadline: .ample) }
    #expect(
      try await store.push(try await store.writeCommit(draft(nil, "a")), to: audit, of: empty, expecting: nil, deadline: .ample) == .updated
    )
  }

  @Test("A push refused by a hook says why, and nothing has changed")
  func hook() async throws {
    let remote = try remote(try fakeSSH(in: scratch))
    try scratch.sh("printf '#!/bin/sh\\necho not today >&2\\nexit 1\\n' > remote.git/hooks/update; chmod +x remote.git/hooks/update")
    let commit = try await store.writeCommit(draft(nil, "a"))
    #expect(try await store.push(commit, to: audit, of: remote, expecting: nil, deadline: .ample) == .rejected(reason: "hook declined"))
    await expectError(.notFound) { try await store.fetch(remote, ref: audit, deadline: .ample) }
  }

  @Test("Who is overtaken while pushing learns it from the ref, not from a message")
  func overtaken() async throws {
    // The hook runs after the refs were advertised and before they are changed.
    let remote = try remote(try fakeSSH(in: scratch))
    let first = try await store.writeCommit(draft(nil, "a"))
    #expect(try await store.push(first, to: audit, of: remote, expecting: nil, deadline: .ample) == .updated)
    try scratch.sh(
      "printf '#!/bin/sh\\nunset GIT_QUARANTINE_PATH; git update-ref refs/heads/audit %s\\n' $(git -C remote.git rev-parse main) > remote.git/hooks/pre-receive; chmod +x remote.git/hooks/pre-receive"
    )
    let second = try await store.writeCommit(draft(first, "b"))
    #expect(
      try await store.push(second, to: audit, of: remote, expecting: first, deadline: .ample) == .lostRace(current: try scratch.id("main")))
  }

  @Test("A push whose answer is lost is settled by reading the ref")
  func lostAnswer() async throws {
    // Passes receive-pack's advertisement on and swallows what it says after it.
    let dropping = try fakeSSH(
      in: scratch,
      "case $command in git-receive-pack*) exec python3 \(scratch.path)/drop.py \"$command\";; *) exec sh -c \"$command\";; esac")
    try scratch.write(
      "drop.py",
      """
      import subprocess, sys, os
      child = subprocess.Popen(["sh", "-c", sys.argv[1]], stdin=0, stdout=subprocess.PIPE)
      def packet():
          head = child.stdout.read(4)
          size = int(head, 16)
          return head + (child.stdout.read(size - 4) if size else b"")
      while True:
          piece = packet()
          os.write(1, piece)
          if piece == b"0000": break
      child.stdout.read()
      """)
    let commit = try await store.writeCommit(draft(nil, "a"))
    #expect(try await store.push(commit, to: audit, of: try remote(dropping), expecting: nil, deadline: .ample) == .updated)
  }

  @Test(
    "What ssh says is told, by kind",
    arguments: [
      ("echo 'bot@example.org: Permission denied (publickey).' >&2; exit 255", GitError.Kind.authentication, "Permission denied"),
      ("echo 'Host key verification failed.' >&2; exit 255", .authentication, "Host key"),
      ("echo 'ssh: connect to host example.org port 22: Connection refused' >&2; exit 255", .unreachable, "Connection refused"),
      ("echo 'ERROR: Repository not found.' >&2; exit 1", .notFound, "Repository not found"),
      ("echo 'sh: git-upload-pack: not found' >&2; exit 127", .protocol, "not found"),
      ("echo 'Welcome to example.org!'", .protocol, "no packet"),
      ("i=0; while [ $i -lt 2000 ]; do echo noise $i >&2; i=$((i+1)); done; echo last words >&2; exit 1", .notFound, "last words"),
    ])
  func failures(script: String, kind: GitError.Kind, text: String) async throws {
    let remote = try remote(try fakeSSH(in: scratch, script))
    do {
      _ = try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample)
      Issue.record("listed")
    } catch {
      #expect(error.kind == kind)
      #expect(error.cause.contains(text), "\(error)")
      #expect(error.cause.utf8.count < 2100)
    }
  }

  @Test("A server that is silent, or deaf, is left at the deadline, and its process is gone")
  func silence() async throws {
    let remote = try remote(try fakeSSH(in: scratch, "trap '' TERM; sleep 60 & echo $! > \(scratch.path)/pid; sleep 60"))
    await expectError(.timedOut) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .now + .milliseconds(300)) }
    // A zombie is dead too; whether it is reaped is its new parent's business.
    let state = try scratch.sh("cut -d' ' -f3 /proc/$(cat pid)/stat 2>/dev/null || echo gone")
    #expect(["Z", "X", "gone"].contains(state))
    await expectError(.timedOut) { try await store.fetch(remote, ref: audit, deadline: .now + .milliseconds(300)) }
    let task = Task { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample) }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    await expectError(.cancelled) { try await task.value }
  }

  @Test("A command that is not there is unreachable")
  func noSSH() async throws {
    let remote = try remote(RemoteAccess.SSH(command: ["\(scratch.path)/nothing"]))
    await expectError(.unreachable) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample) }
  }

  @Test("A path with quotes and blanks reaches the server as it is")
  func quoting() async throws {
    try scratch.sh(#"git clone -q --bare remote.git "it's \$(a) \"b\".git""#)
    let remote = RemoteAccess(
      url: try RemoteURL(parsing: "ssh://example.org\(scratch.path)/it's%20$(a)%20%22b%22.git"), ssh: try fakeSSH(in: scratch))
    #expect(try await store.listRefs(remote, prefixes: ["refs/heads/"], deadline: .ample).refs.count == 1)
  }
}
