import Digests
import Testing

@testable import ReleaseModel

/// The index: when a run may end right away, and how values are spelled in JSON.
@Suite struct IndexTests {
  private static let now = Timestamp(milliseconds: 1000)

  private func index(_ change: (inout ServiceIndex, inout ServiceIndex.Entry) -> Void = { _, _ in }) throws -> ServiceIndex {
    let web = try #require(ServiceName("web"))
    let target = ServiceTarget(service: web, cluster: "default", namespace: "shop", activeService: "web", previewService: "web-preview")
    var index = ServiceIndex()
    index.refs = Digest(of: [1])
    index.settings = Digest(of: [2])
    index.botVersion = "1.0.0"
    var entry = ServiceIndex.Entry(target: target)
    change(&index, &entry)
    index.services[web] = entry
    return index
  }

  private func agenda(_ index: ServiceIndex, audit: String? = nil) -> ServiceIndex.Agenda {
    index.agenda(refs: Digest(of: [1]), audit: audit, settings: Digest(of: [2]), botVersion: "1.0.0", now: Self.now)
  }

  @Test func `nothing changed, nothing open, nothing due: there is nothing to do`() throws {
    #expect(try agenda(index()) == .nothing)
    #expect(try agenda(index { $1.due = Timestamp(milliseconds: 1001) }) == .nothing)
    #expect(try agenda(index { $1.driftAt = Timestamp(milliseconds: 1001) }) == .nothing)
    #expect(try agenda(index { $1.driftAt = Timestamp(milliseconds: 1000) }) == .something)
    let anchored = try index { index, _ in index.anchor(AuditAnchor(commit: "abc", records: 3)) }
    #expect(agenda(anchored, audit: "abc") == .nothing, "the bot's own commits are no news")
  }

  @Test func `an audit branch that is not where it was seen last wants a look`() throws {
    let anchored = try index { index, _ in index.anchor(AuditAnchor(commit: "abc", records: 3)) }
    #expect(agenda(anchored, audit: "def") == .something)
    #expect(agenda(anchored, audit: nil) == .something, "it was deleted")
    #expect(try agenda(index(), audit: "abc") == .something, "nobody has anchored it yet")
  }

  @Test func `an anchor only moves forward`() throws {
    var index = try index()
    index.anchor(AuditAnchor(commit: "abc", records: 3))
    index.anchor(AuditAnchor(commit: "old", records: 2))
    index.anchor(AuditAnchor(commit: "rival", records: 3))
    #expect(index.audit == AuditAnchor(commit: "abc", records: 3))
    index.anchor(AuditAnchor(commit: "next", records: 4))
    #expect(index.audit?.commit == "next")
  }

  static let reasons: [(String, @Sendable (inout ServiceIndex, inout ServiceIndex.Entry) -> Void)] = [
    ("refs", { index, _ in index.refs = Digest(of: [9]) }), ("refs never seen", { index, _ in index.refs = nil }),
    ("settings", { index, _ in index.settings = Digest(of: [9]) }), ("settings never seen", { index, _ in index.settings = nil }),
    ("another bot", { index, _ in index.botVersion = "0.9.0" }), ("no bot yet", { index, _ in index.botVersion = nil }),
    ("open", { $1.open = RolloutPlans.id(1) }), ("attention", { $1.attention = true }), ("due now", { $1.due = now }),
    ("overdue", { $1.due = Timestamp(milliseconds: 0) }),
  ]

  @Test(arguments: reasons.indices) func `any one thing is enough to do something`(_ number: Int) throws {
    let (name, change) = Self.reasons[number]
    #expect(try agenda(index(change)) == .something, "\(name)")
  }

