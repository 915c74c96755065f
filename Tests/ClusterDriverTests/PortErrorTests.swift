import KubernetesClient
import KubernetesModel
import ReleaseEngine
import Testing

@testable import ClusterDriver

// What a failure of the API means to the engine, and what a person reads.
@Suite struct PortErrorTests {
  struct Case: Sendable, CustomStringConvertible {
    let error: KubernetesError
    let isWrite: Bool
    let kind: PortError.Kind
    /// What the hint must contain; nil where there is none.
    let hint: String?

    var description: String { "\(error.kind) \(error.status) \(isWrite ? "write" : "read")" }

    init(
      _ kind: KubernetesError.Kind, _ message: String = "m", status: Int = 0, write: Bool = true, is port: PortError.Kind,
      hint: String? = nil
    ) {
      error = KubernetesError(kind, attempted: "patch services shop/web", message: message, status: status)
      isWrite = write
      self.kind = port
      self.hint = hint
    }
  }

  static let rbac =
    #"services "web" is forbidden: User "system:serviceaccount:tagflip:tagflip" cannot patch resource "services" in API group "" in the namespace "shop""#
  static let nodes = #"nodes is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope"#
  static let quota = #"deployments.apps "web" is forbidden: exceeded quota: q, requested: count/deployments.apps=1"#

  static let cases: [Case] = [
    Case(.unauthorized, status: 401, is: .unauthenticated, hint: "expired"),
    Case(.unauthorized, status: 0, is: .unauthenticated, hint: "the plugin works for the account"),
    Case(
      .forbidden, rbac, status: 403, is: .forbidden,
      hint: #"a Role in the namespace shop: apiGroups [""], resources ["services"], verbs ["patch"]"#),
    Case(
      .forbidden, nodes, status: 403, write: false, is: .forbidden,
      hint: #"a ClusterRole: apiGroups [""], resources ["nodes"], verbs ["list"]"#),
    Case(.forbidden, quota, status: 403, is: .forbidden, hint: "quota"),
    Case(.forbidden, "admission webhook \"x\" denied the request: no", status: 403, is: .invalid, hint: "whoever keeps the policy"),
    Case(.forbidden, "status unknown for quota: q, resources: pods", status: 403, is: .forbidden, hint: "not counted yet"),
    Case(.forbidden, "an authorizer says no", status: 403, write: false, is: .forbidden, hint: "whoever keeps the policy"),
    Case(
      .forbidden, "unable to create new content in namespace bot because it is being terminated", status: 403, is: .forbidden,
      hint: "kubectl create namespace bot"),
    Case(.notFound, status: 404, is: .notFound),
    Case(.notFound, #"namespaces "shop" not found"#, status: 404, is: .notFound, hint: "create the namespace"),
    Case(.alreadyExists, status: 409, is: .conflict),
    Case(.conflict, status: 409, is: .conflict),
    Case(.gone, status: 410, write: false, is: .conflict),
    Case(.invalid, status: 422, is: .invalid),
    Case(.badRequest, status: 400, is: .invalid),
    Case(.methodNotAllowed, status: 405, is: .invalid, hint: "older"),
    Case(.tooManyRequests, status: 429, is: .unreachable, hint: "too much to do"),
    Case(.serverError, "etcdserver: request timed out", status: 500, is: .unknown),
    Case(.serverError, "etcdserver: request timed out", status: 500, write: false, is: .unreachable),
    Case(
      .serverError, "failed to create typed patch object (a/b; apps/v1): .spec.replicass: field not declared", status: 500, is: .invalid),
    Case(
      .serverError, "Internal error occurred: failed calling webhook \"x\"", status: 500, is: .unreachable, hint: "what serves this webhook"
    ),
    Case(.unreachable, "could not connect", is: .unreachable, hint: "kubeconfig's server"),
    Case(.unreachable, "SSL certificate problem: self-signed", is: .unreachable, hint: "certificate-authority"),
    Case(.lostAnswer, is: .unknown),
    Case(.malformedAnswer, is: .unknown),
    Case(.malformedAnswer, write: false, is: .corrupt),
    Case(.cancelled, is: .cancelled),
  ]

  @Test("What admission says of a dry run is a verdict on the object")
  func dryRun() {
    let error = KubernetesError(
      .forbidden, attempted: "apply deployments shop/web", message: "admission webhook \"x\" denied the request: no", status: 403)
    #expect(PortError(error, isWrite: false, isJudged: true).kind == .invalid && PortError(error, isWrite: false).kind == .forbidden)
  }

  @Test("Each failure has one meaning, and a next step where one is known", arguments: cases)
  func mapping(_ test: Case) {
    let error = PortError(test.error, isWrite: test.isWrite)
    #expect(error.kind == test.kind)
    #expect(error.attempted == "patch services shop/web")
    if let hint = test.hint { #expect(error.hint?.contains(hint) == true, "\(error)") } else { #expect(error.hint == nil) }
  }

  @Test func `A server that quotes a Secret is not repeated`() {
    let quoted = KubernetesError(
      .invalid, attempted: "apply secrets shop/web-green", message: #"Secret "web-green" is invalid: data[k]: Invalid value: "hunter2""#,
      causes: [#"data[k]: Invalid value: "hunter2""#], status: 422)
    let error = PortError(quoted, isWrite: true, kind: .secret)
    #expect(!error.description.contains("hunter2"))
    #expect(error.reason.contains("data[k]"))
    #expect(PortError(quoted, isWrite: true, kind: .configMap).reason.contains("hunter2"))
  }

  @Test func `Control characters of a server's words do not reach the terminal`() {
    let error = PortError(KubernetesError(.conflict, attempted: "a", message: "x\u{1B}[31mred\ny"), isWrite: true)
    #expect(error.reason == "x[31mred y")
  }
}
