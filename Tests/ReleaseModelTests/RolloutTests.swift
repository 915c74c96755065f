import TestSupport
import Testing

@testable import ReleaseModel

/// The state machine, state by state and event by event.
@Suite struct RolloutTests {
  /// What leads a machine into each of its states.
  enum Place: String, Sendable, CaseIterable {
    case found, announcing, takingOver, clearing, deploying, smoking, flipping, overlapping, confirming, baking, concluding, goingBack,
      tidying,
      recording,
      ended

    var path: [Rollout.Event] {
      let start = Rollout.Event.found(.before, planPushed: false)
      switch self {
      case .found: return []
      case .announcing: return [start]
      case .takingOver: return Place.announcing.path + [.done]
      case .clearing: return Place.takingOver.path + [.done]
      case .deploying: return Place.clearing.path + [.done]
      case .smoking: return Place.deploying.path + [.done]
      case .flipping: return Place.smoking.path + [.done]
      case .overlapping: return Place.flipping.path + [.opened]
      case .confirming: return Place.flipping.path + [.done]
      case .baking: return Place.confirming.path + [.done]
      case .concluding: return Place.baking.path + [.done]
      case .goingBack: return Place.baking.path + [.failed(reason: "bad", blameless: false)]
      case .tidying: return Place.concluding.path + [.concluded(RolloutPlans.conclusion(.promoted))]
      case .recording: return Place.tidying.path + [.done]
      case .ended: return Place.recording.path + [.done]
      }
    }
  }

  /// What a machine in a state answers to one event more.
  static func answer(_ place: Place, _ event: Rollout.Event, from: Color? = .blue, first: FirstRelease = .stay) throws -> Rollout.Action {
    var machine = Rollout(plan: try RolloutPlans.plan(from: from, first: first))
    for event in place.path { _ = machine.handle(event) }
    return machine.handle(event)
  }

  // MARK: done

  static let afterDone: [(Place, String)] = [
    (.found, "misfit"), (.announcing, "takeOver"), (.takingOver, "clear"), (.clearing, "deploy"), (.deploying, "smoke"), (.smoking, "flip"),
    (.flipping, "confirmTraffic"), (.overlapping, "confirmTraffic"), (.confirming, "bake"), (.baking, "conclude promoted exposed"),
    (.concluding, "misfit"),
    (.goingBack, "misfit"), (.tidying, "record"), (.recording, "finish"), (.ended, "misfit"),
  ]

  @Test(arguments: afterDone)
  func `a step that is done leads to the next one`(_ place: Place, _ expected: String) throws {
    #expect(try Self.answer(place, .done).words == expected)
  }

  @Test func `a color that was built at preview size grows between smoke and flip, and fails like any other before exposure`() throws {
    func grown(_ event: Rollout.Event?) throws -> [String] {
      var machine = Rollout(plan: try RolloutPlans.plan(previewReplicas: 1))
      var words = (Place.smoking.path + [.done]).map { machine.handle($0).words }
      if let event { words.append(machine.handle(event).words) }
      return words.suffix(2)
    }
    #expect(try grown(nil) == ["smoke", "grow"])
    #expect(try grown(.done) == ["grow", "flip"])
    #expect(try grown(.failed(reason: "bad", blameless: false)) == ["grow", "conclude failed quarantined"])
    #expect(try grown(.changed(.before)) == ["grow", "takeOver"])
    #expect(try grown(.changed(.overtaken(fence: 9))) == ["grow", "yield"])
  }

  @Test(arguments: Place.allCases)
  func `a flip that opened an overlap is watched, and nothing else can open one`(_ place: Place) throws {
    #expect(try Self.answer(place, .opened).words == (place == .flipping ? "overlap" : "misfit"))
  }

  // MARK: failed

  static let afterFailure: [(Place, String)] = [
    (.found, "misfit"), (.announcing, "conclude failed"), (.takingOver, "conclude failed"), (.clearing, "conclude failed"),
    (.deploying, "conclude failed"), (.smoking, "conclude failed"), (.flipping, "conclude failed"),
    (.overlapping, "goBack rolled-back exposed"), (.confirming, "goBack rolled-back exposed"), (.baking, "goBack rolled-back exposed"),
    (.concluding, "misfit"), (.goingBack, "misfit"),
    (.tidying, "misfit"), (.recording, "misfit"), (.ended, "misfit"),
  ]

  @Test(arguments: afterFailure)
  func `a step that says no ends the attempt before exposure and takes users back after it`(_ place: Place, _ expected: String) throws {
    let blamed = try Self.answer(place, .failed(reason: "bad", blameless: false))
    #expect(blamed.words == expected + (expected == "misfit" ? "" : " quarantined"))
    let blameless = try Self.answer(place, .failed(reason: "bad", blameless: true))
    #expect(blameless.words == expected)
  }

  @Test(arguments: [Place.confirming, .baking])
  func `a first release that says no after exposure stays, or is withdrawn`(_ place: Place) throws {
    let event = Rollout.Event.failed(reason: "bad", blameless: false)
    #expect(try Self.answer(place, event, from: nil).words == "conclude failed-exposed exposed quarantined")
    #expect(try Self.answer(place, event, from: nil, first: .withdraw).words == "withdraw rolled-back exposed quarantined")
  }

  // MARK: no way back

