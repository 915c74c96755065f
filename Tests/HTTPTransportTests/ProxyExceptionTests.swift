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
    ("example.org/8", "example.org"),
  ])
  func `does not cover`(text: String, host: String) { #expect(!ProxyExceptions(text).cover(host)) }
}
