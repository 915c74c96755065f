import Digests
import KubernetesModel
import ReleaseModel
import Testing

@testable import ClusterDriver

/// What is written down of Secrets: digests that nobody can guess at, in place of values.
@Suite struct SecretRedactionTests {
  private let key = Array("the installation's own key".utf8)

  private func secret(_ value: String = "c2VjcmV0LTQ3MTE=", text: String = "hunter2") -> JSON {
    [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "name": "web",
        "annotations": ["kubectl.kubernetes.io/last-applied-configuration": .string("{\"data\":{\"key\":\"\(value)\"}}"), "note": "kept"],
      ], "data": ["key": .string(value)], "stringData": ["word": .string(text)],
    ]
  }

  private func environment(_ secret: JSON, key: [UInt8]?) throws -> Environment {
    let deployment = Fixture.deployment { json in
      json["spec", "template", "spec", "volumes"] = [["name": "s", "secret": ["secretName": "web"]]]
    }
    return try EnvironmentRenderer(key: key).render(try Fixture.blueprint([deployment, secret]), color: .green)
  }

  @Test(arguments: [true, false]) func `no value of a Secret is in what is recorded, and all of it in what is applied`(_ isKeyed: Bool)
    throws
  {
    let environment = try environment(secret(), key: isKeyed ? key : nil)
    let recorded = String(decoding: try #require(environment.exhibit.bytes), as: UTF8.self)
    for value in ["c2VjcmV0LTQ3MTE=", "hunter2", "secret-4711"] { #expect(!recorded.contains(value)) }
    #expect(recorded.contains("\"note\":\"kept\"") && recorded.contains(isKeyed ? "hmac-sha256:" : SecretRedaction.withheld))
    let applied = try #require(environment.objects.first { $0.kind == "v1/Secret" })
    #expect(String(decoding: applied.bytes, as: UTF8.self).contains("c2VjcmV0LTQ3MTE="))
  }

  @Test func `a changed value shows in the plan's digest, and cannot be tried without the key`() throws {
    func digest(_ value: String, _ key: [UInt8]?) throws -> Digest {
      try #require(try environment(secret(value), key: key).objects.first { $0.kind == "v1/Secret" }).digest
    }
    #expect(try digest("YQ==", key) != digest("Yg==", key))
    #expect(try digest("YQ==", key) == digest("YQ==", key))
    #expect(try digest("YQ==", key) != digest("YQ==", Array("another installation's".utf8)))
    #expect(try digest("YQ==", nil) == digest("Yg==", nil), "without a key nothing about values is told")
  }

  @Test func `each line of the recorded environment is an object of the plan, by its digest`() throws {
    let environment = try environment(secret(), key: key)
    let lines = try #require(environment.exhibit.bytes).split(separator: 0x0A)
    #expect(lines.map { Digest(of: $0) } == environment.objects.map(\.digest))
    #expect(try lines.map { try JSON(parsing: Array($0)).name } == environment.objects.map(\.name))
  }
}