  @Test(arguments: Place.allCases)
  func `that there is no way back is heard only on the way back`(_ place: Place) throws {
    let action = try Self.answer(place, .noWayBack(reason: "blue has no ready pod"))
    guard case .conclude(let verdict) = action else {
      #expect(action.words == "misfit")
      #expect(place != .goingBack)
      return
    }
    #expect(place == .goingBack)
    #expect(verdict == .init(.rollbackFailed, reason: "bad; could not go back: blue has no ready pod", exposed: true, quarantines: true))
  }

  @Test func `no way back from what nobody is to blame for quarantines nothing`() throws {
    var machine = Rollout(plan: try RolloutPlans.plan())
    for event in Place.baking.path + [.failed(reason: "unknown", blameless: true)] { _ = machine.handle(event) }
    #expect(machine.handle(.noWayBack(reason: "none is ready")).words == "conclude rollback-failed exposed")
  }

  // MARK: the world

  static let standings: [(Standing, String)] = [
    (.before, "takeOver"), (.overlapping, "overlap"), (.exposed, "confirmTraffic"),
    (.concluded(RolloutPlans.conclusion(.rolledBack)), "tidy rolled-back"),
    (.returnedByForeignHand, "conclude rolled-back exposed quarantined"),
    (.departed("the Service selects blue", exposed: false), "conclude aborted"),
    (.departed("the Service selects blue", exposed: true), "conclude aborted exposed"), (.overtaken(fence: 9), "yield"),
  ]

  @Test(arguments: Place.allCases)
  func `what the world turns out to be decides, in whatever state the machine was`(_ place: Place) throws {
    for (standing, expected) in Self.standings { #expect(try Self.answer(place, .changed(standing)).words == expected, "\(standing)") }
  }

  @Test func `the first look decides like any other, and the plan comes first`() throws {
    for (standing, expected) in Self.standings {
      #expect(try Self.answer(.found, .found(standing, planPushed: true)).words == expected)
      let unpushed = standing == .before ? "pushPlan" : expected
      #expect(try Self.answer(.found, .found(standing, planPushed: false)).words == unpushed)
    }
  }

  @Test(arguments: Place.allCases, Outcome.allCases)
  func `an outcome that is in the marker is carried out, in whatever state the machine was`(_ place: Place, _ outcome: Outcome) throws {
    let conclusion = RolloutPlans.conclusion(outcome)
    #expect(try Self.answer(place, .concluded(conclusion)) == .tidy(conclusion))
  }

  @Test func `a conclusion is tidied up, recorded and then over`() throws {
    let conclusion = RolloutPlans.conclusion(.aborted)
    var machine = Rollout(plan: try RolloutPlans.plan())
    #expect(machine.handle(.found(.concluded(conclusion), planPushed: true)) == .tidy(conclusion))
    #expect(machine.handle(.done) == .record(conclusion))
    #expect(machine.handle(.done) == .finish(conclusion))
  }

  // MARK: whatever comes

  static let anything: [Rollout.Event] =
    standings.map { .changed($0.0) } + [
      .done, .done, .done, .done, .opened, .failed(reason: "bad", blameless: false), .noWayBack(reason: "none"),
      .concluded(RolloutPlans.conclusion(.promoted)),
    ]

  @Test(arguments: 0..<200)
  func `whatever comes in whatever order, nothing is skipped on the way to users`(_ seed: Int) throws {
    var random = Seeded(UInt64(seed))
    var machine = Rollout(plan: try RolloutPlans.plan(from: seed % 3 == 0 ? nil : .blue))
    var last = machine.handle(.found(.before, planPushed: seed % 2 == 0)).words
    for _ in 0..<40 {
      let event = Self.anything.randomElement(using: &random) ?? .done
      let next = machine.handle(event).words
      let needed = [
        "clear": "takeOver", "deploy": "clear", "smoke": "deploy", "flip": "smoke", "bake": "confirmTraffic",
      ]
      if let before = needed[next] { #expect(last == before && event == .done, "\(last) → \(next)") }
      if next == "overlap" { #expect(event == .changed(.overlapping) || (last == "flip" && event == .opened)) }
      if next == "record" { #expect(last.hasPrefix("tidy")) }
      if next == "finish" { #expect(last == "record") }
      if next.hasPrefix("conclude promoted") { #expect(last == "bake" && event == .done) }
      last = next
    }
  }
}

extension Rollout.Action {
  /// The action in a word, with its verdict's.
  var words: String {
    switch self {
    case .pushPlan: "pushPlan"
    case .takeOver: "takeOver"
    case .clear: "clear"
    case .deploy: "deploy"
    case .smoke: "smoke"
    case .grow: "grow"
    case .flip: "flip"
    case .overlap: "overlap"
    case .confirmTraffic: "confirmTraffic"
    case .bake: "bake"
    case .conclude(let verdict): "conclude \(verdict.words)"
    case .goBack(let verdict): "goBack \(verdict.words)"
    case .withdraw(let verdict): "withdraw \(verdict.words)"
    case .tidy(let conclusion): "tidy \(conclusion.outcome?.rawValue ?? "")"
    case .record: "record"
    case .finish: "finish"
    case .yield(let reason): reason.hasPrefix("the engine reported") ? "misfit" : "yield"
    }
  }
}

extension Rollout.Verdict {
  fileprivate var words: String {
    outcome.rawValue + (exposed ? " exposed" : "") + (quarantines ? " quarantined" : "")
  }
}
