import AuditVerification
import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel

extension Composition {
  /// What compares a trail with the cluster that the settings name. Nothing of Git is composed, and no right to write is used.
  /// - Parameter remark: hears what a person should know of the access, and what the API server warns of.
  func liveVerifier(remark: @escaping @Sendable (String) -> Void) throws(PortError) -> LiveVerifier {
    let access = try access()
    access.warnings.forEach(remark)
    let client = client(access, remark: remark)
    return LiveVerifier(
      ReadOnlyCluster(client: client.within(.seconds(20))), name: settings.cluster.name, stateNamespace: settings.stateNamespace)
  }
}

/// The cluster as an auditor reads it.
struct ReadOnlyCluster: LiveCluster {
  let client: KubernetesClient

  func find(_ kind: ResourceKind, namespace: String, name: String) async throws(LiveFailure) -> JSON? {
    do throws(KubernetesError) {
      return try await client.find(kind, namespace: namespace, name: name)
    } catch {
      throw LiveFailure(error)
    }
  }

  func list(_ kind: ResourceKind, namespace: String, labels: [String: String]) async throws(LiveFailure) -> [JSON] {
    let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    do throws(KubernetesError) {
      return try await client.list(kind, namespace: namespace, labels: selector.isEmpty ? nil : selector).items
    } catch {
      throw LiveFailure(error)
    }
  }
}

extension LiveFailure {
  fileprivate init(_ error: KubernetesError) {
    let isOutage =
      switch error.kind {
      case .unreachable, .unauthorized, .cancelled: true
      case .badRequest, .forbidden, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .gone, .invalid, .tooManyRequests,
        .serverError, .lostAnswer, .malformedAnswer:
        false
      }
    self.init(PlainText.line("could not \(error.attempted): \(error.message)", longest: 300), isOutage: isOutage)
  }
}
