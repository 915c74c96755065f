import Testing

@testable import ReleaseModel

/// Names of services, rollouts, tags and images.
@Suite struct NameTests {
  static let names: [(String, Bool)] = [
    ("web", true), ("w", true), ("0", true), ("web-2", true), ("a--b", true), (String(repeating: "a", count: 50), true),
    (String(repeating: "a", count: 51), false), ("", false), ("-web", false), ("web-", false), ("Web", false), ("web.api", false),
    ("web_api", false), ("wéb", false), ("web/api", false), ("web ", false), ("web\n", false),
  ]

  @Test(arguments: names) func `a service's name is a DNS label with room for a suffix`(_ text: String, _ isName: Bool) {
    #expect((ServiceName(text) != nil) == isName)
    #expect(ServiceName(text)?.text == (isName ? text : nil))
  }

  static let ids: [(String, Bool)] = [
    ("r-0123456789abcdef", true), ("r-0123456789abcde", false), ("r-0123456789abcdef0", false), ("r-0123456789ABCDEF", false),
    ("x-0123456789abcdef", false), ("r-0123456789abcdeg", false), ("", false), ("r-", false), ("r-０123456789abcde", false),
  ]

  @Test(arguments: ids) func `a rollout's id is r- and sixteen digits`(_ text: String, _ isID: Bool) {
    #expect((RolloutID(text) != nil) == isID)
  }

  @Test(arguments: [(0, "r-0000000000000000"), (255, "r-00000000000000ff"), (UInt64.max, "r-ffffffffffffffff")] as [(UInt64, String)])
  func `an id made of random bits reads back`(_ bits: UInt64, _ text: String) {
    #expect(RolloutID(random: bits).text == text)
    #expect(RolloutID(text) == RolloutID(random: bits))
  }

  @Test func `each color's other is the other`() {
    #expect(Color.blue.other == .green && Color.green.other == .blue && Color.allCases.count == 2)
  }

  // MARK: Tags

  static let patterns: [(String, Bool)] = [
    ("{service}/v{version}", true), ("v{version}", true), ("{version}", true), ("release-{service}-{version}-final", true),
    ("{service}@{version}", true), ("", false), ("v", false), ("{service}", false), ("{version}/{service}", false),
    ("{version}-{version}", false), ("{service}/{service}/{version}", false), ("{service}{version}", false), ("v {version}", false),
    ("{service}/{version}{service}", false),
  ]

  @Test(arguments: patterns) func `a pattern names the version once and the service before it, if at all`(_ text: String, _ isPattern: Bool)
  {
    #expect((TagPattern(text) != nil) == isPattern)
    #expect(TagPattern(text)?.text == (isPattern ? text : nil))
  }

  static let parts: [(pattern: String, tag: String, service: String?, version: String?)] = [
    ("{service}/v{version}", "web/v1.4.0", "web", "1.4.0"), ("{service}/v{version}", "web/v", "web", ""),
    ("{service}/v{version}", "web/v/v1.0.0", "web", "/v1.0.0"), ("{service}/v{version}", "shop/web/v1.0.0", "shop/web", "1.0.0"),
    ("{service}/v{version}", "web/1.4.0", nil, nil), ("{service}/v{version}", "v1.4.0", nil, nil),
    ("v{version}", "v1.4.0-rc.1", nil, "1.4.0-rc.1"),
    ("v{version}", "web/v1.4.0", nil, nil), ("release-{service}-{version}-final", "release-web-1.0.0-final", "web", "1.0.0"),
    ("release-{service}-{version}-final", "release-web-1.0.0", nil, nil), ("a{version}a", "a", nil, nil), ("a{version}a", "aa", nil, ""),
    ("{service}@{version}", "web@1.0.0+a@b", "web", "1.0.0+a@b"),
  ]

  @Test(arguments: parts)
  func `a tag's name falls into service and version`(_ pattern: String, _ tag: String, _ service: String?, _ version: String?) throws {
    let found = try #require(TagPattern(pattern)).parts(of: tag)
    #expect(found?.version == version && found?.service == service)
  }

  @Test func `a pattern makes the names that it reads`() throws {
    let (web, version) = try (#require(ServiceName("web")), #require(Version("1.4.0-rc.1")))
    for text in ["{service}/v{version}", "v{version}", "release-{service}-{version}-final"] {
      let pattern = try #require(TagPattern(text))
      let name = pattern.tagName(of: web, version: version)
      #expect(name.hasPrefix(pattern.tagPrefix(of: web)))
      #expect(pattern.parts(of: name)?.version == "1.4.0-rc.1")
      #expect(pattern.parts(of: name)?.service == (pattern.namesService ? "web" : nil))
    }
    #expect(TagPattern.standard == TagPattern("{service}/v{version}"))
  }

  // MARK: Images

  private static let digest = "sha256:" + String(repeating: "0a", count: 32)

  static let images: [(text: String, name: String, tag: String?, digest: String?)] = [
    ("nginx", "nginx", nil, nil), ("nginx:1.27", "nginx", "1.27", nil),
    ("registry.example:5000/shop/web", "registry.example:5000/shop/web", nil, nil),
    ("registry.example:5000/shop/web:1.4.0-rc.1", "registry.example:5000/shop/web", "1.4.0-rc.1", nil),
    ("web@\(digest)", "web", nil, digest), ("localhost:5000/web:_x@\(digest)", "localhost:5000/web", "_x", digest),
    ("web:\(String(repeating: "a", count: 128))", "web", String(repeating: "a", count: 128), nil),
  ]

  @Test(arguments: images)
  func `an image falls into name, tag and digest, and back`(_ text: String, _ name: String, _ tag: String?, _ digest: String?) {
    #expect(ImageReference(text) == ImageReference(name: name, tag: tag, digest: digest))
    #expect(ImageReference(text)?.description == text)
  }

  static let noImages = [
    "", ":1.0", "@\(digest)", "web:", "web:.1", "web:-1", "web:a+b", "web:\(String(repeating: "a", count: 129))", "web@", "web@sha256:0a",
    "web@\(digest)0", "web@\(digest.uppercased())", "web@md5:" + String(repeating: "0", count: 64), "we b", "wéb", "web\n", "a@b@\(digest)",
  ]

  @Test(arguments: noImages) func `what names no image is none`(_ text: String) { #expect(ImageReference(text) == nil) }
}
