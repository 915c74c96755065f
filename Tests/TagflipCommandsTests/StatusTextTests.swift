import Digests
import KubernetesModel
import ReleaseModel
import Testing

@testable import ReleaseEngine
@testable import TagflipCommands

/// What `tagflip status` prints of one service.
@Suite struct StatusTextTests {
  private static let target = ServiceTarget(
    service: Samples.web, cluster: "default", namespace: "shop", activeService: "web", previewService: "web-preview")

  private static func seen(_ selection: Selection, _ marker: Marker = Marker()) -> Result<ActiveService, PortError> {
    .success(
      ActiveService(
        uid: "u", resourceVersion: "7", selection: selection, marker: marker,
        address: ServiceAddress(namespace: "shop", name: "web", clusterIP: "10.0.0.1", ports: [])))
  }

  private static func color(_ color: Color, _ ready: Int, of desired: Int) -> ColorObservation {
    ColorObservation(
      color: color, workloads: [WorkloadObservation(name: "web", desired: desired, ready: ready, isSettled: true)], objects: 3)
  }

  private static func status(
    _ seen: Result<ActiveService, PortError>, _ colors: [ColorObservation] = [], open: OpenRollout? = nil, standing: Standing? = nil,
    last: AuditRecord? = nil, worker: LeaseHolder? = nil, unread: [PortError] = []
  ) -> StatusQuery.ServiceStatus {
    StatusQuery.ServiceStatus(
      target: target, seen: seen, open: open, standing: standing, colors: colors, entry: ServiceIndex.Entry(target: target),
      lastRecord: last, worker: worker, unread: unread)
  }

  private static let warm = Marker(
    fence: 12, rollout: Samples.rollout, version: Samples.version("1.1.0"),
    standby: Marker.Standby(color: .blue, version: Samples.version("1.0.0"), temperature: .warm, warmUntil: Samples.ten + .seconds(840)))

  private func text(_ status: StatusQuery.ServiceStatus) -> String { StatusText(status: status, now: Samples.ten + .seconds(30)).text }

