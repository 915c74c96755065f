import GitStore
import TestSupport
import Testing

@Suite("Names and addresses", .onOwnThread)
struct NameTests {
  // The rules of git-check-ref-format(1).
  @Test(
    "Ref names are what git check-ref-format accepts",
    arguments: [
      "refs/heads/main", "refs/tags/web/v1.4.0", "refs/tags/v1.0.0-rc.1+5", "refs/heads/é", "refs/heads/@", "refs/heads/a@b",
      "refs/heads/a{b",
      "refs/x", "heads/main", "refs/", "refs//a", "refs/heads/", "refs/heads/.a", "refs/heads/a..b", "refs/heads/a.", "refs/heads/a.lock",
      "refs/a.lock/b", "refs/heads/a b", "refs/heads/a~b", "refs/heads/a^b", "refs/heads/a:b", "refs/heads/a?b", "refs/heads/a*b",
      "refs/heads/a[b", "refs/heads/a\\b", "refs/heads/a@{b", "refs/heads/a\tb", "refs/heads/a\u{7f}b", "refs/heads/-a",
    ])
  func refNames(name: String) throws {
    let accepted = (try? Scratch().sh("git check-ref-format '\(name)'")) != nil && name.hasPrefix("refs/")
    #expect((RefName(name) != nil) == accepted)
  }

  @Test("The short name drops what says only whether it is a branch or a tag")
  func short() throws {
    #expect(try RefName.of("refs/heads/tagflip/audit").short == "tagflip/audit")
    #expect(try RefName.of("refs/tags/web/v1.0.0").short == "web/v1.0.0")
    #expect(try RefName.of("refs/notes/commits").short == "notes/commits")
    #expect(RefName.tag("a..b") == nil)
  }

  @Test("Object ids are forty lower-case digits and twenty bytes")
  func objectIDs() throws {
    let hex = "0123456789abcdef0123456789abcdef01234567"
    let id = try #require(ObjectID(hex: hex))
    #expect(id.description == hex)
    #expect(ObjectID(bytes: id.bytes) == id)
    #expect(id.bytes.count == 20)
    #expect(!id.isZero)
    #expect(ObjectID(hex: String(repeating: "0", count: 40))?.isZero == true)
    for bad in ["", String(hex.dropLast()), hex + "0", hex.uppercased(), "g" + hex.dropFirst()] { #expect(ObjectID(hex: bad) == nil) }
    #expect(ObjectID(bytes: [1, 2, 3]) == nil)
  }

  @Test(
    "Remotes are understood and shown without credentials",
    arguments: [
      ("/srv/git/release.git", RemoteURL.Location.local(path: "/srv/git/release.git"), "/srv/git/release.git"),
      ("../release.git", .local(path: "../release.git"), "../release.git"),
      ("/srv/a b:c", .local(path: "/srv/a b:c"), "/srv/a b:c"),
      ("file:///srv/a%20b.git", .local(path: "/srv/a b.git"), "/srv/a b.git"),
      (
        "https://example.org/team/release.git/", .http(secure: true, host: "example.org", port: nil, path: "/team/release.git"),
        "https://example.org/team/release.git"
      ),
      (
        "http://bot:s%40crt@[::1]:8080/r", .http(secure: false, host: "[::1]", port: 8080, path: "/r"), "http://[::1]:8080/r"
      ),
      (
        "HTTPS://token@example.org:443", .http(secure: true, host: "example.org", port: 443, path: "/"), "https://example.org:443/"
      ),
      (
        "ssh://git@example.org:2222/team/r.git", .ssh(user: "git", host: "example.org", port: 2222, path: "/team/r.git"),
        "ssh://git@example.org:2222/team/r.git"
      ),
      ("ssh://example.org/~ada/r", .ssh(user: nil, host: "example.org", port: nil, path: "~ada/r"), "ssh://example.org/~ada/r"),
      (
        "git@example.org:team/r.git", .ssh(user: "git", host: "example.org", port: nil, path: "team/r.git"),
        "ssh://git@example.org/team/r.git"
      ),
      ("host:/abs", .ssh(user: nil, host: "host", port: nil, path: "/abs"), "ssh://host/abs"),
    ])
  func urls(text: String, location: RemoteURL.Location, shown: String) throws {
    let url = try RemoteURL(parsing: text)
    #expect(url.location == location)
    #expect(url.description == shown)
  }

  @Test("Credentials of a URL are used and never printed")
  func credentials() throws {
    let access = RemoteAccess(url: try RemoteURL(parsing: "https://bot:s%40crt@example.org/r"))
    #expect(access.basic == .init(user: "bot", password: "s@crt"))
    #expect(!"\(access)".contains("s@crt"))
    var dumped = ""
    dump(access.basic.map { "\($0) \(String(reflecting: $0))" }, to: &dumped)
    #expect(!dumped.contains("s@crt"))
    let other = RemoteAccess(url: access.url, basic: .init(user: "x", password: "y"))
    #expect(other.basic?.user == "x")
  }

  @Test(
    "What is no remote, or could be an option, is refused without repeating secrets",
    arguments: [
      "", " ", "-oProxyCommand=x", "git://example.org/r", "ext::sh -c id", "ftp://bot:secret@example.org/r", "ssh://-oProxyCommand=x/r",
      "ssh://example.org", "ssh://bot:secret@example.org/r", "-x:path", "host:-path", "u@-h:path", "host:",
      "https:///r", "https://ex ample/r",
      "https://example.org:0/r", "https://example.org:x/r", "https://bot:secret@exa$mple.org/r", "https://example.org/r?token=secret",
      "file://host/path",
      "file:///a%zz", "host:a\nb", "https://example.org/a%0ab\n",
    ])
  func badURLs(text: String) {
    #expect {
      try RemoteURL(parsing: text)
    } throws: { error in
      (error as? GitError)?.kind == .invalid && !"\(error)".contains("secret")
    }
  }

  @Test("An error is one printable line")
  func errorText() {
    let error = GitError(.rejected, "push", on: "origin", cause: "no\n\u{1b}[31mway\r\n" + String(repeating: "x", count: 2000))
    #expect(error.description.hasPrefix("could not push origin: refused: no [31mway xxx"))
    #expect(error.description.utf8.count < 1100)
    #expect(!error.description.contains("\n"))
  }
}
