import Digests
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// What the release repo's tags say about themselves.
@Suite(.onOwnThread) struct GitTagsTests {
  let scratch: Scratch
  let tags: GitTags
  let web = Samples("web")

  init() throws {
    scratch = try Scratch.withRemote()
    tags = GitTags(remote: try scratch.remote(), branch: "main", auditBranch: AuditBench.branch)
    try scratch.sh("git init -q work; cd work; echo 1 > file; git add file; git commit -q -m 'First\n\nWith a body.'")
  }

  private func push(_ script: String) throws { try scratch.sh("cd work; \(script); git push -q -f ../remote.git main --tags") }

  private func tag(_ version: String) throws -> ReleaseTag {
    web.tag(version, object: try scratch.git("rev-parse --verify web/v\(version)"))
  }

  private func facts(_ version: String = "1.0.0") async throws -> TagFacts { try await tags.facts(of: try tag(version)) }

  /// A tag object of just these bytes.
  private func make(_ version: String, _ headers: String, message: String = "As is") throws {
    try scratch.write("object", "\(headers)\n\n\(message)\n")
    try push(
      "c=$(git rev-parse main); sed -i \"s/^object COMMIT/object $c/\" ../object; "
        + "git update-ref refs/tags/web/v\(version) $(git hash-object -t tag -w --literally ../object)")
  }

  @Test func `an annotated tag says who tagged it, when, and why`() async throws {
    try push("git tag -a -m 'Web one\n\n  indented\n\ttabbed' web/v1.0.0")
    let facts = try await facts()
    #expect(facts.isAnnotated && facts.tagger == "Ada <ada@example.org>" && facts.taggedAt?.description == "2026-01-02T03:04:05.000Z")
    #expect(facts.message == "Web one\n\nindented\ntabbed")
    #expect(try facts.commit == scratch.git("rev-parse main") && facts.tag.object != facts.commit)
  }

  @Test func `a lightweight tag says what its commit says`() async throws {
    try push("git tag web/v1.0.0")
    let facts = try await facts()
    #expect(!facts.isAnnotated && facts.tagger == "Ada <ada@example.org>" && facts.message == "First")
    #expect(facts.commit == facts.tag.object)
  }

  static let noReleases = [
    ("git tag -a -m Inner inner; git tag -a -m Outer web/v1.0.0 inner", "it tags a tag, not a commit"),
    ("git tag -a -m Tree web/v1.0.0 main^{tree}", "it tags a tree, not a commit"),
    ("git tag -a -m File web/v1.0.0 main:file", "it tags a blob, not a commit"),
    ("git tag web/v1.0.0 main^{tree}", "it is neither a tag nor a commit"),
    ("git tag web/v1.0.0 main:file", "it is neither a tag nor a commit"),
    ("git tag -a -m Other other; git update-ref refs/tags/web/v1.0.0 other", "the tag object says that it is other"),
    ("git tag -a -m Up web/v1.0.1; git update-ref refs/tags/web/v1.0.0 web/v1.0.1", "the tag object says that it is web/v1.0.1"),
  ]

