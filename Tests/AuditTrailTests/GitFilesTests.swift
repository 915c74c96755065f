import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// The release repo's files at one commit.
@Suite(.onOwnThread) struct GitFilesTests {
  let scratch: Scratch
  let files: GitFiles

  init() throws {
    scratch = try Scratch.withRemote()
    files = GitFiles(remote: try scratch.remote(), branch: "main")
    try scratch.sh(
      """
      git init -q work; cd work; mkdir -p services/web/manifests services/api
      echo 'services: [web]' > tagflip.yaml; echo a > services/web/cutover.yaml; echo b > services/api/cutover.yaml
      echo c > services/web/manifests/web.yaml; echo '#!/bin/sh' > run; chmod +x run
      git add .; git commit -q -m First; git push -q ../remote.git main
      """)
  }

  private func commit(_ script: String) throws -> String {
    try scratch.sh("cd work; \(script); git add .; git commit -q -m Next; git push -q -f ../remote.git main")
    return try scratch.git("rev-parse main")
  }

  private func text(_ path: String, _ commit: String) async throws -> String? {
    try await files.read(path, at: commit).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `files and folders are read at the commit that is named`() async throws {
    let first = try scratch.git("rev-parse main")
    #expect(try await text("tagflip.yaml", first) == "services: [web]\n")
    #expect(try await text("run", first) == "#!/bin/sh\n")
    #expect(try await text("missing.yaml", first) == nil)
    #expect(try await text("services/missing/cutover.yaml", first) == nil)
    #expect(
      try await files.list("services", at: first) == [
        "services/api/cutover.yaml", "services/web/cutover.yaml", "services/web/manifests/web.yaml",
      ])
    #expect(try await files.list("services/missing", at: first) == [])
    #expect(try await files.list("tagflip.yaml", at: first) == [])
    let second = try commit("echo new > tagflip.yaml; git rm -q -r services/api")
    #expect(try await text("tagflip.yaml", second) == "new\n")
    #expect(try await text("tagflip.yaml", first) == "services: [web]\n")
    #expect(try await files.list("services/api", at: second) == [])
  }

  static let refused: [(String, String)] = [
    ("ln -sf ../../../tagflip.yaml services/web/manifests/odd", "no regular file"),
    ("ln -s /etc/passwd services/web/manifests/odd", "no regular file"),
    (
      "git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,services/web/manifests/odd; "
        + "mkdir services/web/manifests/odd",
      "no regular file"
    ),
    ("head -c 1048577 /dev/zero > services/web/manifests/odd", "too large"),
  ]

  @Test(arguments: refused)
  func `links, submodules and files over one mebibyte are refused, never passed over`(_ script: String, _ reason: String) async throws {
    let commit = try commit(script)
    let path = "services/web/manifests/odd"
    #expect(try await files.list("services/web/manifests", at: commit).contains(path), "whoever reads all that is listed meets it")
    let error = await expectPortError(.invalid) { try await files.read(path, at: commit) }
    #expect(error?.reason.contains(reason) == true && error?.attempted.contains(path) == true)
  }

  @Test func `a file of exactly one mebibyte is read`() async throws {
    let commit = try commit("head -c 1048576 /dev/zero > big")
    #expect(try await files.read("big", at: commit)?.count == 1 << 20)
  }

  @Test(arguments: ["../outside", "/etc/passwd", "services/../tagflip.yaml", ".git/config", "a//b", ""])
  func `paths that lead out of the tree are refused`(_ path: String) async throws {
    let first = try scratch.git("rev-parse main")
    await expectPortError(.invalid) { try await files.read(path, at: first) }
  }

  @Test func `more than a thousand files in a folder are too many, and told so`() async throws {
    let commit = try commit("mkdir many; for i in $(seq 1001); do echo $i > many/$i; done")
    let error = await expectPortError(.configuration) { try await files.list("many", at: commit) }
    #expect(error?.reason == "there are more than 1000 files and folders below it" && error?.hint?.contains("elsewhere") == true)
    #expect(error?.location?.file == "many")
  }

  /// A commit with so many services, each with a plan and 20 manifests, made without a work tree.
  private func services(_ count: Int) throws -> String {
    try scratch.sh(
      """
      cd remote.git; file=$(echo x | git hash-object -w --stdin)
      manifests=$(for i in $(seq -w 20); do printf '100644 blob %s\tm%s.yaml\n' $file $i; done | git mktree)
      service=$(printf '100644 blob %s\tcutover.yaml\n040000 tree %s\tmanifests\n' $file $manifests | git mktree)
      draft=$(printf '040000 tree %s\tmanifests\n' $manifests | git mktree)
      services=$({ for i in $(seq -f %05.0f \(count - 1)); do printf '040000 tree %s\ts%s\n' $service $i; done
        printf '040000 tree %s\tdraft\n100644 blob %s\tREADME.md\n' $draft $file; } | git mktree)
      commit=$(git commit-tree -m many $(printf '040000 tree %s\tservices\n' $services | git mktree))
      git update-ref refs/heads/main $commit; echo $commit
      """)
  }

  @Test func `ten thousand services are found, and one's manifests do not depend on the others`() async throws {
    let commit = try services(10_000)
    let found = try await files.folders(in: "services", holding: "cutover.yaml", at: commit)
    #expect(found.count == 9999 && found.first == "s00001" && found.last == "s09999", "the one without a plan is none")
    #expect(try await files.list("services/s09999/manifests", at: commit).count == 20)
    #expect(try await files.folders(in: "services/none", holding: "cutover.yaml", at: commit) == [])
    #expect(try await files.folders(in: "services/README.md", holding: "cutover.yaml", at: commit) == [])
  }

  @Test func `more than ten thousand services are refused with the limit and what to do`() async throws {
    let commit = try services(10_001)
    let error = await expectPortError(.configuration) { try await files.folders(in: "services", holding: "cutover.yaml", at: commit) }
    #expect(error?.reason == "there are more than 10000 folders in it" && error?.hint?.contains("services: […]") == true)
  }

  @Test func `a commit that no branch leads to any more is no empty tree`() async throws {
    let lost = try commit("echo lost > tagflip.yaml")
    try scratch.sh("cd work; git reset -q --hard HEAD~1; git commit -q --allow-empty -m Else; git push -q -f ../remote.git main")
    let fresh = GitFiles(remote: try scratch.remote(cache: "fresh"), branch: "main")
    for _ in 0..<2 {
      let error = await expectPortError(.conflict) { try await fresh.read("tagflip.yaml", at: lost) }
      #expect(error?.reason.contains("main") == true)
      await expectPortError(.conflict) { try await fresh.list("services", at: lost) }
    }
    await expectPortError(.invalid) { try await fresh.read("tagflip.yaml", at: "main") }
  }

  @Test func `a repository without a commit is told as that`() async throws {
    try scratch.sh("git init -q --bare empty.git")
    let empty = GitFiles(remote: try scratch.remote(cache: "empty", repository: "empty.git"), branch: "main")
    let error = await expectPortError(.notFound) { try await empty.read("x", at: String(repeating: "1", count: 40)) }
    #expect(error?.hint == "push a first commit to it")
  }
}
