import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

/// A folder for a test's files; gone with its owner.
final class Folder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/access-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure(call: "mkdtemp", code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}

@Suite("A kubeconfig")
struct KubeConfigTests {
  static func document(cluster: JSON = ["server": "https://h:6443"], user: JSON = ["token": "s3cret"]) -> JSON {
    [
      "current-context": "one",
      "contexts": [
        ["name": "one", "context": ["cluster": "c", "user": "u", "namespace": "shop"]], ["name": "two", "context": ["cluster": "c"]],
      ],
      "clusters": [["name": "c", "cluster": cluster]], "users": [["name": "u", "user": user]],
    ]
  }

  private static func access(_ document: JSON, context: String? = nil, path: String = "/srv/ada/.kube/config") throws -> ClusterAccess {
    try KubeConfig(document: document, path: path).access(context: context)
  }

  private static func token(_ access: ClusterAccess) -> String {
    switch access.token {
    case .none: "none"
    case .fixed(let token): "fixed \(token)"
    case .file(let path): "file \(path)"
    }
  }

  @Test func `gives what its current context names`() throws {
    let access = try Self.access(Self.document())
    #expect(access.server == "https://h:6443")
    #expect(access.namespace == "shop")
    #expect(Self.token(access) == "fixed s3cret")
    #expect(access.tls == TLSSettings())
    #expect(access.proxy == nil)
  }

  @Test func `gives another context where one is asked for, which may be nobody's`() throws {
    let access = try Self.access(Self.document(), context: "two")
    #expect(Self.token(access) == "none")
    #expect(access.namespace == nil)
  }

  @Test func `gives inline material and all that TLS needs`() throws {
    let cluster: JSON = [
      "server": "https://h:6443/k8s/c1/", "certificate-authority-data": "Q0E\n =", "tls-server-name": "kubernetes",
      "proxy-url": "http://p:3128",
    ]
    let access = try Self.access(
      Self.document(cluster: cluster, user: ["client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ", "token": ""]))
    #expect(access.server == "https://h:6443/k8s/c1")
    #expect(
      access.tls
        == TLSSettings(
          certificateAuthority: Array("CA".utf8), clientCertificate: Array("CERT".utf8), clientKey: Array("KEY".utf8),
          serverName: "kubernetes"))
    #expect(access.proxy == "http://p:3128")
    let unverified = try Self.access(
      Self.document(cluster: ["server": "https://h", "insecure-skip-tls-verify": true, "certificate-authority": "/nosuch"]))
    #expect(!unverified.tls.isVerified)
  }

  @Test func `finds files beside itself and data first`() throws {
    let folder = try Folder()
    try folder.write("pki/ca.crt", "CA")
    try folder.write("cert.pem", "CERT")
    try folder.write("key.pem", "KEY")
    let user: JSON = [
      "client-certificate": .string("\(folder.path)/cert.pem"), "client-key": "key.pem", "tokenFile": "token", "token": "fixed one",
    ]
    let access = try Self.access(
      Self.document(cluster: ["server": "https://h", "certificate-authority": "pki/ca.crt"], user: user), path: "\(folder.path)/config")
    #expect(
      access.tls
        == TLSSettings(certificateAuthority: Array("CA".utf8), clientCertificate: Array("CERT".utf8), clientKey: Array("KEY".utf8)))
    #expect(Self.token(access) == "file \(folder.path)/token")
    let both = Self.document(cluster: ["server": "https://h", "certificate-authority": "/nosuch", "certificate-authority-data": "Q0E="])
    #expect(try Self.access(both).tls.certificateAuthority == Array("CA".utf8))
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String { words }
    var document: JSON
    var context: String?
    var words: String
  }

  @Test(arguments: [
    Fault(document: [:], words: "/c: names no current-context; name one in the settings: cluster.context"),
    Fault(document: "text", words: "/c: names no current-context; name one in the settings: cluster.context"),
    Fault(document: document(), context: "three", words: "/c: has no context \"three\"; it has: one, two"),
    Fault(document: ["current-context": "one"], words: "/c: has no context \"one\"; it has none at all"),
    Fault(
      document: ["current-context": "one", "contexts": [["name": "one", "context": ["user": "u"]]]],
      words: "/c: context one names no cluster; add it"),
    Fault(
      document: ["current-context": "one", "contexts": [["name": "one", "context": ["cluster": "c"]]], "clusters": []],
      words: "/c: has no cluster \"c\"; it has none at all"),
    Fault(document: document(cluster: [:]), words: "/c: cluster c names no server; add it"),
    Fault(
      document: document(cluster: ["server": "ssh://ada:pw@h"]),
      words: "/c: cluster c: server \"ssh://h\" is no http or https URL; correct it"),
    Fault(
      document: document(cluster: ["server": "https://h", "certificate-authority-data": "%%"]),
      words: "/c: cluster c: certificate-authority-data is not base64; correct it"),
    Fault(
      document: document(cluster: ["server": "https://h", "certificate-authority": "ca.crt"]),
      words:
        "/ca.crt: could not be read for certificate-authority of cluster c in /c; correct the path, or use certificate-authority-data"),
    Fault(
      document: document(user: ["client-certificate-data": "QQ=="]),
      words: "/c: user u has a client certificate or a key without the other; give both"),
    Fault(
      document: document(user: ["exec": ["command": "aws"]]),
      words:
        "/c: user u authenticates by exec, which is not supported; give it a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate"
    ),
    Fault(
      document: document(user: ["auth-provider": ["name": "oidc"]]),
      words:
        "/c: user u authenticates by auth-provider, which is not supported; give it a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate"
    ),
  ])
  func `that lacks something says what, where and what to do`(fault: Fault) throws {
    let error = #expect(throws: ClusterAccessError.self) { try Self.access(fault.document, context: fault.context, path: "/c") }
    #expect(error?.description == fault.words)
  }

  @Test func `never shows its secrets`() throws {
    let user: JSON = ["token": "s3cret", "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ"]
    let access = try Self.access(Self.document(cluster: ["server": "https://ada:s3cret@h"], user: user))
    for text in ["\(access)", String(reflecting: access), "\(access.token)", "\([access])"] {
      #expect(!text.contains("s3cret"))
      #expect(!text.contains("75, 69, 89"))  // the key's bytes
    }
  }
}

