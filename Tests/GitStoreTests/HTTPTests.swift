import FoundationEssentials
import GitStore
import HTTPTransport
import TestSupport
import Testing

// nginx, fcgiwrap and git http-backend are Debian packages; without them there is no server to judge by.
@Suite("A remote over HTTP", .onOwnThread, .enabled(if: GitHTTPServer.isAvailable))
struct HTTPTests {
  let scratch: Scratch
  let store: GitStore
  let server: GitHTTPServer
  let audit: RefName

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    server = try GitHTTPServer(in: scratch)
    store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
    audit = try .of("refs/heads/audit")
  }

  private func remote(_ path: String, basic: RemoteAccess.Basic? = nil) throws -> RemoteAccess {
    RemoteAccess(url: try RemoteURL(parsing: "http://127.0.0.1:\(server.port)/\(path)"), basic: basic)
  }

  private func secure(_ path: String, authority: String?) throws -> RemoteAccess {
    var tls = TLSSettings()
    if let authority { tls.certificateAuthority = Array(try Data(contentsOf: URL(filePath: "\(scratch.path)/\(authority)"))) }
    return RemoteAccess(url: try RemoteURL(parsing: "https://bot:s3cret@127.0.0.1:\(server.securePort)/\(path)"), tls: tls)
  }

  @Test("Lists, fetches and pushes over plain HTTP with a password")
  func plain() async throws {
    let basic = RemoteAccess.Basic(user: "bot", password: "s3cret")
    try await RemoteContract(
      scratch: scratch, store: store, access: { try remote("closed/\($0)", basic: basic) }, source: .wire(version: 2)
    ).check()
  }

  @Test("Lists, fetches and pushes over TLS 1.3")
  func tls() async throws {
    try await RemoteContract(
      scratch: scratch, store: store, access: { try secure("closed/\($0)", authority: "tls.pem") }, source: .wire(version: 2)
    ).check()
  }

  @Test("A server that never heard of protocol 2 is understood all the same")
  func oldServer() async throws {
    try await RemoteContract(scratch: scratch, store: store, access: { try remote("old/\($0)") }, source: .wire(version: 0)).check()
  }

  @Test("Who may read and not push is told so without a push")
  func readOnly() async throws {
    try scratch.sh("git -C remote.git config http.receivepack false")
    let remote = try remote("open/remote.git")
    #expect(try await !store.listRefs(remote, prefixes: ["refs/"], deadline: .ample).refs.isEmpty)
    await expectError(.authentication) { try await store.checkPush(to: remote, deadline: .ample) }
  }

  @Test("An unborn branch is known to a server of protocol 2")
  func unborn() async throws {
    try scratch.sh("git init -q --bare -b trunk empty.git")
    #expect(try await store.listRefs(try remote("open/empty.git"), prefixes: ["refs/"], deadline: .ample).head == .branch("trunk"))
  }

  @Test("No or wrong credentials are refused as such, without repeating them, by every operation")
  func credentials() async throws {
    let commit = try await store.writeCommit(RemoteContract.draft(nil, "a"))
    for basic in [nil, RemoteAccess.Basic(user: "bot", password: "wr0ng")] {
      let remote = try remote("closed/remote.git", basic: basic)
      await expectError(.authentication) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample) }
      await expectError(.authentication) { try await store.fetch(remote, ref: audit, deadline: .ample) }
      await expectError(.authentication) { try await store.push(commit, to: audit, of: remote, expecting: nil, deadline: .ample) }
      await expectError(.authentication) { try await store.checkPush(to: remote, deadline: .ample) }
      do {
        _ = try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample)
      } catch {
        #expect(!"\(error)".contains("wr0ng"))
        #expect("\(error)".contains(basic == nil ? "none are configured" : "HTTP 401"))
      }
    }
  }

  @Test("A certificate of a stranger is refused")
  func stranger() async throws {
    for authority in [nil, "other.pem"] {
      let remote = try secure("open/remote.git", authority: authority)
      await expectError(.unreachable) { try await store.listRefs(remote, prefixes: ["refs/"], deadline: .ample) }
      await expectError(.unreachable) { try await store.fetch(remote, ref: audit, deadline: .ample) }
    }
  }

  @Test(
    "What is no Git server is told by kind",
    arguments: [
      ("moved/r.git", GitError.Kind.protocol, "it has moved to http://example.org/elsewhere"), ("page/r.git", .protocol, "no smart HTTP"),
      ("broken/r.git", .unreachable, "HTTP 503: back soon"), ("nothing/r.git", .notFound, "HTTP 404"),
    ])
  func noGit(path: String, kind: GitError.Kind, text: String) async throws {
    for fetch in [false, true] {
      do {
        if fetch {
          _ = try await store.fetch(try remote(path), ref: audit, deadline: .ample)
        } else {
          _ = try await store.listRefs(try remote(path), prefixes: ["refs/"], deadline: .ample)
        }
        Issue.record("\(path) was understood")
      } catch let error as GitError {
        #expect(error.kind == kind)
        #expect(error.cause.contains(text), "\(error)")
      }
    }
  }

  @Test("A port that nobody listens on is unreachable")
  func unreachable() async throws {
    let nobody = RemoteAccess(url: try RemoteURL(parsing: "http://127.0.0.1:\(try FreePort.next())/r.git"))
    await expectError(.unreachable) { try await store.listRefs(nobody, prefixes: ["refs/"], deadline: .ample) }
    await expectError(.unreachable) { try await store.fetch(nobody, ref: audit, deadline: .ample) }
  }

  @Test("A server that says nothing is left at the deadline, or when the task is cancelled")
  func silence() async throws {
    let listener = try Listener()
    let silent = RemoteAccess(url: try RemoteURL(parsing: "http://127.0.0.1:\(listener.port)/r.git"))
    await expectError(.timedOut) { try await store.listRefs(silent, prefixes: ["refs/"], deadline: .now + .milliseconds(200)) }
    await expectError(.timedOut) { try await store.fetch(silent, ref: audit, deadline: .now + .milliseconds(200)) }
    let commit = try await store.writeCommit(RemoteContract.draft(nil, "a"))
    await expectError(.timedOut) {
      try await store.push(commit, to: audit, of: silent, expecting: nil, deadline: .now + .milliseconds(200))
    }
    for fetch in [false, true] {
      let task = Task {
        if fetch {
          _ = try await store.fetch(silent, ref: audit, deadline: .ample)
        } else {
          _ = try await store.listRefs(silent, prefixes: ["refs/"], deadline: .ample)
        }
      }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      await expectError(.cancelled) { try await task.value }
    }
  }

  @Test("A push that stops at the deadline after the server acted leaves its outcome unknown, and the next look tells")
  func unknownOutcome() async throws {
    try scratch.sh(
      "printf '#!/bin/sh\\nwhile [ ! -e \(scratch.path)/go ]; do sleep 0.05; done\\n' > remote.git/hooks/update; chmod +x remote.git/hooks/update"
    )
    let commit = try await store.writeCommit(RemoteContract.draft(nil, "a"))
    let remote = try remote("open/remote.git")
    await expectError(.outcomeUnknown) {
      try await store.push(commit, to: audit, of: remote, expecting: nil, deadline: .now + .seconds(4))
    }
    try scratch.sh("! git -C remote.git rev-parse -q --verify refs/heads/audit; touch go")
    try scratch.sh("for i in $(seq 100); do git -C remote.git rev-parse -q --verify refs/heads/audit >/dev/null && break; sleep 0.1; done")
    #expect(try await store.fetch(remote, ref: audit, deadline: .ample) == commit)
  }
}
