import ImageRegistry
import ReleaseModel
import Testing

/// References are read as Docker reads them.
@Suite struct RegistryImageTests {
  static let digest = "sha256:" + String(repeating: "ab", count: 32)

  static let good: [(String, String)] = [
    ("web", "docker.io/library/web:latest"), ("web:1.4.0", "docker.io/library/web:1.4.0"), ("shop/web", "docker.io/shop/web:latest"),
    ("docker.io/web", "docker.io/library/web:latest"), ("registry-1.docker.io/web", "docker.io/library/web:latest"),
    ("index.docker.io/shop/web:x", "docker.io/shop/web:x"),
    ("registry.example/web", "registry.example/web:latest"), ("registry.example:5000/web:1", "registry.example:5000/web:1"),
    ("registry:5000/web", "registry:5000/web:latest"), ("localhost/web", "localhost/web:latest"),
    ("localhost:5000/a/b/c", "localhost:5000/a/b/c:latest"),
    ("Registry.Example/web", "registry.example/web:latest"), ("Registry/web", "registry/web:latest"),
    ("[::1]:5000/web", "[::1]:5000/web:latest"),
    ("web@\(digest)", "docker.io/library/web@\(digest)"), ("registry.example/web:1@\(digest)", "registry.example/web:1@\(digest)"),
    ("a/b__c/d---e.f_g", "docker.io/a/b__c/d---e.f_g:latest"), ("127.0.0.1:5000/web", "127.0.0.1:5000/web:latest"),
  ]

  @Test(arguments: good) func `a reference is normalised`(_ text: String, _ meant: String) throws {
    let image = try #require(ImageReference(text).flatMap { RegistryImage($0) })
    #expect(image.description == meant)
  }

  static let bad = [
    "Web", "shop/Web", "a//b", "a/", "/a", "a/-b", "a/b-", "a/b.", "a/b___c", "a/b..c", "a/b._c", "registry.example:x/web",
    "registry.example:0/web",
    "registry.example:70000/web", "-registry.example/web", "registry..example/web", "registry.example/web/../secret",
    "registry.example/web?x",
    "registry.example/web#x", "user@registry.example/web", "registry_x.example/web", "[::1/web", "[::g]:5000/web", "a:b:c/web",
    "registry.example/" + String(repeating: "a", count: 250), "registry.example/wéb",
  ]

  @Test(arguments: bad) func `what is no reference is none`(_ text: String) {
    #expect(ImageReference(text).flatMap { RegistryImage($0) } == nil)
  }
}
