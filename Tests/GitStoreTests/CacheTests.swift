import GitStore
import HTTPTransport
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("The disposable cache", .onOwnThread)
struct CacheTests {
  let scratch: Scratch
  let remote: RemoteAccess
  let main: RefName
  let reports = Reports()

  /// What a store reported.
  final class Reports: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  init() throws {
    scratch = try Scratch()
    try makeRemote(in: scratch)
    remote = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git"))
    main = try .of("refs/heads/main")
  }

  private func store() throws -> GitStore {
    let reports = self.reports
    return try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests")) { reports.add($0) }
  }

  private func fetchAndRead() async throws {
    let store = try store()
    let id = try await store.fetch(remote, ref: main, deadline: .ample)
    #expect(try await store.file("services/web/cutover.yaml", at: id, limit: 100).count == 22)
  }

  @Test("Listing makes no cache; fetching makes a private, tagged one, which the next run finds again")
  func creation() async throws {
    _ = try await store().listRefs(remote, prefixes: ["refs/"], deadline: .ample)
    #expect(try scratch.sh("ls -d cache 2>/dev/null || echo none") == "none")
    try await fetchAndRead()
    #expect(try scratch.sh("stat -c %a cache; head -c 43 cache/CACHEDIR.TAG") == "700\nSignature: 8a477f597d28d172789f06886806bc55")
    try await fetchAndRead()
    #expect(reports.all.isEmpty)
  }

