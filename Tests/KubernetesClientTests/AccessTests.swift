import FoundationEssentials
import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

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

  static func access(_ document: JSON, context: String? = nil, path: String = "/srv/ada/.kube/config") throws -> ClusterAccess {
    try KubeConfig(document: document, path: path).access(context: context)
  }

  static func token(_ access: ClusterAccess) -> String {
    switch access.credentials {
    case .none: "none"
    case .token(let token): "fixed \(token)"
    case .tokenFile(let path): "file \(path)"
    case .basic(let user, let password): "basic \(user) \(password)"
    case .plugin(let plugin): "plugin \(plugin.command)"
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
      Self.document(cluster: ["server": "https://h", "insecure-skip-tls-verify": true]))
    #expect(!unverified.tls.isVerified)
    #expect(access.warnings.isEmpty && unverified.warnings.count == 1)
    #expect(unverified.warnings.first?.contains("cluster c: the API server's certificate is not verified") == true)
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

  @Test func `never shows its secrets`() throws {
    let user: JSON = ["token": "s3cret", "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ"]
    let access = try Self.access(Self.document(cluster: ["server": "https://h", "proxy-url": "http://ada:s3cret@p"], user: user))
    var dumped = ""
    dump(access, to: &dumped)
    for text in [dumped, "\(access)", String(reflecting: access), "\(access.credentials)", "\([access])"] {
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
    let fixture = try Fixture([answer(200, "", [:])], credentials: .tokenFile("\(folder.path)/token"))
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

@Suite("What a user shows")
struct ShownTests {
  private static let done = answer(200, "", [:])

  @Test func `is a password where that is all there is`() async throws {
    let access = try KubeConfigTests.access(KubeConfigTests.document(user: ["username": "ada", "password": "s3cret:pw"]))
    let fixture = try Fixture([Self.done], credentials: access.credentials)
    _ = try await fixture.client.get(.service, namespace: "shop", name: "web")
    #expect(fixture.server.requests.first?.header("authorization") == "Basic YWRhOnMzY3JldDpwdw==")
    for text in ["\(access)", String(reflecting: access.credentials), "\([access])"] { #expect(!text.contains("s3cret")) }
  }

  @Test func `includes whom to act as`() async throws {
    let user: JSON = ["token": "t", "as": "ada", "as-uid": "7", "as-groups": ["ops", "dev"], "as-user-extra": ["a/b": ["1", "2"]]]
    let access = try KubeConfigTests.access(KubeConfigTests.document(user: user))
    let server = try LoopbackServer { _, connection in connection.write(Self.done) }
    let client = KubernetesClient(
      access: ClusterAccess(server: server.url, credentials: access.credentials, impersonation: access.impersonation),
      http: HTTPClient(userAgent: "tests"))
    _ = try await client.get(.service, namespace: "shop", name: "web")
    _ = try await client.proxy(
      "GET", namespace: "shop", service: "web", port: "http", path: "/", headers: [HTTPHeader("impersonate-user", "root")],
      limits: HTTPLimits())
    for request in server.requests {
      let headers = request.headers.filter { $0.name.lowercased().hasPrefix("impersonate-") }.map { "\($0.name): \($0.value)" }
      #expect(
        headers == [
          "Impersonate-User: ada", "Impersonate-Uid: 7", "Impersonate-Group: ops", "Impersonate-Group: dev", "Impersonate-Extra-a%2Fb: 1",
          "Impersonate-Extra-a%2Fb: 2",
        ])
    }
    #expect(server.requests.count == 2)
  }

  @Test(arguments: ["one two", "t0ken\u{1B}[2J", "t0kën", "t0ken\nX-Evil: 1"])
  func `is refused before it goes out where a token's file holds more than a token`(text: String) async throws {
    let folder = try Folder()
    try folder.write("token", "\(text)\n")
    let fixture = try Fixture([Self.done], credentials: .tokenFile("\(folder.path)/token"))
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unauthorized && error.message.contains("\(folder.path)/token: the bearer token's file holds what no header can"))
    #expect(!error.message.contains("t0k") && fixture.server.accepted == 0)
  }

  @Test func `is refused before it goes out where a token's file is empty`() async throws {
    let folder = try Folder()
    try folder.write("token", "\n")
    let fixture = try Fixture([Self.done], credentials: .tokenFile("\(folder.path)/token"))
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unauthorized && error.message.contains("\(folder.path)/token: the bearer token's file is empty"))
    #expect(fixture.server.accepted == 0)
  }
}
