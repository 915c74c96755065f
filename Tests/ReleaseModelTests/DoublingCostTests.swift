import Testing

@testable import ReleaseModel

/// What two colors cost, from requests and time.
@Suite struct DoublingCostTests {
  private static let one = ResourceRequests(milliCPU: 500, memoryBytes: 1 << 30)

  private static func at(_ seconds: Int) -> Timestamp { Timestamp(milliseconds: Int64(seconds) * 1000) }

  static let words: [(Double, Double, String)] = [
    (0, 0, "0 core-hours, 0 GiB-hours"), (0.0049, 0.005, "less than 0.01 core-hours, 0.01 GiB-hours"),
    (0.12, 0.25, "0.12 core-hours, 0.25 GiB-hours"), (0.1, 1.05, "0.1 core-hours, 1.05 GiB-hours"),
    (2, 12.346, "2 core-hours, 12.35 GiB-hours"), (999.999, 1234.6, "1000 core-hours, 1235 GiB-hours"),
    (1e300, .infinity, "very many core-hours, very many GiB-hours"),
  ]

  @Test(arguments: words)
  func `amounts are told as people read them`(_ coreHours: Double, _ gibHours: Double, _ expected: String) {
    #expect(DoublingCost(coreHours: coreHours, gibHours: gibHours).words == expected)
  }

  @Test func `requests times time`() {
    let cost = DoublingCost(Self.one * 3, ms: 3_600_000)
    #expect(cost == DoublingCost(ms: 3_600_000, coreHours: 1.5, gibHours: 3))
    #expect(DoublingCost(Self.one, ms: -5) == DoublingCost())
    #expect(DoublingCost(ms: 1, coreHours: 1.0 / 3, gibHours: 2e-7).rounded == DoublingCost(ms: 1, coreHours: 0.333333, gibHours: 0))
  }

  @Test func `a meter adds up spans of what ran twice`() throws {
    var meter = DoublingMeter(forecast: nil, requests: Self.one)
    #expect(meter.total(until: Self.at(5)) == nil, "nothing was applied yet")
    meter.start(at: Self.at(10))
    meter.start(at: Self.at(99))
    meter.turn(to: Self.one * 3, at: Self.at(20))
    meter.standby = Self.one * 2
    meter.turnToStandby(at: Self.at(50))
    let total = try #require(meter.total(until: Self.at(60)))
    #expect(total.ms == 50_000)
    // One pod for 10 s, three for 30 s, two for 10 s.
    #expect(total.rounded == DoublingCost(Self.one, ms: 120_000).rounded.lasting(50_000))
  }

  @Test func `what nobody expected is counted from the beginning once it is seen`() throws {
    var meter = DoublingMeter(forecast: nil, requests: nil)
    meter.start(at: Self.at(0))
    #expect(meter.total(until: Self.at(10)) == nil)
    meter.turn(to: nil, at: Self.at(10))
    meter.turn(to: Self.one, at: Self.at(30))
    #expect(try #require(meter.total(until: Self.at(40))).rounded == DoublingCost(Self.one, ms: 40_000).rounded)
  }

  @Test func `clocks that go back count nothing twice`() throws {
    var meter = DoublingMeter(forecast: nil, requests: Self.one)
    meter.start(at: Self.at(10))
    meter.turn(to: Self.one, at: Self.at(20))
    meter.turn(to: Self.one, at: Self.at(15))
    #expect(try #require(meter.total(until: Self.at(30))).ms == 20_000)
  }

  @Test func `a first release doubles nothing; images that nobody looked up may be waited for`() throws {
    let all = try RolloutPlans.plan(from: nil)
    #expect(all.longestDoubling(preview: Self.one, full: Self.one) == nil)
    // 30 min for images, 2 for smoke, 5 of bake, 15 warm.
    #expect(try RolloutPlans.plan().longestDoubling(preview: Self.one, full: Self.one)?.ms == 3_120_000)
    var looked = try RolloutPlans.plan()
    looked.imageParts = [:]
    #expect(looked.longestDoubling(preview: Self.one, full: Self.one)?.ms == 1_920_000)
    var staged = try RolloutPlans.plan(previewReplicas: 1)
    staged.imageParts = [:]
    let cost = try #require(staged.longestDoubling(preview: Self.one, full: Self.one * 3))
    #expect(cost.rounded == (DoublingCost(Self.one, ms: 720_000) + DoublingCost(Self.one * 3, ms: 1_800_000)).rounded)
  }

  @Test func `a live release knows the cost of its own standby alone`() throws {
    let rollout = RolloutPlans.id(1)
    let meter = DoublingMeter(requests: Self.one, since: Self.at(0))
    let live = LiveRelease(
      rollout: rollout, plan: try RolloutPlans.plan(), replicas: nil, standbySizes: [:], before: nil, doubling: meter)
    #expect(live.doubled(until: Self.at(60), as: rollout) == DoublingCost(Self.one, ms: 60_000).rounded)
    #expect(live.doubled(until: Self.at(60), as: RolloutPlans.id(2)) == nil)
  }
}

extension DoublingCost {
  fileprivate func lasting(_ ms: Int) -> DoublingCost { DoublingCost(ms: ms, coreHours: coreHours, gibHours: gibHours) }
}
