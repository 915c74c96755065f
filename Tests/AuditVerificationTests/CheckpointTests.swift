import AuditTrail
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// A verification that goes on where another ended.
@Suite(.onOwnThread) struct CheckpointTests {
  let trail: Trail
  private var shop: Shop

  init() async throws { (trail, shop) = try await Original.shared.copy() }

  private func resumed(_ checkpoint: Checkpoint?, without: Set<String> = []) async throws -> VerificationReport {
    // As it is kept: through its file.
    let bytes = try CanonicalJSON.bytes(of: try #require(checkpoint))
    let read = try #require(Checkpoint(parsing: bytes))
    return try await trail.verify(without: without) { $0.checkpoint = read }
  }

  @Test func `it verifies what is new, and ends in the state that a whole verification ends in`() async throws {
    try trail.git("update-ref refs/heads/old tagflip/audit~9")
    let half = try await trail.verify { $0.branch = "old" }
    #expect(half.isClean && half.records == 20)
    let rest = try await resumed(half.checkpoint)
    #expect(rest.findings.isEmpty, "\(rest.words)")
    #expect(rest.commits == 9 && rest.records == 29)
    #expect(rest.continued == .init(head: try #require(half.tip).hex, records: 20, seal: .unsigned))
    let whole = try await trail.verify()
    #expect(rest.checkpoint == whole.checkpoint)
    #expect(try await resumed(whole.checkpoint).commits == 0)
  }

  @Test func `what is tampered with after it is found, what the branch lacks too`() async throws {
    let checkpoint = try await trail.verify().checkpoint
    var shop = shop
    try await trail.append([shop.web.planned("1.3.0")])
    #expect(try await resumed(checkpoint).codes.contains(.quarantinedPlanned))
    try trail.git("update-ref refs/heads/tagflip/audit tagflip/audit~3")
    let reset = try await resumed(checkpoint)
    #expect(reset.codes == [.checkpointNotReached] && reset.checkpoint == nil)
    #expect(try await resumed(checkpoint, without: ["reading"]).codes.isEmpty)
    try trail.git("update-ref -d refs/heads/tagflip/audit")
    #expect(try await resumed(checkpoint).codes == [.branchMissing])
  }

  @Test func `a checkpoint that says something else of its commit is found`() async throws {
    var checkpoint = try #require(try await trail.verify().checkpoint)
    checkpoint.state.services["web"]?.head.quarantine = [:]
    #expect(try await resumed(checkpoint).codes.contains(.headMismatch))
  }

  @Test func `who judges signatures does not go on from where nobody did`() async throws {
    let checkpoint = try await trail.verify().checkpoint
    let nobody = TrustedSigners(try AllowedSigners("", file: "nobody"))
    let signatures: Set = ["signature", "attestation", "known-signers"]
    let judged = try await trail.verify(without: signatures, judge: nobody) { $0.checkpoint = checkpoint }
    #expect(judged.codes == [.checkpointUnjudged] && !judged.isClean && judged.checkpoint?.isJudged == false)
    let from = try await trail.verify(without: signatures, judge: nobody).checkpoint
    let again = try await trail.verify(without: signatures, judge: nobody) { $0.checkpoint = from }
    #expect(from?.isJudged == true && again.codes.isEmpty && again.checkpoint?.isJudged == true, "\(again.words)")
    #expect(try await trail.verify { $0.checkpoint = from }.checkpoint?.isJudged == false, "what comes after it was not judged")
  }

  @Test func `a seal is asked, and what it says is told`() async throws {
    var checkpoint = try #require(try await trail.verify().checkpoint)
    checkpoint.seal = try FakeSeal().seal(checkpoint.sealedBytes)
    var question = Verifier.Question()
    question.checkpoint = checkpoint
    let clone = try GitClone(at: "\(trail.scratch.path)/remote.git")
    let good = try await Verifier(question, version: Trail.version, seal: FakeSeal()).run(on: clone)
    #expect(good.isClean && good.continued?.seal == .good(principal: "auditor", fingerprint: "x"))
    question.checkpoint?.records = 7
    let bad = try await Verifier(question, version: Trail.version, seal: FakeSeal()).run(on: clone)
    #expect(bad.codes == [.signatureBad])
  }

  @Test(.enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
  func `an auditor goes on from what he sealed himself, and from nothing else`() async throws {
    try trail.scratch.sh("for k in auditor other; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; done")
    let seal = KeySeal(try SigningKey.open(path: "\(trail.scratch.path)/auditor"))
    var checkpoint = try #require(try await trail.verify().checkpoint)
    checkpoint.seal = try seal.seal(checkpoint.sealedBytes)
    // ssh-keygen says the same of it.
    try trail.scratch.write("sealed", String(decoding: try checkpoint.sealedBytes, as: UTF8.self))
    try trail.scratch.write("sealed.sig", try #require(checkpoint.seal))
    try trail.scratch.sh("echo \"me $(cat auditor.pub)\" > signers")
    let said = try trail.scratch.sh("ssh-keygen -Y verify -f signers -I me -n \(KeySeal.namespace) -s sealed.sig < sealed")
    #expect(said.contains("Good \"tagflip-checkpoint\" signature"))

    let clone = try GitClone(at: "\(trail.scratch.path)/remote.git")
    func resumed(_ checkpoint: Checkpoint, _ seal: KeySeal) async throws -> VerificationReport {
      var question = Verifier.Question()
      question.checkpoint = checkpoint
      return try await Verifier(question, version: Trail.version, seal: seal).run(on: clone)
    }
    #expect(try await resumed(checkpoint, seal).isClean)
    let other = KeySeal(try SigningKey.open(path: "\(trail.scratch.path)/other"))
    #expect(try await resumed(checkpoint, other).codes == [.signatureBad])
    var altered = checkpoint
    altered.findings = ["sequence-gap": 0]
    #expect(try await resumed(altered, seal).codes == [.signatureBad])
    var bare = checkpoint
    bare.seal = nil
    #expect(try await resumed(bare, seal).codes == [.signatureBad], "one that nobody sealed is not gone on from")
    bare.seal = try SigningKey.open(path: "\(trail.scratch.path)/auditor").sign(bare.sealedBytes, namespace: "git").armored
    #expect(try await resumed(bare, seal).codes == [.signatureBad], "made for something else")
  }

  // Objects are counted, since times are the machine's; jobs/bench measures those.
  @Test func `verifying one more record reads no more objects at the end of a long trail than of a short one`() async throws {
    func reads(after records: Int) async throws -> Int {
      let scratch = try Scratch()
      var series = try #require(try LongTrail(records: records).write(to: "\(scratch.path)/remote.git")["web"])
      let trail = Trail(scratch)
      let checkpoint = try await trail.verify().checkpoint
      try await trail.append([series.next()])
      var question = Verifier.Question()
      question.checkpoint = checkpoint
      let clone = try GitClone(at: "\(scratch.path)/remote.git")
      let report = try await Verifier(question, version: Trail.version).run(on: clone)
      #expect(
        report.commits == 1 && report.records == records + 1 && report.counts.keys.allSatisfy { $0 == .rolloutOpen }, "\(report.words)")
      return await clone.tally.reads
    }
    let (short, long) = (try await reads(after: 101), try await reads(after: 1101))
    #expect(long <= short + 4, "\(long) against \(short)")
  }

  @Test func `a whole verification reads a fixed number of objects for each record`() async throws {
    func reads(_ records: Int) async throws -> Double {
      let scratch = try Scratch()
      try LongTrail(records: records, services: ["web", "api"]).write(to: "\(scratch.path)/remote.git")
      let clone = try GitClone(at: "\(scratch.path)/remote.git")
      #expect(try await Verifier(.init(), version: Trail.version).run(on: clone).isClean)
      return Double(await clone.tally.reads) / Double(records)
    }
    let (short, long) = (try await reads(150), try await reads(750))
    #expect(long <= short * 1.1, "\(long) against \(short)")
  }

  @Test(arguments: ["", "{}", "[]", "{\"schema\":\"https://tagflip.dev/schemas/checkpoint-v1.json\"}", "\u{FFFD}"])
  func `what is no checkpoint is none`(_ text: String) {
    #expect(Checkpoint(parsing: Array(text.utf8)) == nil)
  }
}

/// Vouches for bytes by how many there are.
struct FakeSeal: CheckpointSeal {
  func seal(_ bytes: [UInt8]) throws -> String { "\(bytes.count) \(bytes.reduce(0) { $0 &+ Int($1) })" }

  func verdict(on bytes: [UInt8], seal: String) -> CommitVerdict {
    (try? self.seal(bytes)) == seal ? .good(principal: "auditor", fingerprint: "x") : .bad(reason: "it is of other bytes")
  }
}
