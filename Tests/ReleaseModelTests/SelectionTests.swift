import Testing

@testable import ReleaseModel

/// What a selector says of colors, and how it is made to reach both and one alone again.
@Suite struct SelectionTests {
  private static let adoption = Adoption(
    color: .blue, deployment: "web", uid: "d", selector: ["app": "web"], narrowing: ["pod-template-hash": "57d9"])

  // A selector, and what it says to whoever knows the service and to whoever does not.
  static let selectors: [([String: String], Selection, Selection)] = [
    (["app": "web", "tagflip.dev/color": "blue"], .color(.blue), .color(.blue)),
    (["app": "web", "tagflip.dev/color": "blue", "tagflip.dev/service": "web"], .color(.blue), .color(.blue)),
    (["app": "web", "tagflip.dev/service": "web"], .both, .both),
    (["tagflip.dev/service": "web"], .both, .both),
    (["app": "web", "tagflip.dev/service": "cart"], .uncolored, .both),
    (["app": "web", "tagflip.dev/color": "none", "tagflip.dev/service": "web"], .nothing, .nothing),
    (["app": "web"], .uncolored, .uncolored),
  ]

  @Test(arguments: selectors)
  func `both colors are reached by the service's label without a color`(
    _ selector: [String: String], _ known: Selection, _ unknown: Selection
  ) throws {
    let web = try #require(ServiceName("web"))
    #expect(Selection(selector: selector, adoption: nil, service: web) == known)
    #expect(Selection(selector: selector, adoption: nil) == unknown)
  }

  @Test func `a selector that was widened asks for what it asked before, once it has a color again`() throws {
    let web = try #require(ServiceName("web"))
    let before = ["app": "web", "tier": "front", Marker.colorLabel: "blue"]
    let both = Selection.widened(before, adoption: nil, to: web)
    #expect(both == ["app": "web", "tier": "front", Marker.serviceLabel: "web"])
    #expect(Selection.common(of: both, adoption: nil) == ["app": "web", "tier": "front"])
    #expect(Selection.common(of: before, adoption: nil) == ["app": "web", "tier": "front"])
  }

  @Test func `what narrows a selector to an adopted color is no part of what both have in common`() {
    #expect(Selection.common(of: Self.adoption.narrowed, adoption: Self.adoption) == ["app": "web"])
  }

  @Test func `a selector that has nothing else keeps the service's label`() {
    #expect(Selection.common(of: [Marker.serviceLabel: "web"], adoption: nil) == [Marker.serviceLabel: "web"])
  }

  static let reach: [(Selection, Bool, Bool)] = [
    (.color(.blue), true, false), (.color(.green), false, true), (.both, true, true), (.uncolored, true, true), (.nothing, false, false),
    (.foreign("red"), false, false),
  ]

  @Test(arguments: reach)
  func `a color that a selector may reach is one that nobody stops`(_ selection: Selection, _ blue: Bool, _ green: Bool) {
    #expect(selection.mayReach(.blue) == blue && selection.mayReach(.green) == green)
  }
}
