import Testing

@testable import ReleaseModel

/// Semantic Versioning 2.0.0, with numbers of any length.
@Suite struct VersionTests {
  private func version(_ text: String) throws -> Version { try #require(Version(text), "\(text) is a version") }

  // The order of https://semver.org/#spec-item-11, and what the specification leaves to be read closely.
  static let ascending = [
    "0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "1.0.0-0.3.7", "1.0.0-2", "1.0.0-11", "1.0.0-99999999999999999999999",
    "1.0.0-100000000000000000000000", "1.0.0--", "1.0.0-0a", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
    "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "1.11.0", "2.0.330-63-gc1cfb", "2.0.330", "2.1.0", "2.1.1",
    "18446744073709551615.0.0", "18446744073709551616.0.0", "99999999999999999999999.999999999999999999.99999999999999999",
  ]

  @Test func `precedence is that of the specification, whatever the length of numbers`() throws {
    let versions = try Self.ascending.map(version)
    for (left, lower) in versions.enumerated() {
      for (right, higher) in versions.enumerated() {
        #expect((lower < higher) == (left < right), "\(lower) and \(higher)")
        #expect(lower.hasEqualPrecedence(to: higher) == (left == right), "\(lower) and \(higher)")
      }
    }
    #expect(versions.shuffled().sorted().map(\.text) == Self.ascending)
  }

  @Test(arguments: [("1.0.0+a", "1.0.0+b"), ("1.0.0", "1.0.0+build.7"), ("1.0.0-rc.1+x", "1.0.0-rc.1")])
  func `build metadata sets versions apart without an order`(_ one: String, _ other: String) throws {
    let (one, other) = try (version(one), version(other))
    #expect(one.hasEqualPrecedence(to: other) && one != other && !(one < other) && !(other < one))
  }

  static let prereleases = [
    ("1.0.0-rc.1", true), ("2.0.330-63-gc1cfb", true), ("1.0.0-0", true), ("1.0.0", false), ("1.0.0+rc.1", false), ("1.0.0+20-30", false),
  ]

  @Test(arguments: prereleases) func `a dash before build metadata makes a prerelease`(_ text: String, _ isPrerelease: Bool) throws {
    #expect(try version(text).isPrerelease == isPrerelease)
  }

  static let valid = [
    "0.0.4", "1.1.2-prerelease+meta", "1.1.2+meta-valid", "1.0.0-alpha0.valid", "1.0.0-alpha.0valid", "1.0.0-rc.1+build.123",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.0.0-0A.is.legal", "1.0.0+001",
  ]

  @Test(arguments: valid) func `valid versions keep their spelling, in JSON too`(_ text: String) throws {
    let version = try version(text)
    #expect(version.text == text && "\(version)" == text)
    #expect(try CanonicalJSON.text(of: [version]) == "[\"\(text)\"]")
    #expect(try CanonicalJSON.value([Version].self, from: "[\"\(text)\"]".utf8) == [version])
  }

  static let invalid = [
    "", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "01.1.1", "1.01.1", "1.1.01", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3-.a", "1.2.3-a.",
    "1.2.3+",
    "1.2.3+a+b", "1.2.3-ä", "1.2.3+ü", " 1.2.3", "1.2.3 ", "1.2.3\n", "-1.2.3", "1.-2.3", "1.2.-3", "١.٢.٣", "1.2.3-$", "+1.2.3", "1..3",
    "1.2.3-" + String(repeating: "a", count: 195),
  ]

  @Test(arguments: invalid) func `what is no version is none`(_ text: String) {
    #expect(Version(text) == nil)
    #expect(throws: DecodingError.self) {
      try CanonicalJSON.value([Version].self, from: CanonicalJSON.bytes(of: [text]))
    }
  }

  @Test func `a version has at most two hundred bytes`() {
    #expect(Version("1.2.3-" + String(repeating: "a", count: 194)) != nil)
  }
}
