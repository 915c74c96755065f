import HTTPTransport
import Testing

@Suite("A base address")
struct BaseTests {
  @Test(arguments: [
    ("https://h", "https://h"), ("https://h/", "https://h"), ("http://H:8080/k8s/c1//", "http://H:8080/k8s/c1"),
    ("https://[::1]:6443", "https://[::1]:6443"), ("https://h/a%2Fb", "https://h/a%2Fb"), ("https://h/a@b:c", "https://h/a@b:c"),
  ])
  func `is scheme, host and path, and paths go behind it`(text: String, url: String) throws {
    let base = try HTTPBase(text)
    #expect(base.url == url)
    #expect(base.appending("/x?y=z") == "\(url)/x?y=z")
    #expect(base.authority == HTTPAuthority(url: text))
  }

  @Test(arguments: [
    ("", HTTPBase.Fault.noURL), ("h", .noURL), ("h:6443", .noURL), ("ftp://h", .noURL), ("https://", .noURL), ("https:h", .noURL),
    ("https://h\nX: 1", .noURL), ("https://h/a b", .noURL), (" https://h", .noURL), ("https://h:x", .noURL),
    ("https://ada@h", .userInfo), ("https://ada:pw@h/", .userInfo), ("https://:pw@h", .userInfo), ("https://@h/", .userInfo),
    ("https://h?", .query), ("https://h/a?b=c", .query), ("https://h#", .fragment), ("https://h/#a", .fragment),
  ])
  func `is nothing else`(text: String, fault: HTTPBase.Fault) {
    #expect(throws: fault) { try HTTPBase(text) }
  }
}
