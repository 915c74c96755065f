import Testing

@testable import ReleaseModel

/// Where a rollout stands, as selector and marker alone tell.
@Suite struct RolloutStandingTests {
  static let own = RolloutPlans.id(1)
  static let other = RolloutPlans.id(2)

  private func standing(
    _ selection: Selection, rollout: RolloutID?, from: Color? = .blue, fence: UInt64 = 5, mine: UInt64? = nil, pending: [Conclusion] = []
  ) throws -> Standing {
    let marker = Marker(fence: fence, rollout: rollout, pending: pending)
    return Standing(of: try RolloutPlans.open(RolloutPlans.plan(from: from)), selection: selection, marker: marker, fence: mine)
  }

  static let following: [(Selection, RolloutID?, Standing)] = [
    (.color(.blue), other, .before),
    (.color(.blue), nil, .before),
    (.color(.green), own, .exposed),
    (.color(.blue), own, .returnedByForeignHand),
    (.color(.green), other, .departed("the Service selects green", exposed: false)),
    (.nothing, other, .departed("the Service selects tagflip.dev/color: none", exposed: false)),
    (.nothing, own, .departed("the Service selects tagflip.dev/color: none", exposed: true)),
    (.uncolored, other, .departed("the Service's selector lacks tagflip.dev/color", exposed: false)),
    (.uncolored, own, .departed("the Service's selector lacks tagflip.dev/color", exposed: true)),
    (.foreign("red"), own, .departed("the Service selects tagflip.dev/color: red", exposed: true)),
    (.both, other, .departed("the Service selects both colors, by tagflip.dev/service", exposed: false)),
    (.both, own, .departed("the Service selects both colors, by tagflip.dev/service", exposed: true)),
  ]

  @Test(arguments: following)
  func `a release that follows another stands where selector and marker say`(
    _ selection: Selection, _ rollout: RolloutID?, _ expected: Standing
  ) throws {
    #expect(try standing(selection, rollout: rollout) == expected)
  }

  static let first: [(Selection, RolloutID?, Standing)] = [
    (.nothing, nil, .before),
    (.color(.blue), own, .exposed),
    (.nothing, own, .returnedByForeignHand),
    (.color(.green), own, .returnedByForeignHand),
    (.color(.blue), nil, .departed("the Service selects blue", exposed: false)),
    (.uncolored, nil, .departed("the Service's selector lacks tagflip.dev/color", exposed: false)),
  ]

  @Test(arguments: first)
  func `a first release stands where selector and marker say`(_ selection: Selection, _ rollout: RolloutID?, _ expected: Standing) throws {
    #expect(try standing(selection, rollout: rollout, from: nil) == expected)
  }

  @Test func `an outcome in the marker counts before all else`() throws {
    let conclusion = RolloutPlans.conclusion(.rolledBack)
    let all = try standing(
      .uncolored, rollout: Self.own, fence: 9, mine: 5, pending: [RolloutPlans.conclusion(.promoted, rollout: Self.other), conclusion])
    #expect(all == .concluded(conclusion))
  }

  @Test func `another rollout's outcome, or a standby given up for this one, is none of its own`() throws {
    let others = [RolloutPlans.conclusion(.promoted, rollout: Self.other), RolloutPlans.conclusion(.promoted, event: .retired)]
    #expect(try standing(.color(.blue), rollout: Self.other, pending: others) == .before)
  }

  // A rollout whose plan has an overlap: where its Service is, whether it is known to have been left the new color alone, and where it stands.
  static let overlapping: [(Selection, RolloutID?, Bool, Standing)] = [
    (.both, own, false, .overlapping), (.color(.green), own, false, .exposed), (.color(.green), own, true, .exposed),
    (.color(.blue), own, false, .returnedByForeignHand), (.color(.blue), other, false, .before),
    (.both, other, false, .departed("the Service selects both colors, by tagflip.dev/service", exposed: false)),
    (.both, own, true, .departed("the Service selects both colors, by tagflip.dev/service", exposed: true)),
  ]

  @Test(arguments: overlapping)
  func `an overlap is told by the selector, and is none once the new color was left alone`(
    _ selection: Selection, _ rollout: RolloutID?, _ isNarrowed: Bool, _ expected: Standing
  ) throws {
    var open = try RolloutPlans.open(RolloutPlans.plan(overlapMs: 30_000))
    let at = Timestamp(milliseconds: 1000)
    open.cutover = CutoverRecord(at: at, patchMs: 4, overlap: OverlapRecord(narrowedAt: isNarrowed ? at : nil))
    let standing = Standing(of: open, selection: selection, marker: Marker(fence: 5, rollout: rollout), fence: nil)
    #expect(standing == expected)
  }

  @Test func `a first release has nothing to share users with`() throws {
    let open = try RolloutPlans.open(RolloutPlans.plan(from: nil, overlapMs: 30_000))
    let standing = Standing(of: open, selection: .both, marker: Marker(rollout: Self.own), fence: nil)
    #expect(standing == .departed("the Service selects both colors, by tagflip.dev/service", exposed: true))
  }

  static let fences: [(UInt64, UInt64?, Standing)] = [
    (5, nil, .before), (5, 5, .before), (6, 5, .overtaken(fence: 6)), (5, 6, .before),
  ]

  @Test(arguments: fences)
  func `a fence above one's own means that somebody else works on it`(_ fence: UInt64, _ mine: UInt64?, _ expected: Standing) throws {
    #expect(try standing(.color(.blue), rollout: nil, fence: fence, mine: mine) == expected)
  }

  @Test func `what a foreign selector says is cut before it is told`() {
    #expect(Selection.foreign(String(repeating: "x", count: 500)).words.count < 120)
  }
}
