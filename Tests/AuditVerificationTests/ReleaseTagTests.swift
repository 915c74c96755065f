import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// The tags on record beside those of a real release repository.
@Suite(.onOwnThread) struct ReleaseTagTests {
  let trail: Trail
  private var web = Chronicle("web")

  /// A noted, a released, a refused and a superseded tag, annotated or not, one with a very long name.
  init() async throws {
    trail = try Trail()
    try trail.scratch.sh(
      """
      git init -q release; cd release; git commit -q --allow-empty -m One; git tag web/v0.9.0; git commit -q --allow-empty -m Two
      git tag -a web/v1.0.0 -m 'Web 1.0.0'; git tag -a web/v1.1.0-rc.1 -m Rc; git tag web/v0.9.5; git tag web/v2.0.0-\(Self.long)
      """)
    web.house = .open
    for version in ["0.9.0", "1.0.0", "1.1.0-rc.1", "0.9.5", "2.0.0-\(Self.long)"] { try web.learn(version, from: trail.scratch) }
    var noted = web.noted()
    noted.tags = [web.tag("0.9.0", object: try object("0.9.0"))]
    var superseded = web.superseded("0.9.5", object: try object("0.9.5"), by: "1.0.0")
    let plan = try web.planned("1.0.0", object: try object("1.0.0"))
    superseded.at = plan.at
    let ended = try web.ended(.promoted)
    let refused = try web.refused("1.1.0-rc.1", object: object("1.1.0-rc.1"))
    let long = try web.refused("2.0.0-\(Self.long)", object: object("2.0.0-\(Self.long)"))
    try await trail.append([noted, plan, superseded, ended, refused, long])
  }

  private static let long = String(repeating: "x", count: 190)

  private func object(_ version: String) throws -> String { try trail.scratch.sh("git -C release rev-parse web/v\(version)") }

  private func findings(after script: String, without: Set<String> = []) async throws -> [Finding] {
    try trail.scratch.sh("cd release; \(script)")
    return try await trail.verify(without: without, releases: "release").findings
  }

  @Test func `tags that are as they were give no findings, and the report says that they were compared`() async throws {
    #expect(try await findings(after: "true").isEmpty)
    #expect(try await trail.verify(releases: "release").releaseTags == 5)
    #expect(try await trail.verify().releaseTags == nil)
  }

  static let changes: [(String, [FindingCode: Finding.Severity], String)] = [
    ("git tag -f -a web/v1.0.0 -m Other HEAD~1", [.tagMoved: .error], "web/v1.0.0 (planned by record 2) named"),
    ("git tag -f web/v0.9.0 HEAD", [.tagMoved: .error], "web/v0.9.0 (noted) named"),
    ("git tag -d web/v1.0.0", [.tagDeleted: .error], "web/v1.0.0 (planned by record 2) is gone"),
    ("git tag -d web/v0.9.5", [.tagDeleted: .warning], "web/v0.9.5 (superseded by record 3) is gone"),
    ("git tag -d web/v1.1.0-rc.1", [.tagDeleted: .warning], "web/v1.1.0-rc.1 (refused by record 5) is gone"),
    ("git tag -d web/v2.0.0-\(long)", [.tagDeleted: .warning], "a tag with a very long name (refused by record 6) is gone"),
    ("git tag -f web/v2.0.0-\(long) HEAD~1", [.tagMoved: .error], "named"), ("git tag new/v1.0.0; git tag web/v9.0.0", [:], ""),
    ("git tag -d web/v1.0.0; git tag -a web/v1.0.0 -m Again", [.tagMoved: .error], "web/v1.0.0"),
    ("git pack-refs --all", [:], ""),
  ]

  @Test(arguments: changes) func `a tag that moved, was made anew or is gone is found by the check that is for it`(
    _ script: String, _ codes: [FindingCode: Finding.Severity], _ words: String
  ) async throws {
    let found = try await findings(after: script)
    #expect(Dictionary(found.map { ($0.code, $0.severity) }) { first, _ in first } == codes)
    #expect(codes.isEmpty || found[0].what.contains(words), "\(found)")
    #expect(try await findings(after: "true", without: ["release-tags"]).isEmpty)
  }

  @Test func `a move that was seen and refused is a notice: the record of it is there`() async throws {
    var web = web
    let there = try trail.scratch.sh("cd release; git tag -f -a web/v1.0.0 -m Other HEAD~1; git rev-parse web/v1.0.0")
    let moved = String(there.split(separator: "\n").last ?? "")
    try web.learn("1.0.0", from: trail.scratch)
    try await trail.append([web.refused("1.0.0", object: moved, reason: "the tag moved")])
    let report = try await trail.verify(releases: "release")
    #expect(report.isClean && report.findings.map(\.code) == [.tagMoved] && report.findings[0].what.hasSuffix("which was seen and refused"))
  }

  @Test func `a commit that the tag does not name is found`() async throws {
    var web = web
    try trail.scratch.sh("cd release; git tag -a web/v3.0.0 -m Three")
    try web.learn("3.0.0", from: trail.scratch)
    var record = try web.planned("3.0.0", object: try object("3.0.0"))
    record.tag?.commit = String(repeating: "c", count: 40)
    try await trail.append([record])
    #expect(try await trail.verify(releases: "release").counts[.tagCommitDiffers] == 1)
    #expect(try await trail.verify(without: ["release-tags"], releases: "release").counts[.tagCommitDiffers] == nil)
  }
}

extension Chronicle {
  /// Looks up what a version's tag is in the release repository.
  fileprivate mutating func learn(_ version: String, from scratch: Scratch) throws {
    let bytes = try TagBytes("\(service)/v\(version)", in: "release", scratch)
    objects[bytes.id] = bytes
  }
}
