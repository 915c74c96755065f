import FoundationEssentials
import GitStore
import HTTPTransport
import TestSupport
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

@Suite("A remote over SSH", .onOwnThread)
struct SSHTests {
  let scratch: Scratch
  let store: GitStore
  let audit: RefName

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
    audit = try .of("refs/heads/audit")
  }

  private func remote(_ ssh: RemoteAccess.SSH, path: String? = nil) throws -> RemoteAccess {
    RemoteAccess(url: try RemoteURL(parsing: "ssh://bot@example.org:2222\(path ?? "\(scratch.path)/remote.git")"), ssh: ssh)
  }

  @Test("Lists by protocol 2, fetches and pushes, and passes nothing that could be taken for an option")
  func everything() async throws {
    let ssh = try fakeSSH(in: scratch)
    try await RemoteContract(
      scratch: scratch, store: store, access: { try remote(ssh, path: "\(scratch.path)/\($0)") }, source: .wire(version: 2)
    ).check()
    _ = try await store.listRefs(try remote(ssh), prefixes: ["refs/tags/web/"], deadline: .ample)
    #expect(
      try scratch.sh("cat arguments")
        == "-o\nBatchMode=yes\n-o\nSendEnv=GIT_PROTOCOL\n-p\n2222\n--\nbot@example.org\ngit-upload-pack '\(scratch.path)/remote.git'")
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
    let commit = try await store.writeCommit(RemoteContract.draft(nil, "a"))
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
    await expectError(.timedOut) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .now + .seconds(3)) }
    // A zombie is dead too; whether it is reaped is its new parent's business. What is killed is dead only once it had its turn.
    let state = try scratch.sh(
      """
      [ -s pid ]
      for i in $(seq 500); do
        state=$(cut -d' ' -f3 /proc/$(cat pid)/stat 2>/dev/null || echo gone)
        case $state in Z|X|gone) break;; esac
        sleep 0.02
      done
      echo $state
      """)
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

// Debian's sshd, started on a high port of loopback by whoever runs the tests.
@Suite("A remote behind a real sshd", .onOwnThread, .enabled(if: isInstalled("sshd", "ssh", "ssh-keygen")))
struct SSHServerTests {
  let scratch: Scratch
  let store: GitStore
  let port: Int
  private let servers: Servers

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    port = try FreePort.next()
    try scratch.sh("for key in host user stranger; do ssh-keygen -q -t ed25519 -N '' -f $key; done; cp user.pub authorized")
    try scratch.write(
      "sshd_config",
      """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(scratch.path)/host
      PidFile \(scratch.path)/sshd.pid
      AuthorizedKeysFile \(scratch.path)/authorized
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      PermitRootLogin yes
      AcceptEnv GIT_PROTOCOL
      SetEnv GIT_CONFIG_GLOBAL=\(scratch.path)/gitconfig
      """)
    try scratch.sh("[ $(id -u) != 0 ] || mkdir -p /run/sshd; /usr/sbin/sshd -f $PWD/sshd_config -E $PWD/sshd.log")
    servers = try Servers(scratch, pidFiles: ["sshd.pid"])
    try scratch.sh(
      "echo \"[127.0.0.1]:\(port) $(cut -d' ' -f1,2 host.pub)\" > known; echo \"[127.0.0.1]:\(port) $(cut -d' ' -f1,2 user.pub)\" > wrong")
    store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
  }

  private func remote(_ repository: String, key: String = "user", known: String = "known") throws -> RemoteAccess {
    let user = try scratch.sh("id -un")
    let ssh = RemoteAccess.SSH(
      identityFile: "\(scratch.path)/\(key)", knownHostsFile: "\(scratch.path)/\(known)",
      environment: ["PATH": "/usr/bin:/bin", "HOME": scratch.path])
    return RemoteAccess(url: try RemoteURL(parsing: "ssh://\(user)@127.0.0.1:\(port)\(scratch.path)/\(repository)"), ssh: ssh)
  }

  @Test("Lists, fetches and pushes")
  func everything() async throws {
    // Each connection costs a key exchange of a third of a second, hence fewer of them.
    try await RemoteContract(
      scratch: scratch, store: store, access: { try remote($0) }, source: .wire(version: 2), writers: 2, rounds: 2
    ).check()
  }

  @Test("A key that is not known there, and a host key that is not known here, are refused")
  func refusals() async throws {
    for remote in [try remote("remote.git", key: "stranger"), try remote("remote.git", known: "wrong")] {
      await expectError(.authentication) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample) }
      await expectError(.authentication) { try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample) }
    }
  }
}
