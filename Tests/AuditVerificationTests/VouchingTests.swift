import TrailSamples
import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification
@testable import Signatures

/// Whose word the auditor's own keys bear out: what the settings on record allow is not his.
@Suite(.onOwnThread) struct VouchingTests {
  private func report(_ trust: String, on trail: Trail) async throws -> VerificationReport {
    try await trail.verify(without: ["signature", "attestation"], judge: TrustedSigners(try AllowedSigners(trust, file: "trust")))
  }

  @Test func `who tagged and who asked are counted by the auditor's own keys, and strangers are named once`() async throws {
    let (trail, _) = try await Original.shared.trail()
    let both = House.ada.allowed("git,tagflip-request") + House.bob.allowed("tagflip-request")
    let known = try await report(both, on: trail)
    #expect(known.findings.isEmpty, "\(known.words)")
    #expect(known.vouching?.releases == 9 && known.vouching?.releasesVouched == ["ada@shop.example": 6])
    #expect(known.vouching?.releasesUnsigned == 3, "api's need no signature")
    #expect(known.vouching?.requests == 2 && known.vouching?.requestsVouched == ["ada@shop.example": 2, "bob@shop.example": 1])
    // A key for tags is none for requests.
    let half = try await report(House.ada.allowed("git"), on: trail)
    #expect(half.codes == [.operatorUnknown] && half.counts[.operatorUnknown] == 2 && half.isClean)
    #expect(half.vouching?.requestsVouched == [:])
    let none = try await report(House.eve.allowed("git"), on: trail)
    #expect(none.counts == [.tagSignerUnknown: 1, .operatorUnknown: 2])
    #expect(
      none.findings.first { $0.code == .tagSignerUnknown }?.what
        == "ada@shop.example (key \(House.ada.signature.key)) on 6 records, the last of them services/web/records/0000/0000015.json: "
        + "no key that you named for that")
    #expect(none.vouching?.releasesVouched == [:])
  }

  @Test func `a key that the auditor says expired, or was taken back, vouches for nothing any more`() async throws {
    let (trail, _) = try await Original.shared.trail()
    let old = try await report(House.ada.allowed("git", ",valid-before=\"20250101Z\""), on: trail)
    #expect(old.vouching?.releasesVouched == [:] && old.codes.contains(.tagSignerUnknown))
    let revoked = TrustedSigners(
      try AllowedSigners(House.ada.allowed("git"), file: "trust"), revoked: try RevocationList(House.ada.key.publicKey.line, file: "list"))
    let taken = try await trail.verify(without: ["signature", "attestation"], judge: revoked)
    #expect(taken.vouching?.releasesVouched == [:])
  }

  @Test func `a signature over another tag vouches for no release`() async throws {
    var (trail, shop) = try await Original.shared.copy()
    let old = shop.web.made("1.0.0")
    shop.web.objects[old.id] = old
    try await trail.append([shop.web.planned("9.0.0", object: old.id)])
    let report = try await report(House.ada.allowed("git,tagflip-request") + House.bob.allowed("tagflip-request"), on: trail)
    #expect(report.vouching?.releases == 10 && report.vouching?.releasesVouched == ["ada@shop.example": 6])
    #expect(report.codes.contains(.tagNameMismatch) && report.codes.contains(.tagSignerUnknown))
  }

  @Test func `nobody asked where the auditor brings no keys`() async throws {
    let (trail, _) = try await Original.shared.trail()
    let report = try await trail.verify()
    #expect(report.vouching == nil && report.repeatsPolicy && report.findings.isEmpty)
  }
}
