import TestSupport
import Testing

@testable import ReleaseModel

/// Which tag is chosen, refused or superseded.
@Suite struct RolloutTagChoiceTests {
  private func tag(_ version: String, object: String? = nil) throws -> ReleaseTag {
    let service = try #require(ServiceName("web"))
    return ReleaseTag(
      service: service, version: try #require(Version(version)), name: "web/v\(version)", object: object ?? "object-\(version)")
  }

  private func choice(
    _ versions: [String], live: String? = nil, prereleases: Bool = false, ledger: ServiceLedger = ServiceLedger()
  ) throws -> TagChoice {
    TagChoice(tags: try versions.map { try tag($0) }, ledger: ledger, live: live.flatMap { Version($0) }, prereleases: prereleases)
  }

  @Test(arguments: [
    (["1.0.0", "1.10.0", "1.9.0"], "1.10.0", ["1.0.0", "1.9.0"]), (["2.0.0"], "2.0.0", []), ([], nil, []),
  ])
  func `the highest is chosen and the lower ones are superseded`(_ versions: [String], _ chosen: String?, _ superseded: [String]) throws {
    let choice = try choice(versions)
    #expect(choice.chosen?.version.text == chosen)
    #expect(choice.superseded.map(\.version.text) == superseded)
    #expect(choice.refused.isEmpty)
  }

  @Test func `the order in which tags are listed does not matter`() throws {
    let versions = ["1.0.0", "1.2.0-rc.1", "1.1.0", "0.9.0", "1.1.0+build"]
    let expected = try choice(versions, live: "0.9.5")
    var random = Seeded(7)
    for _ in 0..<50 { #expect(try choice(versions.shuffled(using: &random), live: "0.9.5") == expected) }
  }

  @Test(arguments: [("1.4.0", "1.4.0"), ("1.4.0", "1.5.0"), ("1.4.0-rc.1", "1.4.0")])
  func `what is not above what is live is refused`(_ version: String, _ live: String) throws {
    let choice = try choice([version], live: live, prereleases: true)
    #expect(choice.chosen == nil)
    #expect(choice.refused.first?.reason.hasPrefix("not above what is live") == true)
  }

  @Test func `prereleases are chosen only where the plan says so`() throws {
    #expect(try choice(["1.0.0-rc.1"]).chosen == nil)
    #expect(try choice(["1.0.0-rc.1"], prereleases: true).chosen?.version.text == "1.0.0-rc.1")
    #expect(try choice(["2.0.0-rc.1", "1.0.0"]).chosen?.version.text == "1.0.0")
  }

  @Test func `tags of equal precedence are refused, all of them`() throws {
    let choice = try choice(["1.0.0+a", "1.0.0+b", "0.9.0"])
    #expect(choice.refused.map(\.tag.version.text).sorted() == ["1.0.0+a", "1.0.0+b"])
    #expect(choice.chosen?.version.text == "0.9.0")
  }

  static let gone: [(TagDecision.Kind, String, Int)] = [
    (.planned, "object-1.0.0", 1), (.noted, "object-1.0.0", 1), (.superseded, "object-1.0.0", 1), (.planned, "third", 1),
    // The refusal is on record: to make it again would end in the same record, and never.
    (.refused, "object-1.0.0", 0), (.planned, "second", 0),
  ]

  @Test(arguments: gone) func `what was deleted and is there again is refused, once`(
    _ kind: TagDecision.Kind, _ object: String, _ refusals: Int
  ) throws {
    let seen = TagDecision(
      kind: kind, object: "object-1.0.0", moved: ["second"], firstSeen: nil, sequence: 1, gone: Timestamp(milliseconds: 0))
    let ledger = ServiceLedger(sequence: 1, decisions: ["web/v1.0.0": seen])
    let choice = TagChoice(tags: [try tag("1.0.0", object: object)], ledger: ledger, live: nil, prereleases: false)
    #expect(choice.refused.count == refusals && choice.chosen == nil)
    #expect(choice.refused.allSatisfy { $0.reason.hasPrefix("the tag was gone at ") })
  }

  @Test func `what was decided stays decided, and what moved is refused once for each object`() throws {
    let seen = TagDecision(kind: .noted, object: "object-1.0.0", moved: ["second"], firstSeen: nil, sequence: 1)
    let ledger = ServiceLedger(sequence: 1, decisions: ["web/v1.0.0": seen])
    let cases = [("object-1.0.0", 0), ("second", 0), ("third", 1)]
    for (object, refusals) in cases {
      let choice = TagChoice(tags: [try tag("1.0.0", object: object)], ledger: ledger, live: nil, prereleases: false)
      #expect(choice.chosen == nil)
      #expect(choice.refused.count == refusals, "\(object)")
    }
  }

  @Test func `a quarantined version is refused with its reason`() throws {
    let version = try #require(Version("1.0.0"))
    let choice = try choice(["1.0.0"], ledger: ServiceLedger(sequence: 1, quarantine: [version: "HTTP 503"]))
    #expect(choice.refused.map(\.reason) == ["1.0.0 is quarantined: HTTP 503"])
  }

  @Test func `a refused tag supersedes nothing`() throws {
    let choice = try choice(["1.0.0", "2.0.0-rc.1"])
    #expect(choice.chosen?.version.text == "1.0.0")
    #expect(choice.superseded.isEmpty)
  }
}
