import Testing

@testable import ReleaseModel

/// The marker in the active Service's annotations.
@Suite struct MarkerTests {
  static let markers: [Marker] = [
    Marker(), Marker(fence: .max), Marker(fence: 7, run: "host-1-a", rollout: RolloutPlans.id(1), version: Version("1.4.0+b")),
    Marker(fence: 8, standby: .init(color: .green, version: nil, temperature: .cold)),
    Marker(
      fence: 9, rollout: RolloutPlans.id(2),
      standby: .init(color: .blue, version: Version("1.3.0"), temperature: .warm, warmUntil: Timestamp(milliseconds: 1)),
      pending: [RolloutPlans.conclusion(.rolledBack), RolloutPlans.conclusion(.promoted, rollout: RolloutPlans.id(2))]),
  ]

  @Test(arguments: markers) func `a marker reads back from its annotations`(_ marker: Marker) throws {
    let annotations = try marker.annotations
    #expect(try Marker(annotations: annotations.compactMapValues(\.self)) == marker)
    #expect(annotations.keys.allSatisfy { $0.hasPrefix("tagflip.dev/") })
    #expect(Set(annotations.keys) == Set(try Marker().annotations.keys), "what must not be there is named too, so that a patch removes it")
  }

  @Test func `a marker is written so`() throws {
    let marker = Marker(
      fence: 3, run: "host-1-a", moved: 2, rollout: RolloutPlans.id(10), version: Version("1.1.0"),
      standby: .init(color: .blue, version: Version("1.0.0"), temperature: .warm, warmUntil: Timestamp(milliseconds: 0)))
    #expect(
      try marker.annotations == [
        "tagflip.dev/fence": "3", "tagflip.dev/run": "host-1-a", "tagflip.dev/moved": "2", "tagflip.dev/rollout": "r-000000000000000a",
        "tagflip.dev/version": "1.1.0",
        "tagflip.dev/standby":
          "{\"color\":\"blue\",\"temperature\":\"warm\",\"version\":\"1.0.0\",\"warmUntil\":\"1970-01-01T00:00:00.000Z\"}",
        "tagflip.dev/adopted": nil, "tagflip.dev/pending": nil,
      ])
  }

  @Test func `the selector of what was adopted is its color, and no other selector is`() throws {
    let adoption = Adoption(
      color: .blue, deployment: "web", uid: "d", selector: ["app": "web"], narrowing: ["pod-template-hash": "57d9"])
    let text = try Marker(fence: 1, adoption: adoption).annotations["tagflip.dev/adopted"]
    #expect(
      text
        == "{\"color\":\"blue\",\"deployment\":\"web\",\"narrowing\":{\"pod-template-hash\":\"57d9\"},\"selector\":{\"app\":\"web\"},\"uid\":\"d\"}"
    )
    func selection(_ selector: [String: String]) -> Selection { Selection(selector: selector, adoption: adoption) }
    #expect(selection(["app": "web", "pod-template-hash": "57d9"]) == .color(.blue))
    #expect(selection(["app": "web"]) == .uncolored && selection(["app": "web", "pod-template-hash": "other"]) == .uncolored)
    #expect(selection(["app": "web", "tagflip.dev/color": "green"]) == .color(.green))
    #expect(selection(["app": "web", "tagflip.dev/color": "blue"]) == .foreign("blue"), "its pods have no such label: that reaches nobody")
    #expect(selection(["app": "web", "tagflip.dev/color": "green"]) == .color(.green))
    #expect(Selection(selector: ["app": "web", "pod-template-hash": "57d9"], adoption: nil) == .uncolored)
  }

  @Test func `annotations of others are none of the bot's`() throws {
    #expect(try Marker(annotations: ["kubectl.kubernetes.io/x": "y", "tagflip.dev/color": "red"]) == Marker())
  }

  static let unreadable: [(String, String)] = [
    ("fence", ""), ("fence", "-1"), ("fence", "1.0"), ("fence", "18446744073709551616"), ("moved", "x"), ("rollout", "r-1"),
    ("version", "v1.0.0"),
    ("standby", "blue"), ("standby", "{\"color\":\"red\",\"temperature\":\"warm\"}"), ("standby", "{}"), ("pending", "{}"),
    ("pending", "[{}]"), ("adopted", "web"), ("adopted", "{\"color\":\"blue\"}"),
    ("pending", ""),
  ]

  @Test(arguments: unreadable) func `what somebody edited is named with its annotation`(_ key: String, _ value: String) throws {
    let error = #expect(throws: Marker.Unreadable.self) { try Marker(annotations: ["tagflip.dev/\(key)": value]) }
    #expect(error == Marker.Unreadable(annotation: "tagflip.dev/\(key)", value: value))
    #expect(error?.description == "annotation tagflip.dev/\(key) holds \"\(value)\", which tagflip did not write")
  }

  @Test func `a long value is cut before it is told`() {
    let error = #expect(throws: Marker.Unreadable.self) {
      try Marker(annotations: ["tagflip.dev/fence": String(repeating: "x", count: 999)])
    }
    #expect(error?.value.count == 80)
  }

  static let outcomes: [(Outcome, Bool)] = [
    (.promoted, false), (.rolledBack, true), (.failed, true), (.failedExposed, true), (.rollbackFailed, true), (.rejected, true),
    (.aborted, false),
  ]

  @Test(arguments: outcomes) func `whatever the version is to blame for keeps it out`(_ outcome: Outcome, _ quarantines: Bool) {
    #expect(outcome.quarantinesByDefault == quarantines)
    #expect(Self.outcomes.count == Outcome.allCases.count)
  }
}
