import ReleaseModel
import Testing

@testable import ImageRegistry

/// Which entry of a docker config opens which image.
@Suite struct DockerConfigTests {
  static let keys: [(key: String, image: String, fits: Bool)] = [
    ("https://index.docker.io/v1/", "web", true), ("docker.io", "shop/web", true), ("registry-1.docker.io", "web", true),
    ("registry.example", "registry.example/web", true), ("https://registry.example/v2/", "registry.example/web", true),
    ("Registry.Example", "registry.example/web", true), ("registry.example:5000", "registry.example:5000/web", true),
    ("registry.example", "registry.example:5000/web", false), ("registry.example:5000", "registry.example/web", false),
    ("registry.example/shop", "registry.example/shop/web", true), ("registry.example/shop", "registry.example/shopping/web", false),
    ("registry.example/shop/web/x", "registry.example/shop/web", false), ("*.example", "registry.example/web", true),
    ("*.example", "a.registry.example/web", false), ("reg*.example", "registry.example/web", true), ("*", "registry.example/web", false),
    ("r*y.*.example", "registry.eu.example/web", true), ("x*.example", "registry.example/web", false), ("", "registry.example/web", false),
    ("example", "registry.example/web", false), ("re*re*.example", "registry.example/web", false),
  ]

  @Test(arguments: keys) func `a key fits a registry and the repositories below its path`(_ key: String, _ image: String, _ fits: Bool)
    throws
  {
    let image = try #require(ImageReference(image).flatMap { RegistryImage($0) })
    #expect(ConfigKey(key).fits(image) == fits)
  }

  @Test func `the longest path comes first, and what is empty opens nothing`() throws {
    let text = #"""
      {"auths": {"registry.example": {"username": "all", "password": "x"}, "https://registry.example/shop": {"username": "shop", "password": "x"},
      "*.example": {"username": "any", "password": "x"}, "https://registry.example": {}, "registry.example/v2/": {"auth": "not base64"}}}
      """#
    let config = try DockerConfig(Array(text.utf8), place: "the file")
    let image = try #require(ImageReference("registry.example/shop/web").flatMap { RegistryImage($0) })
    let users = config.credentials(for: image).map { credential -> String in
      if case .password(let user, _) = credential.kind { user } else { "?" }
    }
    #expect(users == ["shop", "all", "any"])
    #expect(config.helper(for: image) == nil)
  }

  @Test func `credentials show where they are from and not what they are`() throws {
    let credential = Credential(kind: .password(user: "ada", "s3cret"), place: "Secret regcred")
    #expect("\(credential) \(credential.kind)" == "credentials of Secret regcred withheld")
    #expect(!String(reflecting: credential.kind).contains("s3cret"))
    #expect("\(PullSecret(name: "regcred", config: [1]))" == "Secret regcred")
  }

  @Test func `dumped and reflected, secrets are not spelled`() throws {
    let config = Array(#"{"auths": {"registry.example": {"username": "ada", "password": "s3cret"}}}"#.utf8)
    let values: [Any] = [
      PullSecret(name: "regcred", config: Array("s3cret".utf8)), try DockerConfig(config, place: "Secret regcred"),
      Credential(kind: .password(user: "ada", "s3cret"), place: "Secret regcred"),
      Credential(kind: .identityToken("s3cret"), place: "Secret regcred"),
      Credential(kind: .registryToken("s3cret"), place: "Secret regcred"),
    ]
    for value in values + [values] {
      var dumped = ""
      dump(value, to: &dumped)
      for text in [dumped, "\(value)", String(reflecting: value)] {
        // 115 is the letter s, as bytes are shown.
        #expect(!text.contains("s3cret") && !text.contains("115"), "\(text)")
        #expect(text.contains("regcred"))
      }
    }
  }
}
