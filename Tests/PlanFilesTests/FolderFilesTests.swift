import FoundationEssentials
import PlanFiles
import ReleaseEngine
import TestSupport
import Testing

/// A folder that stands for a release repo.
@Suite(.onOwnThread) struct FolderFilesTests {
  let scratch: Scratch
  let files: FolderFiles

  init() throws {
    scratch = try Scratch()
    files = FolderFiles(scratch.path)
    try scratch.sh("mkdir -p services/web/manifests services/draft; echo x > services/web/cutover.yaml; echo x > services/README.md")
  }

  @Test func `services are the folders with a plan, and a folder's files are listed as they lie`() async throws {
    #expect(try await files.folders(in: "services", holding: "cutover.yaml", at: "") == ["web"])
    #expect(try await files.folders(in: "none", holding: "cutover.yaml", at: "") == [])
    #expect(try await files.list("services", at: "") == ["services/README.md", "services/web/cutover.yaml"])
    #expect(try await files.list("none", at: "") == [])
  }

  // One that was left out would be planned without, and released with.
  @Test func `more than a thousand files are refused, never cut off`() async throws {
    try scratch.sh("cd services/web/manifests; for i in $(seq 1000); do echo > m$i.yaml; done")
    #expect(try await files.list("services/web/manifests", at: "").count == 1000)
    try scratch.sh("echo > services/web/manifests/last.yaml")
    let words = await refusal { () async throws(PortError) in try await files.list("services/web/manifests", at: "") }
    #expect(words.hasPrefix("services/web/manifests: there are more than 1000 files and folders below it"), "\(words)")
  }

  @Test func `more than ten thousand folders are refused, never cut off`() async throws {
    try scratch.sh("cd services; mkdir $(seq 9998)")
    #expect(try await files.folders(in: "services", holding: "cutover.yaml", at: "") == ["web"])
    try scratch.sh("mkdir services/last")
    let words = await refusal { () async throws(PortError) in
      try await files.folders(in: "services", holding: "cutover.yaml", at: "")
    }
    #expect(words.hasPrefix("services: there are more than 10000 folders in it"), "\(words)")
  }
}
