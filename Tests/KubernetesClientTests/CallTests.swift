import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A call")
struct CallTests {
  static let web: JSON = ["apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"]]

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String { target }
    var target: String
    var type: String?
    var body: JSON?
    var call: @Sendable (KubernetesClient) async throws -> Void
  }

  @Test(arguments: [
    Case(target: "GET /api/v1/namespaces/shop/services/web") { _ = try await $0.get(.service, namespace: "shop", name: "web") },
    Case(target: "GET /api/v1/nodes/n%3A1") { _ = try await $0.get(.node, name: "n:1") },
    Case(target: "GET /apis/apps/v1/namespaces/shop/deployments/web/scale") {
      _ = try await $0.get(.deployment, namespace: "shop", name: "web", subresource: "scale")
    },
    Case(target: "POST /api/v1/namespaces/shop/services?fieldManager=tagflip", type: "application/json", body: web) {
      _ = try await $0.create(.service, namespace: "shop", web)
    },
    Case(target: "PUT /api/v1/namespaces/shop/services/web?fieldManager=tagflip", type: "application/json", body: web) {
      _ = try await $0.update(.service, namespace: "shop", web)
    },
    Case(
      target: "PATCH /api/v1/namespaces/shop/services/web?fieldManager=tagflip&force=false&fieldValidation=Strict",
      type: "application/apply-patch+yaml", body: web
    ) { _ = try await $0.apply(.service, namespace: "shop", web) },
    Case(
      target: "PATCH /api/v1/namespaces/shop/services/web?fieldManager=a%26b&force=true&fieldValidation=Strict&dryRun=All",
      type: "application/apply-patch+yaml", body: web
    ) { _ = try await $0.apply(.service, namespace: "shop", web, manager: "a&b", force: true, dryRun: true) },
    Case(
      target: "PATCH /api/v1/namespaces/shop/services/web?fieldManager=tagflip", type: "application/json-patch+json",
      body: [
        ["op": "test", "path": "/metadata/annotations/tagflip.dev~1fence", "value": "7"], ["op": "add", "path": "/a~0b", "value": nil],
        ["op": "replace", "path": "/spec/selector", "value": ["color": "green"]], ["op": "remove", "path": "/x/0"],
      ]
    ) {
      _ = try await $0.patch(
        .service, namespace: "shop", name: "web",
        [
          .test(["metadata", "annotations", "tagflip.dev/fence"], "7"), .add(["a~b"], .null),
          .replace(["spec", "selector"], ["color": "green"]), .remove(["x", "0"]),
        ])
    },
    Case(
      target: "PATCH /api/v1/namespaces/shop/services/web?fieldManager=tagflip", type: "application/merge-patch+json",
      body: ["metadata": ["resourceVersion": "7", "labels": ["a": nil]]]
    ) { _ = try await $0.merge(.service, namespace: "shop", name: "web", ["metadata": ["resourceVersion": "7", "labels": ["a": nil]]]) },
    Case(
      target: "PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=tagflip", type: "application/merge-patch+json",
      body: ["metadata": ["resourceVersion": "7"], "spec": ["replicas": 0]]
    ) { _ = try await $0.scale(.deployment, namespace: "shop", name: "web", replicas: 0, resourceVersion: "7") },
    Case(
      target: "DELETE /api/v1/namespaces/shop/services/web", type: "application/json",
      body: [
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "preconditions": ["uid": "u", "resourceVersion": "7"],
      ]
    ) {
      try await $0.delete(
        .service, namespace: "shop", name: "web", if: DeletePreconditions(uid: "u", resourceVersion: "7"), propagation: .foreground)
    },
    Case(target: "GET /api/v1/namespaces/shop/pods/web-1/log?tailLines=5&container=app&previous=true") {
      _ = try? await $0.podLog(namespace: "shop", name: "web-1", container: "app", lines: 5, previous: true)
    },
    Case(target: "GET /version") { _ = try? await $0.version() },
    Case(target: "GET /api/v1/pods?labelSelector=a%3Db%2Cc%20in%20%28d%29&fieldSelector=x%3D1&limit=250") {
      _ = try? await $0.list(.pod, labels: "a=b,c in (d)", fields: "x=1")
    },
  ])
  func `goes out as the server wants it`(expected: Case) async throws {
    let fixture = try Fixture([answer(200, "", ["kind": "X"])], credentials: .token("t0ken"))
    try await expected.call(fixture.client)
    let request = try #require(fixture.server.requests.first)
    #expect("\(request.method) \(request.target)" == expected.target)
    #expect(request.header("content-type") == expected.type)
    #expect(request.header("accept") == "application/json")
    #expect(request.header("authorization") == "Bearer t0ken")
    #expect(try expected.body == (request.body.isEmpty ? JSON?.none : JSON(parsing: request.body)))
  }

  // A name that is none must not turn the address of one object into that of all, or of something else.
  @Test(arguments: ["", ".", "..", "a/b", "../secrets/x", "a%2Fb", "a\\b", "a b", "a\nb"])
  func `with what is no name is refused before it goes out`(name: String) async throws {
    let fixture = try Fixture([answer(200, "", [:])])
    let object: JSON = ["metadata": ["name": .string(name)]]
    let calls: [@Sendable (KubernetesClient) async throws -> Void] = [
      { _ = try await $0.get(.service, namespace: "shop", name: name) }, { _ = try await $0.get(.service, namespace: name, name: "web") },
      { try await $0.delete(.service, namespace: "shop", name: name, if: DeletePreconditions()) },
      { try await $0.delete(.service, namespace: name, name: "web", if: DeletePreconditions()) },
      { _ = try await $0.update(.service, namespace: "shop", object) }, { _ = try await $0.apply(.service, namespace: "shop", object) },
      { _ = try await $0.merge(.service, namespace: "shop", name: name, [:]) }, { _ = try await $0.list(.service, namespace: name) },
      { _ = try await $0.watch(.service, namespace: name, from: "1", seconds: 1, silence: .seconds(1)) },
    ]
    for call in calls { #expect(try await failure { try await call(fixture.client) }.kind == .badRequest) }
    #expect(fixture.server.accepted == 0)
  }

  @Test func `finds nothing only where the server speaks of the object`() async throws {
    let missing = try Fixture([try Recording("033-get-missing-service-404").answer])
    #expect(try await missing.client.find(.service, namespace: "shop", name: "nosuch") == nil)
    for name in ["020-unknown-group-404-text-404", "021-unknown-resource-404"] {
      let unknown = try Fixture([try Recording(name).answer])
      #expect(try await failure { _ = try await unknown.client.find(.service, namespace: "shop", name: "web") }.kind == .notFound)
    }
  }

  @Test func `keeps to the client's limit, or to one of its own`() async throws {
    let fixture = try Fixture { _, connection in connection.waitForEnd() }
    let error = try await failure { _ = try await fixture.client.within(.milliseconds(100)).get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unreachable)
    #expect(error.transport?.exceeded == .total)
  }

  // What only reads

  @Test func `asks who the caller is and which server this is`() async throws {
    let who = try Fixture([try Recording("394-selfsubjectreview-201").answer])
    let identity = try await who.client.identity()
    #expect(identity.name == "system:serviceaccount:rec3:limited")
    #expect(identity.groups == ["system:serviceaccounts", "system:serviceaccounts:rec3", "system:authenticated"])
    #expect(try await who.client.whoAmI() == identity.name)
    #expect(who.targets.first == "POST /apis/authentication.k8s.io/v1/selfsubjectreviews")
    let version = try Fixture([try Recording("001-version-200").answer])
    #expect(try await version.client.version() == ServerVersion(major: 1, minor: 36, text: "v1.36.2"))
    let vendor = try Fixture([answer(200, "", ["major": "1", "minor": "27+", "gitVersion": "v1.27.3-gke.1"])])
    #expect(try await vendor.client.version().minor == 27)
  }

  @Test func `reads a scale`() async throws {
    let fixture = try Fixture([try Recording("266-scale-get-200").answer])
    let scale = try await fixture.client.get(.deployment, namespace: "rec2", name: "web-blue", subresource: "scale")
    #expect(scale["kind"] == "Scale")
    #expect(scale["spec", "replicas"]?.int == 2)
  }

  @Test func `reads a pod's last words, bounded, and none where there are none`() async throws {
    let log = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\none\ntwo\nsix\n"
    let written = try Fixture([log])
    #expect(try await written.client.podLog(namespace: "shop", name: "p", limit: 8) == "two\nsix\n")
    let silent = try Fixture([try Recording("408-pod-unschedulable-log-204").answer])
    #expect(try await silent.client.podLog(namespace: "shop", name: "p") == "")
    let missing = try Fixture([try Recording("403-pod-log-missing-pod-404").answer])
    #expect(try await failure { _ = try await missing.client.podLog(namespace: "shop", name: "p") }.kind == .notFound)
  }

  @Test(arguments: ["", "null", "[]", "{", "<html>", "\u{0}"])
  func `with an answer that is no document of the kind is an error`(body: String) async throws {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let calls: [@Sendable (KubernetesClient) async throws -> Void] = [
      { _ = try await $0.list(.pod) }, { _ = try await $0.whoAmI() }, { _ = try await $0.version() },
    ]
    let fixture = try Fixture([text])
    for call in calls { #expect(try await failure { try await call(fixture.client) }.kind == .malformedAnswer) }
  }
}
