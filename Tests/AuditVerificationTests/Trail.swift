import AuditTrail
import Digests
import GitStore
import HTTPTransport
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// A trail in a bare repository `remote.git`, written by the real audit log and judged by the verifier.
struct Trail: Sendable {
  static let branch = "tagflip/audit"
  static let version = Chronicle.botVersion

  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.sh("git init -q --bare remote.git")
  }

  init(_ scratch: Scratch) { self.scratch = scratch }

  func log(_ cache: String = "cache", signer: AuditSigner? = nil) throws -> GitAuditLog {
    let store = try GitStore(cache: "\(scratch.path)/\(cache)", client: HTTPClient(userAgent: "tests"))
    let access = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git"))
    return GitAuditLog(
      remote: GitRemote(store: store, access: access, limit: .seconds(30)), settings: AuditSettings(), signer: signer,
      now: { 1_767_323_045 })
  }

  @discardableResult
  func append(_ records: [AuditRecord]) async throws -> AppendResult { try await log().append(records, expecting: nil) }

  @discardableResult
  func git(_ arguments: String) throws -> String { try scratch.sh("git -C remote.git \(arguments)") }

  var tip: ObjectID { get throws { try #require(ObjectID(hex: try git("rev-parse \(Self.branch)"))) } }

  /// The verifier's word on the trail.
  func verify(
    without: Set<String> = [], repository: String = "remote.git", releases: String? = nil, judge: (any CommitJudge)? = nil,
    releasers: (any CommitJudge)? = nil,
    _ ask: (inout Verifier.Question) -> Void = { _ in }
  ) async throws -> VerificationReport {
    var question = Verifier.Question()
    ask(&question)
    var verifier = Verifier(question, version: Self.version, judge: judge, policy: HousePolicy())
    verifier.without = without
    verifier.releasers = releasers
    let releases = try releases.map { try GitClone(at: "\(scratch.path)/\($0)") }
    return try await verifier.run(on: try GitClone(at: "\(scratch.path)/\(repository)"), releases: releases)
  }
}

extension VerificationReport {
  var codes: Set<FindingCode> { Set(counts.keys) }
  var words: String {
    findings.map { "\($0.severity.rawValue) \($0.code.rawValue) \($0.commit?.prefix(8) ?? "") \($0.record ?? ""): \($0.what)" }.joined(
      separator: "\n")
  }
}

extension AuditLog {
  /// Appends to whatever is there.
  func append(_ records: [AuditRecord], expecting sequence: Int?) async throws(PortError) -> AppendResult {
    try await append(records, expecting: sequence, onto: nil)
  }
}
