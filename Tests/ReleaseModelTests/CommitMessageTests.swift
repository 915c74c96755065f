import Digests
import Testing

@testable import ReleaseModel

/// What auditors read of events that end no rollout: every message whole, so that a change of wording is seen by whoever reviews it.
@Suite struct CommitMessageTests {
  private typealias Samples = RecordSamples

  private func text(_ record: AuditRecord) -> String { CommitMessage(record, path: "services/web/records/0000/0000042.json").text }

  @Test func `a first sight is told so`() {
    #expect(
      text(noted)
        == """
        Note web: 2 tags exist, none released

        web is seen for the first time. What existed then is on record and is
        never released by itself.

        Note: nothing that existed before is released; push a tag, or bring a
          version live with: tagflip retry web VERSION

        Event: noted
        Service: web
        Sequence: 1
        Actor: system:serviceaccount:tagflip:tagflip
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var noted: AuditRecord {
    var record = Samples.record(.noted, facts: nil, sequence: 1)
    record.tags = [Samples.facts("1.2.0").tag, Samples.facts("1.3.0").tag]
    record.remarks = ["nothing that existed before is released; push a tag, or bring a version live with: tagflip retry web VERSION"]
    return record
  }

  @Test func `a plan is told so`() {
    #expect(
      text(plan)
        == """
        Plan web 1.4.0: blue → green

        Users are on blue (1.3.0). green is built beside it, smoke-tested, and
        then takes over by one flip of the Service's selector. Nothing had been
        changed when this was committed.

        Tag web/v1.4.0, annotated, tagged by Ada Lovelace <ada@example.org>
          (claimed, not verified)

        > Faster checkout
        > See the tickets.

          verify        310 ms  passed   annotated tag web/v1.4.0

        Changed since the record before: settings, plan.

        Event: plan
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Settings-Digest: sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a
        Bot-Version: 1.0.0
        Image: registry.example/shop/web:1.4.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var plan: AuditRecord {
    var record = Samples.record(.plan, plan: Samples.plan(), steps: Array(Samples.before.prefix(1)))
    record.sources = Samples.sources
    record.changed = ["settings", "plan"]
    return record
  }

  @Test func `a first plan is told so`() {
    #expect(
      text(firstPlan)
        == """
        Plan web 1.4.0: none → blue

        This is the first release. blue is built beside it, smoke-tested, and
        then takes over by one flip of the Service's selector. Nothing had been
        changed when this was committed.

        Tag web/v1.4.0, annotated, tagged by Ada Lovelace <ada@example.org>
          (claimed, not verified)

        > Faster checkout
        > See the tickets.

        Event: plan
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        To: blue
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Bot-Version: 1.0.0
        Image: registry.example/shop/web:1.4.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var firstPlan: AuditRecord { Samples.record(.plan, plan: Samples.plan(from: nil)) }

  @Test func `a refusal is told so`() {
    #expect(
      text(refused)
        == """
        Refuse web 1.4.0: services/web/cutover.yaml:3:1: unknown key "bakke" in the plan; did you mean "bak…

        The tag gets no rollout. Nothing was changed in the cluster.

        Why: services/web/cutover.yaml:3:1: unknown key "bakke" in the plan; did
          you mean "bake"?

        Tag web/v1.4.0, annotated, tagged by Ada Lovelace <ada@example.org>
          (claimed, not verified)

        > Faster checkout
        > See the tickets.

        Event: refused
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var refused: AuditRecord {
    Samples.record(.refused, reason: "services/web/cutover.yaml:3:1: unknown key \"bakke\" in the plan; did you mean \"bake\"?")
  }

  @Test func `a tag that was passed over is told so`() {
    #expect(
      text(superseded)
        == """
        Supersede web 1.4.0: 1.5.0 is higher and was chosen

        The tag gets no rollout: a higher one was chosen. It is never released
        by itself any more.

        Why: 1.5.0 is higher and was chosen

        Event: superseded
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var superseded: AuditRecord { Samples.record(.superseded, reason: "1.5.0 is higher and was chosen") }

  @Test func `a standby that went cold is told so`() {
    #expect(
      text(retired)
        == """
        Retire web 1.3.0 (blue): the standby is cold

        The color that was kept warm for a rollback is scaled to 0. Its objects
        stay until the color is needed; a rollback to it now takes a pod start.

        Why: its window has ended

        Event: retired
        Service: web
        Version: 1.3.0
        From: blue
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var retired: AuditRecord {
    let conclusion = Conclusion(
      event: .retired, rollout: Samples.rollout, outcome: nil, version: Version("1.3.0"), from: .blue,
      actor: "system:serviceaccount:tagflip:tagflip", reason: "its window has ended", decidedAt: Samples.time(), exposed: false,
      quarantines: false)
    var record = Samples.record(.retired, facts: nil, conclusion: conclusion)
    record.version = conclusion.version
    return record
  }

  @Test func `a retry is told so`() {
    #expect(
      text(retry)
        == """
        Retry web 1.3.9: the database was full, not the release's fault

        The version is let in once more. The next run releases it through all
        gates.

        Why: the database was full, not the release's fault

        Tag web/v1.3.9, annotated, tagged by Ada Lovelace <ada@example.org>
          (claimed, not verified)

        Event: retry
        Service: web
        Version: 1.3.9
        Tag: web/v1.3.9
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var retry: AuditRecord {
    Samples.record(.retry, facts: Samples.facts("1.3.9", message: ""), reason: "the database was full, not the release's fault")
  }

  @Test func `a signature that was verified is told as such, and a claim as one`() {
    var signed = retry
    signed.tag?.signature = TagSignature(kind: .ssh, signer: "ada@shop.example", key: "SHA256:abc")
    #expect(text(signed).contains("Tag web/v1.3.9, annotated, signed by ada@shop.example (verified, key\n  SHA256:abc)\n"))
    #expect(text(signed).contains("\nSigned-By: ada@shop.example SHA256:abc\n"))
    #expect(!text(retry).contains("Signed-By") && text(retry).contains("(claimed, not verified)"))
  }

  @Test func `an accepted rewrite says what was lost and what was found`() {
    var resealed = Samples.record(.resealed, facts: nil, reason: "the Git server was restored from an old backup")
    let (lost, found) = (String(repeating: "d", count: 40), String(repeating: "e", count: 40))
    resealed.reseal = AcceptedRewrite(lost: AuditAnchor(commit: lost, records: 41), found: AuditAnchor(commit: found, records: 37))
    #expect(
      text(resealed)
        == """
        Reseal web: the audit branch was rewritten after 41 records

        The cluster remembers 41 records at commit
        dddddddddddddddddddddddddddddddddddddddd. The branch was found at
        eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee with 37 records, which does not
        lead back there. Somebody rewrote, reset or deleted it, and a person
        accepted it as it is. What the lost records said must be looked for in
        clones and notices.

        Why: the Git server was restored from an old backup

        Event: resealed
        Service: web
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Lost-Head: dddddddddddddddddddddddddddddddddddddddd
        Found-Head: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
    resealed.reseal?.found = nil
    #expect(text(resealed).contains("The branch was found to be\ngone. Somebody"))
  }

  @Test func `drift is told by finding, in lines that cannot pass for a trailer, and so is its end`() {
    var record = Samples.record(.drift)
    record.tag = nil
    let findings = [
      DriftFinding(.size, color: .blue, object: "Deployment web-blue", left: "3", found: "5", hand: "kubectl\nOutcome: promoted"),
      DriftFinding(.gone, color: .green, isStandby: true, object: "ConfigMap web-green"),
    ]
    record.drift = DriftReport(since: Samples.time(-60), all: findings)
    #expect(
      text(record)
        == """
        Report drift on web 1.4.0: Deployment web-blue has 5 pods, the release left it 3 (and 1 more)

        No rollout was open, and another hand than tagflip's had changed what
        users are on, or what a rollback rests on. It was first seen at
        2026-11-24T13:51:26.031Z. Tagflip changed nothing, and puts nothing
        right by itself.

          Deployment web-blue has 5 pods, the release left it 3 (last written by
            kubectl Outcome: promoted)
          ConfigMap web-green, which a rollback rests on, is gone

        Event: drift
        Service: web
        Version: 1.4.0
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Drift: 2
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
    record.drift = DriftReport(since: Samples.time(), all: [])
    #expect(text(record).hasPrefix("No drift on web 1.4.0 any more\n\nWhat was reported before is not there any more"))
    #expect(text(record).contains("\nDrift: 0\n"))
  }

  @Test func `every event has a message of its own, with a subject that fits a line`() {
    let records = AuditRecord.Event.allCases.map {
      Samples.record($0, facts: nil, conclusion: $0 == .outcome ? Samples.conclusion(.promoted, exposed: true, reason: "healthy") : nil)
    }
    for record in records {
      let message = CommitMessage(record, path: "x")
      #expect(!message.subject.isEmpty && message.subject.count <= 100 && !message.body.isEmpty)
      #expect(message.trailers.first?.value == record.event.rawValue && message.trailers.last?.name == "Record")
    }
    #expect(Set(records.map { CommitMessage($0, path: "x").subject }).count == records.count)
  }
}
