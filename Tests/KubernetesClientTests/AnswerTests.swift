import HTTPTransport
import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite("An answer that is no success")
struct AnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String { name }
    var name: String
    var kind: KubernetesError.Kind
    var says: String
    var isAboutObject = false
    var causes = 0
    var retryAfter: Duration?
  }

  // Kind, words, whether an object is meant, how many causes, and when to come again: as real servers answered.
  @Test(arguments: [
    Case(name: "020-unknown-group-404-text-404", kind: .notFound, says: "HTTP 404: 404 page not found"),
    Case(name: "021-unknown-resource-404", kind: .notFound, says: "the server could not find the requested resource"),
    Case(name: "023-method-not-allowed-405", kind: .methodNotAllowed, says: "the server does not allow this method"),
    Case(name: "033-get-missing-service-404", kind: .notFound, says: "services \"nosuch\" not found", isAboutObject: true),
    Case(name: "052-ssa-deployment-conflict-409", kind: .conflict, says: "Apply failed with 2 conflicts", causes: 2),
    Case(name: "061-ssa-with-stale-resourceversion-409", kind: .conflict, says: "Operation cannot be fulfilled", isAboutObject: true),
    Case(name: "069-ssa-unknown-field-warn-500", kind: .serverError, says: "failed to create typed patch object"),
    Case(name: "072-ssa-invalid-422", kind: .invalid, says: "is invalid", isAboutObject: true, causes: 3),
    Case(name: "097-post-malformed-yaml-400", kind: .badRequest, says: "yaml"),
    Case(name: "111-post-create-again-409", kind: .alreadyExists, says: "already exists", isAboutObject: true),
    Case(name: "129-jsonpatch-test-fails-422", kind: .invalid, says: "the server rejected our request due to an error in our request"),
    Case(name: "143-mergepatch-with-stale-rv-409", kind: .conflict, says: "the object has been modified", isAboutObject: true),
    Case(name: "144-mergepatch-with-wrong-uid-422", kind: .invalid, says: "field is immutable", isAboutObject: true, causes: 2),
    Case(name: "162-put-wrong-uid-409", kind: .conflict, says: "Precondition failed: UID in precondition", isAboutObject: true),
    Case(name: "241-list-future-rv-504", kind: .serverError, says: "Too large resource version", causes: 1, retryAfter: .seconds(1)),
    Case(name: "283-quota-pod-create-403", kind: .forbidden, says: "exceeded quota: q", isAboutObject: true),
    Case(name: "367-rbac-forbidden-patch-service-403", kind: .forbidden, says: "cannot patch resource \"services\"", isAboutObject: true),
    Case(name: "379-unauthorized-401", kind: .unauthorized, says: "Unauthorized"),
    Case(
      name: "425-eviction-right-after-pdb-create-429", kind: .tooManyRequests, says: "disruption budget", causes: 1,
      retryAfter: .seconds(10)),
    Case(name: "426-eviction-pdb-429", kind: .tooManyRequests, says: "disruption budget", causes: 1),
    Case(name: "429-delete-uid-mismatch-409", kind: .conflict, says: "the UID in the precondition", isAboutObject: true),
    Case(name: "514-webhook-unreachable-500", kind: .serverError, says: "failed calling webhook", causes: 1),
    Case(
      name: "570-apf-rejected-429", kind: .tooManyRequests, says: "HTTP 429: Too many requests, please try again later.",
      retryAfter: .seconds(1)),
    Case(name: "580-list-exact-compacted-410", kind: .gone, says: "too old"),
    Case(name: "660-crd-resource-storage-initializing-429", kind: .tooManyRequests, says: "(re)initializing", retryAfter: .seconds(1)),
  ])
  func `is told as what it is`(expected: Case) async throws {
    let fixture = try Fixture([try Recording(expected.name).answer], limit: .seconds(2))
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == expected.kind)
    #expect(error.message.contains(expected.says), "\(error.message)")
    #expect(error.isAboutObject == expected.isAboutObject)
    #expect(error.causes.count == expected.causes, "\(error.causes)")
    #expect(error.retryAfter == expected.retryAfter)
    #expect(error.attempted == "get services shop/web")
  }

  @Test func `names the causes that its message leaves out, and no other`() {
    var error = KubernetesError(
      .conflict, attempted: "apply deployments shop/web", message: "Apply failed with 1 conflict: conflict with \"hand\": .spec.replicas",
      causes: [".spec.replicas: conflict with \"hand\""])
    #expect("\(error)" == "apply deployments shop/web: Apply failed with 1 conflict: conflict with \"hand\": .spec.replicas")
    error.message = "refused"
    #expect("\(error)" == "apply deployments shop/web: refused; .spec.replicas: conflict with \"hand\"")
  }

  @Test(arguments: [
    ("text/html", "<html>\(String(repeating: "login ", count: 500))</html>", "HTTP 502"), ("text/plain", "", "HTTP 502"),
    ("text/plain", "upstream\n is  away", "HTTP 502: upstream is away"), ("text/plain", "\u{1B}[31mred", "HTTP 502"),
    ("application/json", "{\"kind\":\"Status\"", "HTTP 502"), ("application/json", "{\"kind\":\"Pod\",\"message\":\"x\"}", "HTTP 502"),
    ("application/json", "{\"kind\":\"Status\",\"message\":7,\"details\":[],\"code\":\"x\"}", "HTTP 502"),
    ("application/json", "{\"kind\":\"Status\",\"message\":\"m\",\"details\":{\"causes\":[1,{},{\"field\":\"f\"}]}}", "m"),
  ])
  func `of any shape is words and nothing worse`(type: String, body: String, message: String) {
    let head = HTTPHead(
      status: 502, headers: [HTTPHeader("content-type", type), HTTPHeader("Retry-After", "Tue, 24 Nov 2026 13:52:26 GMT")])
    let error = KubernetesError(head, Array(body.utf8), attempted: "get")
    #expect(error.message == message)
    #expect(error.kind == .serverError)
    #expect(error.retryAfter == nil)
  }

  // Whatever becomes of its bytes, an error stays an error of its status.
  @Test(arguments: ["052-ssa-deployment-conflict-409", "072-ssa-invalid-422", "570-apf-rejected-429"])
  func `cut or bent anywhere keeps its kind`(name: String) throws {
    let body = Array(try Recording(name).body.utf8)
    for position in body.indices {
      var bent = body
      bent[position] ^= 0x15
      for bytes in [Array(body[..<position]), bent] {
        let error = KubernetesError(HTTPHead(status: 422), bytes, attempted: "x")
        #expect(error.kind == .invalid)
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test func `is bounded`() {
    let body: JSON = [
      "kind": "Status", "message": .string(String(repeating: "x", count: 100_000)),
      "details": ["causes": .array(Array(repeating: ["message": "m"], count: 1000))],
    ]
    let error = KubernetesError(HTTPHead(status: 422), body.bytes, attempted: "x")
    #expect(error.message.count == 2000)
    #expect(error.causes.count == 20)
  }

  @Test(arguments: [
    ("Tue, 24 Nov 2026 13:52:36 GMT", "Tue, 24 Nov 2026 13:52:26 GMT", Duration.seconds(10)),
    ("Tue, 24 Nov 2026 13:52:26 GMT", "Tue, 24 Nov 2026 13:52:36 GMT", .zero), ("Tue, 24 Nov 2026 13:52:36 GMT", "", nil),
    ("soon", "Tue, 24 Nov 2026 13:52:36 GMT", nil), ("7", "", .seconds(7)), ("-7", "", .zero), ("99999999", "", .seconds(3600)),
  ])
  func `may say when to come again by a date of its own clock`(text: String, date: String, wait: Duration?) {
    let head = HTTPHead(status: 503, headers: [HTTPHeader("Retry-After", text), HTTPHeader("Date", date)])
    #expect(KubernetesError(head, [], attempted: "x").retryAfter == wait)
  }
}