  @Test(arguments: noReleases) func `what is no tag of a commit is refused with the reason`(_ script: String, _ reason: String) async throws
  {
    try push(script)
    let error = await expectPortError(.invalid) { try await facts() }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test func `a tag of more than a mebibyte is refused, and of a long one a bounded part is kept`() async throws {
    try push("(seq 1 150000; yes 'a long line without an end' | tr -d '\\n' | head -c 20000) > ../long; git tag -a -F ../long web/v1.0.0")
    let facts = try await facts()
    #expect(facts.message.hasPrefix("1\n2\n") && facts.message.hasSuffix("\n40\n…") && facts.message.utf8.count < 13_000)
    try push("seq 1 200000 > ../long; git tag -a -F ../long web/v1.1.0")
    let error = await expectPortError(.invalid) { try await self.facts("1.1.0") }
    #expect(error?.reason.contains("too large") == true)
  }

  @Test func `a message of marks upon marks is bounded too`() async throws {
    try push("python3 -c \"print('e' + chr(0x301) * 400000)\" > ../marks; git tag -a -F ../marks web/v1.0.0")
    #expect(try await facts().message.utf8.count <= 16 << 10)
  }

  @Test func `a signature is not part of the message`() async throws {
    try make(
      "1.0.0", "object COMMIT\ntype commit\ntag web/v1.0.0\ntagger A <a@b> 1767323045 +0000",
      message: "Signed\n-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----")
    #expect(try await facts().message == "Signed")
  }

  static let dates = [
    ("99999999999999999", nil), ("9223372036854775807", nil), ("253402300800", nil), ("253402300799", "9999-12-31T23:59:59.000Z"),
    ("0", "1970-01-01T00:00:00.000Z"),
  ]

  @Test(arguments: dates) func `a date beyond all calendars is no date, and no trap`(_ seconds: String, _ expected: String?) async throws {
    try make("1.0.0", "object COMMIT\ntype commit\ntag web/v1.0.0\ntagger A <a@b> \(seconds) +0000")
    let facts = try await facts()
    #expect(facts.taggedAt?.description == expected)
    let text = try CanonicalJSON.bytes(of: facts)
    #expect(try CanonicalJSON.value(TagFacts.self, from: text) == facts, "what is kept can be read again")
  }

  @Test func `a tag without a tagger is a tag all the same`() async throws {
    try make("1.0.0", "object COMMIT\ntype commit\ntag web/v1.0.0")
    let facts = try await facts()
    #expect(facts.isAnnotated && facts.tagger == nil && facts.taggedAt == nil && facts.message == "As is")
  }

  @Test func `a tag that moved since it was listed is told from both objects`() async throws {
    try push("git tag -a -m One web/v1.0.0")
    let listed = try tag("1.0.0")
    try push("git tag -f -a -m Two web/v1.0.0 >/dev/null")
    let error = await expectPortError(.invalid) { try await tags.facts(of: listed) }
    let now = try tag("1.0.0").object
    #expect(error?.reason == "it moved from \(listed.object.prefix(12)) to \(now.prefix(12)) just now")
  }

  @Test func `a tag that is gone is not found, and a malformed one invalid`() async throws {
    try push("git tag web/v1.0.0")
    await expectPortError(.notFound) { try await tags.facts(of: web.tag("2.0.0")) }
    await expectPortError(.invalid) { try await tags.facts(of: web.tag("2.0.0", object: "HEAD")) }
    await expectPortError(.invalid) { try await tags.facts(of: web.tag("2.0.0", name: "a..b")) }
  }

  @Test func `the listing names tags by their objects, and its digest changes with them but not with the audit branch`() async throws {
    #expect(try await tags.listing() == RefListing(tags: [], branchTip: nil, auditTip: nil, digest: Digest(of: "none main".utf8)))
    try push("git tag web/v1.0.0; git tag -a -m Two web/v2.0.0; git branch main2; git push -q ../remote.git main2")
    let first = try await tags.listing()
    #expect(first.tags.map(\.name) == ["web/v1.0.0", "web/v2.0.0"])
    #expect(try first.tags.map(\.object) == [tag("1.0.0").object, tag("2.0.0").object])
    #expect(try first.branchTip == scratch.git("rev-parse main") && first.auditTip == nil)

    let log = GitAuditLog(remote: try scratch.remote(cache: "other"), settings: AuditSettings(), now: { 0 })
    let head = try await log.append([web.noted()], expecting: 0).head
    let second = try await tags.listing()
    #expect(second.digest == first.digest && second.auditTip == head)

    var digests = [first.digest]
    for script in ["git tag -f web/v1.0.0 web/v2.0.0 >/dev/null", "git commit -q --allow-empty -m Next", "git tag web/v3.0.0"] {
      try push(script)
      digests.append(try await tags.listing().digest)
    }
    try scratch.git("update-ref -d refs/tags/web/v3.0.0")
    #expect(Set(digests).count == 4)
    #expect(try await tags.listing().digest == digests[2])
  }
}
