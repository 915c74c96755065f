import KubernetesClient
import ReleaseEngine
import ReleaseModel

extension PortError {
  /// What a Kubernetes error means for the engine, and what a person can do about it.
  init(_ error: KubernetesError) {
    let kind: PortError.Kind =
      switch error.kind {
      case .unauthorized: .unauthenticated
      case .forbidden: .forbidden
      case .notFound: .notFound
      case .alreadyExists, .conflict, .gone: .conflict
      case .badRequest, .invalid, .methodNotAllowed: .invalid
      case .tooManyRequests, .unreachable: .unreachable
      case .serverError: error.status == 500 ? .invalid : .unreachable
      case .lostAnswer: .unknown
      case .malformedAnswer: .corrupt
      case .cancelled: .cancelled
      }
    self.init(
      kind, attempted: error.attempted, reason: PlainText.line(error.message, longest: 500), hint: PortError.hint(error))
  }

  private static func hint(_ error: KubernetesError) -> String? {
    switch error.kind {
    case .unauthorized: "the credentials are refused: renew the token or certificate of the kubeconfig, or mount the service account's"
    case .forbidden where error.message.contains("exceeded quota"): "raise the ResourceQuota, or make room in the namespace"
    case .forbidden: "give the bot this right: see jobs/rbac.yaml"
    case .unreachable where error.message.contains("certificate"):
      "the API server's certificate is not trusted: check certificate-authority in the kubeconfig"
    case .unreachable: "check that the API server is up and the kubeconfig's server is right"
    case .lostAnswer, .cancelled, .badRequest, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .gone, .invalid, .tooManyRequests,
      .serverError, .malformedAnswer:
      nil
    }
  }
}

/// Runs calls of the client and says what their errors mean to the engine.
func asPort<Value>(_ body: () async throws(KubernetesError) -> Value) async throws(PortError) -> Value {
  do throws(KubernetesError) {
    return try await body()
  } catch {
    throw PortError(error)
  }
}