@Suite("A pod's access")
struct InClusterTests {
  private static let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

  @Test func `comes from its service account`() throws {
    let folder = try Folder()
    try folder.write("ca.crt", "CA")
    try folder.write("namespace", "bots\n")
    let access = try ClusterAccess.inCluster(environment: Self.environment, folder: folder.path)
    #expect(access.server == "https://10.96.0.1:443")
    #expect(access.namespace == "bots")
    #expect(access.tls.certificateAuthority == Array("CA".utf8))
    let sixth = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
    #expect(try ClusterAccess.inCluster(environment: sixth, folder: folder.path).server == "https://[fd00::1]:443")
  }

  @Test func `is missed clearly`() throws {
    let outside = #expect(throws: ClusterAccessError.self) { try ClusterAccess.inCluster(environment: [:]) }
    #expect(outside?.reason == "no kubeconfig is named and this is no pod (KUBERNETES_SERVICE_HOST is not set)")
    let unmounted = #expect(throws: ClusterAccessError.self) {
      try ClusterAccess.inCluster(environment: Self.environment, folder: "/nosuch")
    }
    #expect(unmounted?.file == "/nosuch/ca.crt")
  }

  @Test func `shows the token that its file holds now`() async throws {
    let folder = try Folder()
    let fixture = try Fixture([answer(200, "", [:])], token: .file("\(folder.path)/token"))
    for token in ["first", "second"] {
      try folder.write("token", "\(token)\n")
      _ = try await fixture.client.get(.service, namespace: "shop", name: "web")
    }
    #expect(fixture.server.requests.map { $0.header("authorization") } == ["Bearer first", "Bearer second"])
    try FileManager.default.removeItem(atPath: "\(folder.path)/token")
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unauthorized)
    #expect(error.message.contains("\(folder.path)/token"))
  }
}
