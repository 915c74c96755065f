import Digests
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// An audit log over a remote, and what real git finds there.
struct AuditBench {
  static let branch = "tagflip/audit"

  let scratch: Scratch
  let log: GitAuditLog

  init(_ scratch: Scratch, _ remote: GitRemote) {
    self.scratch = scratch
    log = GitAuditLog(remote: remote, settings: AuditSettings(), now: { 1_767_323_045 })
  }

  /// Over the repository as a directory.
  init(cache: String = "cache") throws {
    let scratch = try Scratch.withRemote()
    self.init(scratch, try scratch.remote(cache: cache))
  }

  /// Another process's log over the same repository.
  func another(_ cache: String) throws -> GitAuditLog { AuditBench(scratch, try scratch.remote(cache: cache)).log }

  func tip() throws -> String { try scratch.git("rev-parse --verify \(Self.branch)") }
  func show(_ path: String, at commit: String = branch) throws -> String { try scratch.git("show \(commit):\(path)") }
  func files(at commit: String = branch) throws -> [String] {
    try scratch.git("ls-tree -r --name-only \(commit)").split(separator: "\n").map(String.init)
  }

  /// Judges the whole branch with git and sha256sum: sound objects, one parent each, sequences without gaps, each record naming the one before.
  func audit(_ services: String...) throws {
    #expect(try scratch.git("fsck --strict --full --no-dangling 2>&1 | grep -v '^notice: HEAD points to an unborn branch' || true") == "")
    #expect(try scratch.git("log --format=%H --min-parents=2 \(Self.branch)") == "")
    var total = 0
    for service in services {
      let paths = try files().filter { $0.hasPrefix("services/\(service)/records/") }.sorted()
      var previous: String?
      for (index, path) in paths.enumerated() {
        let record = try CanonicalJSON.value(AuditRecord.self, from: "\(try show(path))".utf8)
        #expect(record.sequence == index + 1, "\(path)")
        #expect(record.previous?.hex == previous, "\(path)")
        previous = String(try scratch.git("show \(Self.branch):\(path) | sha256sum").prefix(64))
      }
      let head = try CanonicalJSON.value(LedgerHead.self, from: try show("services/\(service)/head.json").utf8)
      #expect(head.sequence == paths.count && head.last?.hex == previous)
      total += paths.count
    }
    #expect(try scratch.git("rev-list --count \(Self.branch)") == "\(total)", "one commit for each record")
    #expect(try show("records.json") == "{\"records\":\(total)}")
  }
}

/// Expects a `PortError` of that kind and answers it.
@discardableResult
func expectPortError<Value>(
  _ kind: PortError.Kind, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async -> PortError? {
  do {
    let value = try await body()
    Issue.record("expected \(kind), got \(value)", sourceLocation: sourceLocation)
    return nil
  } catch {
    let found = error as? PortError
    #expect(found?.kind == kind, "\(error)", sourceLocation: sourceLocation)
    return found
  }
}

extension AuditLog {
  /// Appends to whatever is there.
  func append(_ records: [AuditRecord], expecting sequence: Int?) async throws(PortError) -> AppendResult {
    try await append(records, expecting: sequence, onto: nil)
  }
}
