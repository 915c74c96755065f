import AuditTrail
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification

/// What the real audit log writes, verified: nothing is found.
@Suite(.onOwnThread) struct CleanTrailTests {
  let trail: Trail

  init() throws { trail = try Trail() }

  @Test func `everything that can come of a tag, of two services, gives no findings`() async throws {
    var shop = Shop()
    try await shop.tell(trail)
    let report = try await trail.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    #expect(report.isClean)
    #expect(report.records == 24 && report.commits == 24)
    #expect(report.services["web"]?.live == .on(.green, Chronicle.known(Version("1.2.0"))))
    #expect(report.signatures == .notChecked)
  }
}