  @Test func `a promoted release with its warm standby`() {
    let status = Self.status(
      Self.seen(.color(.green), Self.warm), [Self.color(.blue, 3, of: 3), Self.color(.green, 2, of: 3)], last: Samples.record())
    #expect(
      text(status) == """
        web: users are on green, 1.1.0
          blue      standby 1.0.0, warm, 3 of 3 pods ready
          green     active, 2 of 3 pods ready
          next      blue goes cold in 13 min 30 s (2026-11-27T10:14:00.000Z); until then: tagflip rollback web
          last      Promote web 1.0.0: blue → green (2026-11-27T10:00:00.000Z)
        """)
  }

  @Test func `a standby whose window is over, and records that wait`() {
    var marker = Self.warm
    marker.standby?.warmUntil = Samples.ten
    marker.pending = [Samples.conclusion(.promoted)]
    #expect(
      text(Self.status(Self.seen(.color(.green), marker), [Self.color(.green, 1, of: 1)])) == """
        web: users are on green, 1.1.0
          green     active, 1 of 1 pod ready
          next      blue goes cold with the next run (2026-11-27T10:00:00.000Z); until then: tagflip rollback web
          next      1 record still to be pushed to Git, by the next run
        """)
    marker.standby = nil
    marker.pending += marker.pending
    #expect(text(Self.status(Self.seen(.color(.green), marker))).hasSuffix("2 records still to be pushed to Git, by the next run"))
  }

  /// A wait for what is given, begun at ten.
  private static func waiting(_ kind: ServiceIndex.Wait.Kind, _ reason: String, until: Timestamp?) -> StatusQuery.ServiceStatus {
    var status = Self.status(Self.seen(.color(.blue), Marker(version: Samples.version("1.0.0"))))
    let tag = ReleaseTag(service: Samples.web, version: Samples.version("1.1.0"), name: "web/v1.1.0", object: "o")
    status.entry.waiting = ServiceIndex.Wait(
      kind: kind, tag: tag, attempt: CutoverPlan.firstAttempt, reason: reason, since: Samples.ten, until: until)
    return status
  }

  static let waits: [(ServiceIndex.Wait.Kind, String, Int?, String)] = [
    (
      .image, "r.example has no image r.example/web:1.1.0", 1800,
      "until 2026-11-27T10:30:00.000Z (in 29 min 30 s), then it is refused"
    ), (.image, "gone", 10, "the next run asks once more, or refuses it"),
    (.freeze, "frozen: holidays", 90, "until 2026-11-27T10:01:30.000Z (in 60 s)"),
    (.standby, "blue is kept warm", 10, "the next run goes on with it"), (.room, "no room", nil, "each run looks again"),
  ]

  @Test(arguments: waits) func `a tag that waits, for what, and when that ends`(
    _ kind: ServiceIndex.Wait.Kind, _ reason: String, _ seconds: Int?, _ end: String
  ) throws {
    let status = Self.waiting(kind, reason, until: seconds.map { Samples.ten + .seconds($0) })
    #expect(
      text(status) == """
        web: users are on blue, 1.0.0
          waits     1.1.0, since 2026-11-27T10:00:00.000Z: \(reason); \(end)
        """)
    let json = StatusText(status: status, now: Samples.ten).json["waiting"]
    #expect(json?["for"]?.string == kind.rawValue && json?["version"] == "1.1.0" && json?["reason"]?.string == reason)
    // Once it is announced there is more to say than that it waited.
    var open = status
    open.open = try Samples.open()
    #expect(!text(open).contains("waits"))
  }

  @Test func `a service that nothing was released to`() {
    #expect(text(Self.status(Self.seen(.nothing))) == "web: the Service selects tagflip.dev/color: none")
  }

  @Test func `a rollout that is being built, and one that bakes`() throws {
    var open = try Samples.open()
    open.touchedAt = Samples.ten
    let marker = Marker(fence: 3, version: Samples.version("1.0.0"))
    let colors = [Self.color(.blue, 3, of: 3), Self.color(.green, 1, of: 3)]
    #expect(
      text(Self.status(Self.seen(.color(.blue), marker), colors, open: open, standing: .before)) == """
        web: users are on blue, 1.0.0
          blue      active, 3 of 3 pods ready
          green     being built, 1 of 3 pods ready
          rollout   1.1.0 (r-000000000000abcd): not exposed yet, last step: deploy passed; last sign of life 30 s ago
          at work   nobody: the run that did was killed or stopped
          next      the next run (tagflip run, or your schedule's) brings green up as planned, smoke-tests it and flips; users are where they were
        """)
    let worker = LeaseHolder(holder: "node-1-7", until: Samples.ten + .seconds(52))
    #expect(
      text(Self.status(Self.seen(.color(.green), marker), [], open: open, standing: .exposed, worker: worker)) == """
        web: users are on green, 1.0.0
          rollout   1.1.0 (r-000000000000abcd): exposed, 90 s of 5 min baked, last step: deploy passed; last sign of life 30 s ago
          at work   node-1-7, by its Lease; if it was killed, the Lease ends in 22 s (2026-11-27T10:00:52.000Z)
          next      whoever is at work, or the first run after that watches the 3 min 30 s that are left of the bake and promotes, or goes back to blue at once if it is unhealthy
        """)
  }

  @Test func `a rollout of which users reach both colors`() throws {
    var open = try Samples.open()
    open.touchedAt = Samples.ten
    open.plan.settings.overlapMs = 30_000
    open.cutover = CutoverRecord(at: Samples.ten, patchMs: 4, overlap: OverlapRecord(watchedMs: 12_000))
    var marker = Self.warm
    marker.standby?.warmUntil = nil
    let colors = [Self.color(.blue, 3, of: 3), Self.color(.green, 3, of: 3)]
    #expect(
      text(Self.status(Self.seen(.both, marker), colors, open: open, standing: .overlapping)) == """
        web: users reach both colors, 1.1.0 on green and 1.0.0 on blue
          blue      active, with the other, 3 of 3 pods ready
          green     active, with the other, 3 of 3 pods ready
          rollout   1.1.0 (r-000000000000abcd): users reach both colors, 12 s of 30 s watched, last step: deploy passed; last sign of life 30 s ago
          at work   nobody: the run that did was killed or stopped, and nobody watches what users are on
          next      the next run (tagflip run, or your schedule's) watches the 18 s that are left of the overlap and leaves users green alone, or goes back to blue at once if it is unhealthy
        """)
  }

  static let standings: [(Standing, String)] = [
    (.concluded(Samples.conclusion(.failed)), "decided: failed, not yet recorded"),
    (.returnedByForeignHand, "pointed back by a foreign hand"),
    (.departed("the Service selects tagflip.dev/color: red", exposed: true), "the Service selects tagflip.dev/color: red"),
    (.overtaken(fence: 9), "taken over by another run"),
  ]

  @Test(arguments: standings) func `a rollout that the world took elsewhere`(_ standing: Standing, _ words: String) throws {
    let status = Self.status(Self.seen(.color(.blue)), [], open: try Samples.open(), standing: standing)
    #expect(text(status).contains("  rollout   1.1.0 (r-000000000000abcd): \(words), last step"))
  }

  @Test func `what could not be read is said, and the rest is shown`() {
    let lost = PortError(.unreachable, attempted: "list the refs", reason: "nobody answers")
    #expect(
      text(Self.status(.failure(PortError(.notFound, attempted: "get services shop/web", reason: "not found")), unread: [lost])) == """
        web: could not get services shop/web: not found
          unread    could not list the refs: nobody answers
        """)
  }

  @Test func `what another hand changed stands on top, each with what to do about it`() throws {
    var status = Self.status(Self.seen(.color(.green), Self.warm), [Self.color(.green, 5, of: 5)])
    var drift = Drift(try status.seen.get(), colors: [], live: nil, held: [])
    #expect(!text(status).contains("drift"))
    drift.findings = [
      DriftFinding(
        .moved, color: .green, object: "Service web", left: "green (1.1.0)", found: "the Service selects blue", hand: "kubectl-edit"),
      DriftFinding(.size, color: .blue, isStandby: true, object: "Deployment web-blue", left: "3", found: "1"),
    ]
    (status.drift, status.driftSince) = (drift, Samples.ten)
    let lines = text(status).split(separator: "\n").dropFirst().prefix(5)
    #expect(
      lines.joined(separator: "\n") == """
          drift     the Service selects blue, and the marker says green (1.1.0): kubectl-edit wrote the selector
                    next: say what is right: tagflip settle web --restore (or --accept) --reason TEXT; until then nothing is released
          drift     Deployment web-blue, which a rollback rests on, has 1 pod, the release left it 3
                    next: put it back: kubectl -n shop scale deployment/web-blue --replicas=3; a rollback may find less than it needs until then
                    first seen by a run at 2026-11-27T10:00:00.000Z
        """)
    status.driftSince = nil
    status.entry.drift = ServiceIndex.DriftNote(digest: Digest(of: [1]), since: Samples.ten, isRecorded: true)
    #expect(text(status).contains("  drift     what a run first found at 2026-11-27T10:00:00.000Z is not what is seen from here now;"))
    status.driftSince = Samples.ten
    let json = StatusText(status: status, now: Samples.ten).json
    #expect(json["drift"]?.array?.count == 2 && json["driftSince"] == "2026-11-27T10:00:00.000Z")
  }

  @Test func `a consumer that has not followed users is said, and who goes on with it`() {
    var status = Self.status(Self.seen(.color(.blue), Self.warm), [Self.color(.blue, 3, of: 3), Self.color(.green, 0, of: 0)])
    status.handOverLeft = "Pod worker-green-1 of green has not ended yet"
    let lines = text(status).split(separator: "\n").map(String.init)
    #expect(lines[1] == "  left over what runs only when active has not followed users: Pod worker-green-1 of green has not ended yet")
    #expect(lines[2].hasSuffix("next: the bot's next run goes on with it (tagflip run, or your schedule's)"))
    #expect(StatusText(status: status, now: Samples.ten).json["handOverLeft"]?.string?.hasPrefix("Pod worker-green-1") == true)
  }

  @Test func `everything is in the JSON too`() throws {
    let status = Self.status(
      Self.seen(.color(.green), Self.warm), [Self.color(.blue, 3, of: 3)], open: try Samples.open(), standing: .exposed,
      last: Samples.record(), unread: [Samples.error(.unreachable)])
    let document = try Document(StatusText(status: status, now: Samples.ten).json.text)
    #expect(
      document
        == (try Document(
          #"""
          {"service": "web", "namespace": "shop", "selection": "the Service selects green", "version": "1.1.0", "fence": 12, "pending": 0,
           "colors": [{"color": "blue", "ready": 3, "desired": 3}], "due": null, "worker": null, "waiting": null, "drift": null, "driftSince": null,
           "handOverLeft": null,
           "standby": {"color": "blue", "version": "1.0.0", "temperature": "warm", "warmUntil": "2026-11-27T10:14:00.000Z"},
           "rollout": {"id": "r-000000000000abcd", "version": "1.1.0", "bakedMs": 90000,
                       "steps": [{"step": "plan", "result": "passed", "ms": 49}, {"step": "deploy", "result": "passed", "ms": 312}]},
           "last": {"event": "outcome", "sequence": 3, "version": "1.0.0", "outcome": "promoted", "at": "2026-11-27T10:00:00.000Z",
                    "subject": "Promote web 1.0.0: blue → green"},
           "unread": [{"kind": "unreachable", "attempted": "apply Deployment shop/web-green", "reason": "no", "hint": null,
                       "location": null}]}
          """#)))
    let lost = try Document(StatusText(status: Self.status(.failure(Samples.error(.forbidden))), now: Samples.ten).json.text)
    #expect(lost["error", "kind"] == .text("forbidden"))
    #expect(lost["rollout"] == .null)
  }
}