  // Everything that a full disk, a power cut or a foreign hand leaves behind.
  @Test(
    "However it was damaged, it is thrown away, reported and made anew",
    arguments: [
      "rm -rf cache/repository.git/objects", "rm cache/repository.git/HEAD", ": > cache/repository.git/HEAD",
      "rm -rf cache/repository.git/refs",
      "echo '[core' > cache/repository.git/config", "rm -rf cache/repository.git; echo x > cache/repository.git",
      "find cache/repository.git/objects -type f | while read f; do chmod u+w $f; : > $f; done",
      "find cache/repository.git/objects -type f | while read f; do chmod u+w $f; head -c 9 $f > t; cp t $f; done",
      "find cache/repository.git/objects -type f | while read f; do chmod u+w $f; head -c 50 /dev/urandom > $f; done",
      "find cache/repository.git/objects -type f | while read f; do chmod u+w $f; printf '\\065mangled' > $f; done",
      // An old kind of object, of 2 TB.
      "find cache/repository.git/objects -type f | while read f; do chmod u+w $f; printf '\\225\\377\\377\\377\\377\\177mangled' > $f; done",
    ])
  func damage(script: String) async throws {
    try await fetchAndRead()
    try scratch.sh(script)
    try await fetchAndRead()
    #expect(reports.all.count == 1, "\(reports.all)")
    #expect(reports.all.allSatisfy { $0.contains("damaged") })
    try await fetchAndRead()
    #expect(reports.all.count == 1)
    #expect(
      try scratch.sh("git -C cache/repository.git fsck --strict --full >/dev/null 2>&1; ls cache") == "CACHEDIR.TAG\nlock\nrepository.git")
  }

  @Test("A lost file or a cut-off pack among many objects is found by the fetch, and fetched again", arguments: ["loose", "pack"])
  func damagedPart(kind: String) async throws {
    if kind == "pack" {
      try scratch.sh(
        "cd work; for i in $(seq 1 120); do echo $i > f$i; done; git add .; git commit -q -m more; git push -q ../remote.git main")
    }
    try await fetchAndRead()  // and the store is gone, which libgit2's process-wide list of open packs needs
    let id = try scratch.id("main")
    if kind == "pack" {
      try scratch.sh("cd cache/repository.git/objects/pack; chmod u+w *.pack; truncate -s -100 *.pack")
    } else {
      let blob = try scratch.id("main:services/web/manifests/deployment.yaml").hex
      try scratch.sh("rm -f cache/repository.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
    }
    try await fetchAndRead()
    #expect(reports.all.count == 1, "\(reports.all)")
    try scratch.sh("git -C cache/repository.git fsck --strict --full \(id)")
  }

  // An audit branch of 30,000 records has a hundred thousand entries.
  @Test("A tree with more entries than are looked for is fetched all the same, and what lies near its root is looked for")
  func longTree() async throws {
    try await fetchAndRead()
    try scratch.sh(
      """
      cd remote.git; file=$(echo x | git hash-object -w --stdin)
      files=$(for i in $(seq 330); do printf '100644 blob %s\tn%s\n' $file $i; done)
      for i in $(seq 330); do printf '100644 blob %s\tmark%s\n%s\n\n' $file $i "$files"; done | git mktree --batch > folders
      git update-ref refs/heads/main $(git commit-tree -m long -p main $({ git ls-tree main
        cat -n folders | while read i tree; do printf '040000 tree %s\tx%s\n' $tree $i; done; } | git mktree))
      """)
    #expect(try scratch.sh("git -C remote.git ls-tree -r main | wc -l") == "109235")
    try await fetchAndRead()
    #expect(reports.all.isEmpty)
    // It came loose with the first fetch, and lies deeper than two thirds of what there is.
    let blob = try scratch.id("main:services/web/manifests/deployment.yaml").hex
    try scratch.sh("rm -f cache/repository.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
    try await fetchAndRead()
    #expect(reports.all.isEmpty, "it is not looked for: a hundred thousand entries are nearer to the root")
    let near = try scratch.id("main:run").hex
    try scratch.sh("rm -f cache/repository.git/objects/\(near.prefix(2))/\(near.dropFirst(2))")
    try await fetchAndRead()
    #expect(reports.all.count == 1, "\(reports.all)")
  }

  @Test("Too many packs are thrown away")
  func packs() async throws {
    try await fetchAndRead()
    try scratch.sh("for i in $(seq 1 401); do : > cache/repository.git/objects/pack/x$i.idx.tmp; done")
    try await fetchAndRead()
    #expect(reports.all == ["the cache held more than 200 packs"])
  }

  @Test("A cache of another user is not used", .enabled(if: geteuid() == 0, "only root can give a directory away"))
  func foreign() async throws {
    try await fetchAndRead()
    try scratch.sh("chown -R 12345 cache/repository.git")
    try await fetchAndRead()
    #expect(reports.all == ["the cache belonged to another user"])
    try scratch.sh("chown 12345 cache")
    try await fetchAndRead()
    #expect(reports.all.count == 2)
    try scratch.sh("rm -rf cache; mkdir cache; chown 12345 cache")
    await expectError(.foreignOwner) { try await fetchAndRead() }
  }

  @Test("A directory that holds anything else is never touched")
  func somethingElse() async throws {
    try scratch.sh("mkdir cache; echo precious > cache/file")
    await expectError(.invalid) { try await fetchAndRead() }
    try scratch.sh("rm -r cache; echo precious > cache")
    await expectError(.storage) { try await fetchAndRead() }
    #expect(try scratch.sh("cat cache") == "precious")
    try scratch.sh("rm cache; git init -q --bare cache")
    await expectError(.invalid) { try await fetchAndRead() }
    try scratch.sh("git -C cache fsck")
  }

  @Test(
    "A remote of another user is refused unless it is declared safe", .enabled(if: geteuid() == 0, "only root can give a directory away"))
  func foreignRemote() async throws {
    try scratch.sh("chown -R 12345 remote.git")
    await expectError(.foreignOwner) { try await fetchAndRead() }
  }

  @Test("Several stores use one cache at the same time")
  func shared() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await fetchAndRead() } }
      try await group.waitForAll()
    }
    #expect(reports.all.isEmpty)
  }

  @Test("Objects found damaged while reading make the next fetch start afresh")
  func damageWhileReading() async throws {
    let store = try store()
    let id = try await store.fetch(remote, ref: main, deadline: .ample)
    let blob = try await store.entries(under: "", at: id, limit: 100).last?.id.hex ?? ""
    try scratch.sh("f=cache/repository.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2)); chmod u+w $f; echo x > $f")
    await expectError(.corrupt) { try await store.file("services/web/manifests/deployment.yaml", at: id, limit: 100) }
    _ = try await store.fetch(remote, ref: main, deadline: .ample)
    #expect(try await store.file("services/web/manifests/deployment.yaml", at: id, limit: 100).count == 17)
    #expect(reports.all.count == 1)
  }
}
