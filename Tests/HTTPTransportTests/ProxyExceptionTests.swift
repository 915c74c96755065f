import Testing

@testable import HTTPTransport

@Suite("An exception from the environment's proxies")
struct ProxyExceptionTests {
  @Test(arguments: [
    ("example.org", "example.org"), ("example.org", "api.example.org"), (".example.org", "api.example.org"),
    (".example.org", "example.org"),
    ("Example.ORG.", "api.example.org"), ("a, b,c d", "c"), ("a, b,c d", "d"), ("*", "anything"), ("*", "10.0.0.1"),
    ("10.0.0.1", "10.0.0.1"),
    ("10.0.0.0/8", "10.255.3.4"), ("192.168.4.0/23", "192.168.5.9"), ("0.0.0.0/0", "8.8.8.8"), ("10.0.0.1/32", "10.0.0.1"),
    ("fd00::/8", "[fd12::7]"),
    ("fd12::7", "[fd12::7]"), ("example.org", "api.example.org."),
  ])
  func `covers`(text: String, host: String) { #expect(ProxyExceptions(text).cover(host)) }

  @Test(arguments: [
    ("", "example.org"), (",, ,", "example.org"), (".", "example.org"), ("example.org", "notexample.org"),
    ("api.example.org", "example.org"),
    ("*.example.org", "api.example.org"), ("10.0.0.0/8", "11.0.0.1"), ("10.0.0.0/33", "10.0.0.1"), ("10.0.0.0/x", "10.0.0.1"),
    ("10.0.0.0/", "10.0.0.1"),
    ("192.168.4.0/23", "192.168.6.0"), ("10.0.0.1/32", "10.0.0.2"), ("fd00::/8", "10.0.0.1"),
    ("0.0.1", "10.0.0.1"),
    ("example.org/8", "example.org"), ("*,", "example.org"), ("*, a", "example.org"), ("..", "example.org"), (". ,.", "a."),
    ("/8", "10.0.0.1"),
  ])
  func `does not cover`(text: String, host: String) { #expect(!ProxyExceptions(text).cover(host)) }

  @Test(
    arguments: [
      (["no_proxy": "a"], "a", true), (["NO_PROXY": "a"], "a", true), (["no_proxy": "b", "NO_PROXY": "a"], "a", false),
      (["no_proxy": "", "NO_PROXY": "a"], "a", true), ([:], "a", false),
    ] as [([String: String], String, Bool)])
  func `is that of the variable that counts, and an empty one does not`(variables: [String: String], host: String, isCovered: Bool) {
    #expect(ProxyExceptions(variables).cover(host) == isCovered)
  }
}

@Suite("The environment's proxy")
struct EnvironmentProxyTests {
  @Test(
    arguments: [
      ("https://h", ["HTTPS_PROXY": "http://ada:pw@p:3128"], "http://p:3128 (HTTPS_PROXY)"),
      ("https://h", ["https_proxy": "p"], "p (https_proxy)"),
      ("https://h", ["https_proxy": "ada:pw@p:3128", "HTTPS_PROXY": "q"], "p:3128 (https_proxy)"),
      ("https://h", ["https_proxy": "", "ALL_PROXY": "q"], "q (ALL_PROXY)"), ("http://h", ["http_proxy": "p"], "p (http_proxy)"),
      ("http://h", ["HTTP_PROXY": "p"], nil), ("http://h", ["https_proxy": "p"], nil), ("https://h", [:], nil),
      ("https://h", ["https_proxy": "p", "no_proxy": "h"], nil), ("https://127.0.0.1", ["https_proxy": "p"], nil),
    ] as [(String, [String: String], String?)])
  func `is the one that libcurl takes, told without its password`(url: String, variables: [String: String], proxy: String?) throws {
    let authority = try #require(HTTPAuthority(url: url))
    #expect(EnvironmentProxies(variables).proxy(for: authority)?.description == proxy)
  }
}
