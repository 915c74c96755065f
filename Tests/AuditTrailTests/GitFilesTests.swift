import ReleaseEngine
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
    let error = await expectPortError(.invalid) { try await files.list("many", at: commit) }
    #expect(error?.reason.contains("more than 1000") == true)
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