  @Test func `an index that nobody wrote yet wants a look`() { #expect(agenda(ServiceIndex()) == .something) }

  @Test func `an index reads back`() throws {
    let service = try #require(ServiceName("web"))
    let index = try index { index, entry in
      entry.open = RolloutPlans.id(1)
      index.reservations = [
        .init(
          service: service, rollout: RolloutPlans.id(1), cluster: "default", namespace: "shop", pods: 3,
          milliCPU: 500, memoryBytes: 1 << 40,
          expires: Self.now)
      ]
    }
    let text = try CanonicalJSON.text(of: index)
    #expect(try CanonicalJSON.value(ServiceIndex.self, from: text.utf8) == index)
    #expect(text.contains("\"services\":{\"web\":{"), "by name, so that people can read and edit it")
  }

  // MARK: Canonical JSON

  private struct Sample: Codable, Equatable {
    var b = "a/b"
    var a: Int? = 1
    var none: Int?
    var c = ["z": 1.5, "A": 2, "a": 0.05]
    var text = "\u{1B}\n\"ü→\u{202E}\\"
  }

  @Test func `equal values have one spelling: keys sorted, no white space, slashes as they are`() throws {
    let text = try CanonicalJSON.text(of: Sample())
    #expect(text == "{\"a\":1,\"b\":\"a/b\",\"c\":{\"A\":2,\"a\":0.05,\"z\":1.5},\"text\":\"\\u001b\\n\\\"ü→\u{202E}\\\\\"}")
    #expect(try CanonicalJSON.bytes(of: Sample()) == Array(text.utf8))
    #expect(try CanonicalJSON.value(Sample.self, from: text.utf8) == Sample())
    #expect(try CanonicalJSON.value(Sample.self, from: CanonicalJSON.text(of: Sample(), pretty: true).utf8) == Sample())
  }

  @Test func `the same plan has the same digest, today as when this was written`() throws {
    let plan = try RolloutPlans.plan()
    for _ in 0..<20 { #expect(try plan.digest == RolloutPlans.plan().digest) }
    let digest = try plan.digest.description
    #expect(digest == "sha256:3f929b94038e66cdef3674731893a9534ccf9e3a44a9345b5dc6ecdbc23dfe2b")
    #expect(try CanonicalJSON.value(CutoverPlan.self, from: CanonicalJSON.bytes(of: plan)) == plan)
  }

  static let changes: [@Sendable (inout CutoverPlan) -> Void] = [
    { $0.installation = "other" }, { $0.cluster = "other" }, { $0.tag.object = "b2" }, { $0.commit = "c2" }, { $0.from = nil },
    { $0.fromVersion = nil },
    { $0.attempt = "sha256:1" }, { $0.images = ["x"] }, { $0.settings.bake.durationMs += 1 }, { $0.sources.template = Digest(of: [9]) },
    { $0.objects.append(.init(kind: "v1/Service", name: "x", digest: Digest(of: [1]))) },
  ]

  @Test(arguments: changes.indices) func `whatever was decided otherwise changes the plan's digest`(_ number: Int) throws {
    var plan = try RolloutPlans.plan()
    Self.changes[number](&plan)
    #expect(try plan.digest != RolloutPlans.plan().digest)
  }

  // A wait's limit counts from its beginning, so it must be clear which wait goes on.
  static let others: [(String, @Sendable (inout ServiceIndex.Wait) -> Void)] = [
    ("for something else", { $0.kind = .freeze }), ("of a tag that moved", { $0.tag.object = "other" }),
    ("of a retry", { $0.attempt = "r" }),
  ]

  @Test(arguments: others) func `a wait goes on while it is for the same, of the same tag and attempt`(
    _ what: String, _ change: @Sendable (inout ServiceIndex.Wait) -> Void
  ) throws {
    let tag = ReleaseTag(
      service: try #require(ServiceName("web")), version: try #require(Version("1.0.0")), name: "web/v1.0.0", object: "o")
    let wait = ServiceIndex.Wait(
      kind: .image, tag: tag, attempt: CutoverPlan.firstAttempt, reason: "a", since: Timestamp(milliseconds: 1), until: nil)
    var later = wait
    (later.reason, later.since, later.until) = ("b", Timestamp(milliseconds: 9), Timestamp(milliseconds: 10))
    #expect(later.goesOn(from: wait))
    change(&later)
    #expect(!later.goesOn(from: wait), "\(what)")
  }
}
