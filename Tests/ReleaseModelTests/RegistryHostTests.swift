import ReleaseModel
import Testing

/// A registry's spelling, the same wherever one is named.
@Suite struct RegistryHostTests {
  @Test(arguments: [
    ("registry.example", "registry.example"), ("Registry.Example:5000", "registry.example:5000"), ("localhost", "localhost"),
    ("127.0.0.1:5000", "127.0.0.1:5000"), ("[::1]:5000", "[::1]:5000"), ("[::]", "[::]"), ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]"),
    ("[FD00::1:2]", "[fd00::1:2]"), ("[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"), ("[1::]:1", "[1::]:1"), ("a:65535", "a:65535"),
    ("docker.io", "docker.io"), ("index.docker.io", "docker.io"), ("Registry-1.Docker.IO", "docker.io"),
  ])
  func `it is a host and a port, in lower case, Docker Hub by one name`(text: String, meant: String) throws {
    let host = try #require(RegistryHost(text))
    #expect(host.description == meant)
    #expect(RegistryHost(meant) == host)
  }

  @Test(arguments: [
    "", ":5000", "a:", "a:0", "a:65536", "a:+5", "a:5x", "a:5:6", "a b", "a/b", "https://a", "user@a", "-a", "a-", "a..b", ".a", "a.",
    "a_b",
    "[]", "[::1", "::1", "[::1]5000", "[::1]:", "[::1]]", "[:::]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4::5:6:7:8]",
    "[1::2::3]",
    "[::g]", "[::12345]", "[10.0.0.1]", "[::10.0.0.1:1]", "[::10.0.0.01]", "[::10.0.0.256]", "[fe80::1%eth0]", "é.example",
    String(repeating: "a", count: 64), String(repeating: "a.", count: 130) + "a",
  ])
  func `anything else names no registry`(text: String) { #expect(RegistryHost(text) == nil) }

  @Test func `Docker Hub answers elsewhere than its images are named, others where they are`() throws {
    #expect(RegistryHost.hub.authority == "registry-1.docker.io")
    #expect(try #require(RegistryHost("a.example:5000")).authority == "a.example:5000")
    #expect(RegistryHost.canonical("*.Example") == "*.example" && RegistryHost.canonical("Index.docker.io") == "docker.io")
  }
}
