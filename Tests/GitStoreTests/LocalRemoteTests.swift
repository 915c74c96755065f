import FoundationEssentials
import GitStore
import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite("A remote that is a directory", .onOwnThread)
struct LocalRemoteTests {
  let scratch: Scratch
  let store: GitStore
  let remote: RemoteAccess

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
    remote = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git"))
  }

  @Test("Lists, fetches and pushes like any other remote")
  func contract() async throws {
    try await RemoteContract(
      scratch: scratch, store: store, access: { RemoteAccess(url: try RemoteURL(parsing: "file://\(scratch.path)/\($0)")) },
      source: .refDatabase
    ).check()
  }

  @Test(
    "A right to push is missing where the directory cannot be written, and the error says what and why", arguments: ["objects", "refs"])
  func unwritable(place: String) async throws {
    if let folder = Self.readOnlyFolder {
      // Not even root writes there.
      try scratch.sh("cd remote.git; cp -r \(place) ../kept; rm -r \(place); ln -s \(folder) \(place)")
    } else if geteuid() != 0 {
      try scratch.sh("chmod a-w remote.git/\(place)")
    } else {
      try Test.cancel("root may write everywhere, and no file system is mounted read-only here")
    }
    defer { _ = try? scratch.sh("test -L remote.git/\(place) || chmod u+w remote.git/\(place)") }
    let error = await #expect(throws: GitError.self) { try await store.checkPush(to: remote, deadline: .ample) }
    #expect(error?.kind == .storage)
    #expect(error?.description.contains("remote.git/\(place) cannot be written: ") == true, "\(String(describing: error))")
  }

  /// A folder of a file system that is mounted read-only.
  private static let readOnlyFolder: String? = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8))?.split(separator: "\n")
    .compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count > 3 && fields[3].split(separator: ",").contains("ro") ? String(fields[1]) : nil
    }.first { access($0, W_OK) != 0 && errno == EROFS && access("\($0)/.", X_OK) == 0 }

  @Test("Lists the refs of a prefix with what tags point to, loose and packed alike", arguments: [false, true])
  func listing(packed: Bool) async throws {
    if packed { try scratch.sh("git -C remote.git pack-refs --all") }
    let listing = try await store.listRefs(remote, prefixes: ["refs/tags/web/", "refs/heads/"], deadline: .ample)
    #expect(listing.source == .refDatabase)
    #expect(listing.head == RefName.branch("main"))
    #expect(
      listing.refs == [
        try .of("refs/tags/web/v1.0.0"): .init(
          target: try scratch.id("web/v1.0.0"), peeled: try scratch.id("web/v1.0.0^{commit}")),
        try .of("refs/tags/web/v1.1.0"): .init(target: try scratch.id("web/v1.1.0")),
        try .of("refs/heads/main"): .init(target: try scratch.id("main")),
      ])
  }

  // gitrepository-layout(5); what git itself prints is the judge.
  @Test(
    "However refs are stored, they are listed as git lists them",
    arguments: [
      "true", "git pack-refs --all", "git pack-refs --all; git tag -f web/v1.0.0 main; git tag -a -m x web/new web/v1.0.0",
      "git pack-refs --all; sed -i -e /^#/d -e '/^^/d' packed-refs",
      "git pack-refs --all; sed -i '1s/.*/# pack-refs with: peeled /' packed-refs",
      "git symbolic-ref refs/tags/web/alias refs/tags/web/v1.0.0; git symbolic-ref refs/tags/web/dangling refs/tags/web/none",
      "git tag -a -m deep web/deep api/v1.0.0; git tag -a -m deeper web/deeper web/deep", "git tag web/tree main^{tree}",
      "mkdir -p refs/tags/web/empty/dir; echo x > refs/tags/web/v1.0.0.lock", "git tag web/nested/deeply/v1",
      "git tag webby; git tag web-v1",
    ])
  func storage(script: String) async throws {
    try scratch.sh("cd remote.git; \(script)")
    for prefixes in [
      ["refs/tags/web/"], ["refs/tags/we"], ["refs/"], ["refs/heads/main"], ["refs/tags/web/v1", "refs/tags/api/"], ["refs/none/"],
    ] {
      let listing = try await store.listRefs(remote, prefixes: prefixes, deadline: .ample)
      let lines = try scratch.sh("git ls-remote remote.git").split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
      var expected: [RefName: RefListing.Entry] = [:]
      for line in lines where prefixes.contains(where: { line[1].hasPrefix($0) }) {
        let id = try #require(ObjectID(hex: line[0]))
        if line[1].hasSuffix("^{}") {
          expected[try .of(String(line[1].dropLast(3)))]?.peeled = id
        } else {
          expected[try .of(line[1])] = .init(target: id)
        }
      }
      #expect(listing.refs == expected, "\(prefixes)")
    }
  }

  @Test("A broken ref is told and not left out")
  func brokenRef() async throws {
    try scratch.sh(": > remote.git/refs/tags/web/v1.0.0")
    await expectError(.corrupt) { try await store.listRefs(remote, prefixes: ["refs/tags/"], deadline: .ample) }
    #expect(try await store.listRefs(remote, prefixes: ["refs/heads/"], deadline: .ample).refs.count == 1)
  }

  @Test("An empty repository has no refs, and fetching from it says so")
  func empty() async throws {
    try scratch.sh("git init -q --bare empty.git")
    let empty = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/empty.git"))
    let listing = try await store.listRefs(empty, prefixes: ["refs/"], deadline: .ample)
    #expect(listing.refs.isEmpty)
    #expect(listing.head == RefName.branch("main"))
    await expectError(.emptyRepository) { try await store.fetch(empty, ref: try .of("refs/heads/main"), deadline: .ample) }
  }

  @Test("What is not there is not found")
  func notFound() async throws {
    let nowhere = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/nowhere.git"))
    await expectError(.notFound) { try await store.listRefs(nowhere, prefixes: ["refs/"], deadline: .ample) }
    await expectError(.notFound) { try await store.fetch(remote, ref: try .of("refs/tags/web/v9.0.0"), deadline: .ample) }
  }

  @Test("Fetches one tag and nothing else, and reads what it holds")
  func fetch() async throws {
    let id = try await store.fetch(remote, ref: try .of("refs/tags/web/v1.0.0"), deadline: .ample)
    #expect(try id == scratch.id("web/v1.0.0"))
    guard case .annotated(let tag) = try await store.tag(id) else { throw ShellFailure(script: "tag", status: 0, output: "lightweight") }
    #expect(tag.name == "web/v1.0.0")
    #expect(tag.targetType == .commit)
    #expect(try tag.target == scratch.id("web/v1.0.0^{commit}"))
    #expect(tag.message == "Web one\n")
    #expect(tag.tagger == Authorship(name: "Ada", email: "ada@example.org", seconds: 1_767_323_045))
    #expect(tag.signature == nil)
    #expect(tag.signedBytes.elementsEqual(tag.raw))
    #expect(String(decoding: tag.raw, as: UTF8.self) == (try scratch.sh("git -C remote.git cat-file tag web/v1.0.0")) + "\n")

    let commit = try await store.commit(tag.target)
    #expect(commit.subject == "First")
    #expect(commit.parents == [])
    let text = String(decoding: try await store.file("services/web/cutover.yaml", at: commit.id, limit: 100), as: UTF8.self)
    #expect(text == "name: web\n")
    #expect(try await store.contains(scratch.id("main")) == false)

    let second = try await store.fetch(remote, ref: try .of("refs/tags/web/v1.1.0"), deadline: .ample)
    #expect(try await store.tag(second) == .lightweight(commit: second))
    #expect(try await store.commit(second).message == "Second\n\nWith a body.\n")
    #expect(try await store.commit(second).parents == [commit.id])
    #expect(try await store.descends(second, from: commit.id))
    #expect(try await store.descends(commit.id, from: second) == false)
    #expect(try await store.mergeBase(second, commit.id) == commit.id)
    #expect(try await store.history(from: second, limit: 10).map(\.subject) == ["Second", "First"])
    #expect(try await store.history(from: second, limit: 1).map(\.subject) == ["Second"])
    #expect(try await store.history(from: second, until: [commit.id], limit: 10).map(\.subject) == ["Second"])
    try scratch.sh("git -C cache/repository.git fsck --strict")
  }

  @Test("Lists a tree with modes, and refuses to read what is no file or too large")
  func tree() async throws {
    let id = try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample)
    let entries = try await store.entries(under: "", at: id, limit: 100)
    #expect(
      entries.map(\.path) == [
        "link", "module", "run", "services", "services/web", "services/web/cutover.yaml", "services/web/manifests",
        "services/web/manifests/deployment.yaml",
      ])
    #expect(entries.map(\.kind) == [.symbolicLink, .submodule, .executable, .directory, .directory, .file, .directory, .file])
    #expect(
      try await store.entries(under: "services/web/manifests", at: id, limit: 1).map(\.path) == ["services/web/manifests/deployment.yaml"])
    await expectError(.tooLarge) { try await store.entries(under: "", at: id, limit: 7) }
    await expectError(.notFound) { try await store.entries(under: "services/api", at: id, limit: 7) }
    await expectError(.notFound) { try await store.file("services/api", at: id, limit: 7) }
    await expectError(.invalid) { try await store.file("link", at: id, limit: 100) }
    await expectError(.invalid) { try await store.file("services", at: id, limit: 100) }
    await expectError(.invalid) { try await store.file("../etc/passwd", at: id, limit: 100) }
    await expectError(.tooLarge) { try await store.file("services/web/cutover.yaml", at: id, limit: 21) }
    #expect(try await store.file("services/web/cutover.yaml", at: id, limit: 22).count == 22)
    await expectError(.invalid) { try await store.commit(entries[3].id) }
  }

  @Test("A history of more objects than are written loose arrives as one pack")
  func packed() async throws {
    try scratch.sh(
      "cd work; for i in $(seq 1 60); do echo $i > f$i; git add f$i; git commit -q -m $i; done; git push -q ../remote.git main")
    let id = try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample)
    #expect(try await store.history(from: id, limit: 100).count == 62)
    #expect(try scratch.sh("ls cache/repository.git/objects/pack | grep -c pack$") == "1")
    try scratch.sh("git -C cache/repository.git fsck --strict --full")
  }

  @Test("A reached deadline stops before anything is done")
  func deadline() async throws {
    await expectError(.timedOut) { try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .now) }
    let task = Task { try await store.fetch(remote, ref: try .of("refs/heads/main"), deadline: .ample) }
    task.cancel()
    await expectError(.cancelled) { try await task.value }
  }
}

/// Expects a `GitError` of that kind.
func expectError<Value>(
  _ kind: GitError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async {
  do {
    let value = try await body()
    Issue.record("expected \(kind), got \(value)", sourceLocation: sourceLocation)
  } catch {
    #expect((error as? GitError)?.kind == kind, "\(error)", sourceLocation: sourceLocation)
  }
}
