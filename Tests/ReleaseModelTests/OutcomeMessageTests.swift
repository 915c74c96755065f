import Digests
import Testing

@testable import ReleaseModel

/// What auditors read of rollouts' ends: every message whole, so that a change of wording is seen by whoever reviews it.
@Suite struct OutcomeMessageTests {
  private typealias Samples = RecordSamples

  private func text(_ record: AuditRecord) -> String { CommitMessage(record, path: "services/web/records/0000/0000042.json").text }

  @Test func `a promotion is told so`() {
    #expect(
      text(promoted)
        == """
        Promote web 1.4.0: blue → green in 5 min 31 s

        Users are on green now. blue is kept warm for a rollback: tagflip
        rollback web

        Why: healthy for the whole bake

          verify        310 ms  passed   annotated tag web/v1.4.0
          plan           95 ms  passed   plan e5a00aa9991a committed as 0123456789
          deploy          24 s  passed   3 of 3 pods ready
          smoke          1.2 s  passed   2 of 2 checks passed
          bake           5 min  passed   598 of 600 checks passed (0.3 % failed, 5 % tolerated), 0 restarts

        Continued after an interruption of 61 s during bake.
        Cutover at 2026-11-24T13:52:26.031Z, acknowledged in 9 ms; the
        EndpointSlices held exactly the new pods after 42 ms. It moves new
        connections; established ones stay where they are, and that they have
        moved since is not evidenced.

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: promoted
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Cutover-At: 2026-11-24T13:52:26.031Z
        Cutover-Ms: 9
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var promoted: AuditRecord {
    var record = Samples.record(
      .outcome, conclusion: Samples.conclusion(.promoted, exposed: true, reason: "healthy for the whole bake"),
      steps: Samples.before + [
        Samples.step(.bake, 0, ms: 300_000, "598 of 600 checks passed (0.3 % failed, 5 % tolerated), 0 restarts")
      ],
      cutover: Samples.cutover)
    record.conclusion?.decidedAt = Samples.time(301)
    record.interruptions = [Interruption(step: .bake, ms: 61_000)]
    return record
  }

  @Test func `what two colors cost is told in one sentence`() {
    var record = promoted
    let cost = DoublingCost(ms: 1_260_000, coreHours: 0.12, gibHours: 0.25)
    let most = DoublingCost(ms: 3_120_000, coreHours: 0.9, gibHours: 1.2)
    record.doubling = Doubling(forecast: most, actual: cost)
    #expect(
      text(record).contains(
        "\nDoubled for 21 min: 0.12 core-hours, 0.25 GiB-hours (forecast at most\n0.9 core-hours, 1.2 GiB-hours).\n"), "\(text(record))")
    record.doubling = Doubling(forecast: most)
    #expect(text(record).contains("\nDoubling costs at most 0.9 core-hours, 1.2 GiB-hours (52 min).\n"))
    var retired = Samples.record(
      .retired, facts: nil, conclusion: Samples.conclusion(.promoted, exposed: false, reason: "its window ended"))
    retired.doubling = Doubling(actual: cost)
    #expect(text(retired).contains("\nDoubled for 21 min more: 0.12 core-hours, 0.25 GiB-hours.\n"), "\(text(retired))")
  }

  @Test func `many interruptions are told in one sentence`() {
    var record = promoted
    record.interruptions = (1...57).map { Interruption(step: $0 == 9 ? .bake : .cutover, ms: $0 == 9 ? 4900 : 3500) }
    #expect(
      text(record).contains("\nContinued after 57 interruptions, 3 min 20 s in all; the longest was 4.9\ns during bake.\n"),
      "\(text(record))")
  }

  @Test func `a rollback by the bake is told so`() {
    #expect(
      text(rolledBack)
        == """
        Roll back web 1.4.0: green → blue in 42 s

        Users had seen it for 12 s; they are back on blue (1.3.0). 1.4.0 stays
        out until: tagflip retry web 1.4.0

        Why: 3 failed rounds in a row (GET /healthz: HTTP 500, expected 200)

          verify        310 ms  passed   annotated tag web/v1.4.0
          plan           95 ms  passed   plan e5a00aa9991a committed as 0123456789
          deploy          24 s  passed   3 of 3 pods ready
          smoke          1.2 s  passed   2 of 2 checks passed
          bake            11 s  failed   3 failed rounds in a row (GET /healthz: HTTP 500, expected 200)
          rollback       31 ms  passed   flipped back

          failed: GET /healthz: HTTP 500, expected 200
          Checks went through the API server: they say nothing about the data plane.

        Cutover at 2026-11-24T13:52:26.031Z, acknowledged in 9 ms; the
        EndpointSlices held exactly the new pods after 42 ms. It moves new
        connections; established ones stay where they are, and that they have
        moved since is not evidenced.

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: rolled-back
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Cutover-At: 2026-11-24T13:52:26.031Z
        Cutover-Ms: 9
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var rolledBack: AuditRecord {
    let reason = "3 failed rounds in a row (GET /healthz: HTTP 500, expected 200)"
    let bad = Samples.check(.failed, "HTTP 500, expected 200", route: .api)
    return Samples.record(
      .outcome, conclusion: Samples.conclusion(.rolledBack, exposed: true, reason: reason),
      steps: Samples.before + [
        Samples.step(.bake, 0, ms: 11_200, reason, result: .failed, checks: [bad]),
        Samples.step(.rollback, 12, ms: 31, "flipped back"),
      ], cutover: Samples.cutover)
  }

  @Test func `a rollback by a person is told so`() {
    #expect(
      text(byHand)
        == """
        Roll back web 1.4.0: green → blue

        Users had seen it for 12 s; they are back on blue (1.3.0). 1.4.0 stays
        out until: tagflip retry web 1.4.0

        Why: carts are empty

        Event: outcome
        Service: web
        Version: 1.4.0
        Outcome: rolled-back
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var byHand: AuditRecord {
    var record = Samples.record(
      .outcome, facts: nil,
      conclusion: Samples.conclusion(
        .rolledBack, exposed: true, reason: "carts are empty", actor: "ada@example.org", quarantines: true))
    record.version = record.conclusion?.version
    return record
  }

  @Test func `a failure before exposure is told so`() {
    #expect(
      text(failed)
        == """
        Fail web 1.4.0: web-green: the container web keeps crashing (exit 1), users never saw it

        It was never exposed: users stayed where they were. 1.4.0 stays out
        until: tagflip retry web 1.4.0

        Why: web-green: the container web keeps crashing (exit 1)

          verify        310 ms  passed   annotated tag web/v1.4.0
          plan           95 ms  passed   plan e5a00aa9991a committed as 0123456789
          deploy         4.2 s  failed   the container web keeps crashing

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: failed
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var failed: AuditRecord {
    Samples.record(
      .outcome,
      conclusion: Samples.conclusion(.failed, exposed: false, reason: "web-green: the container web keeps crashing (exit 1)"),
      steps: Samples.before.prefix(2) + [
        Samples.step(.deploy, -28, ms: 4200, "the container web keeps crashing", result: .failed)
      ])
  }

  @Test func `a first release that went bad is told so`() {
    #expect(
      text(failedExposed)
        == """
        Fail web 1.4.0, exposed: 2 container restarts, 0 tolerated

        There was nothing to go back to: users are still on it. Somebody has to
        act. 1.4.0 stays out until: tagflip retry web 1.4.0

        Why: 2 container restarts, 0 tolerated

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: failed-exposed
        To: blue
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var failedExposed: AuditRecord {
    Samples.record(
      .outcome, conclusion: Samples.conclusion(.failedExposed, exposed: true, reason: "2 container restarts, 0 tolerated", from: nil))
  }

  @Test func `a rollback that could not be is told so`() {
    #expect(
      text(rollbackFailed)
        == """
        Fail to roll back web 1.4.0: 12 of 40 checks failed, 30 % against 5 % tolerated; could n…

        Users are still on it, since the standby could not serve either.
        Somebody has to act. 1.4.0 stays out until: tagflip retry web 1.4.0

        Why: 12 of 40 checks failed, 30 % against 5 % tolerated; could not go
          back: no pod of blue is ready

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: rollback-failed
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var rollbackFailed: AuditRecord {
    Samples.record(
      .outcome,
      conclusion: Samples.conclusion(
        .rollbackFailed, exposed: true,
        reason: "12 of 40 checks failed, 30 % against 5 % tolerated; could not go back: no pod of blue is ready"))
  }

  @Test func `a rejection is told so`() {
    #expect(
      text(rejected)
        == """
        Reject web 1.4.0: nobody approved it within 24 h

        It was not let through. 1.4.0 stays out until: tagflip retry web 1.4.0

        Why: nobody approved it within 24 h

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: rejected
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Quarantine: yes
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var rejected: AuditRecord {
    Samples.record(
      .outcome, conclusion: Samples.conclusion(.rejected, exposed: false, reason: "nobody approved it within 24 h"))
  }

  @Test func `an abort is told so`() {
    #expect(
      text(aborted)
        == """
        Abort web 1.4.0: the Service selects tagflip.dev/color: red

        Users had seen it.

        Why: the Service selects tagflip.dev/color: red

        Event: outcome
        Service: web
        Version: 1.4.0
        Tag: web/v1.4.0
        Tag-Object: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Commit: cccccccccccccccccccccccccccccccccccccccc
        Outcome: aborted
        From: blue
        To: green
        Rollout: r-0000000000005eed
        Sequence: 42
        Previous: sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        Actor: system:serviceaccount:tagflip:tagflip
        Tagger-Claimed: Ada Lovelace <ada@example.org>
        Approval: not required by policy
        Plan-Digest: sha256:e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71
        Bot-Version: 1.0.0
        Record: services/web/records/0000/0000042.json

        """)
  }

  private var aborted: AuditRecord {
    Samples.record(
      .outcome, conclusion: Samples.conclusion(.aborted, exposed: true, reason: "the Service selects tagflip.dev/color: red"))
  }
}
