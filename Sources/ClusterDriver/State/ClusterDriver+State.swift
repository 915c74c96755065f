import KubernetesClient
import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension ClusterDriver: StateStore {
  package func load(_ document: StateDocument) async throws(PortError) -> StoredDocument? {
    let object = try await asPort { () throws(KubernetesError) in
      try await client.find(.configMap, namespace: stateNamespace, name: document.name)
    }
    return object.map { StoredDocument(text: $0["data", "document"]?.string ?? "", revision: Revision($0).text) }
  }

  package func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult {
    var object: JSON = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": .string(document.name), "namespace": .string(stateNamespace), "labels": [Label.managedBy: "tagflip"],
      ],
      "data": ["document": .string(text)],
    ]
    do throws(KubernetesError) {
      guard let known = revision.flatMap(Revision.init(text:)) else {
        return .saved(revision: Revision(try await client.create(.configMap, namespace: stateNamespace, object)).text)
      }
      object["metadata", "uid"] = .string(known.uid)
      object["metadata", "resourceVersion"] = .string(known.version)
      return .saved(revision: Revision(try await client.update(.configMap, namespace: stateNamespace, object)).text)
    } catch {
      switch error.kind {
      case .conflict, .alreadyExists: return .lost
      case .notFound where revision != nil: return .lost
      case .notFound:
        var port = PortError(error)
        port.hint = "make the bot's namespace: kubectl create namespace \(stateNamespace)"
        throw port
      default: throw PortError(error)
      }
    }
  }
}

/// Which object, and which of its versions, was read.
private struct Revision {
  let uid: String
  let version: String

  init(_ object: JSON) {
    uid = object.uid ?? ""
    version = object.resourceVersion ?? ""
  }

  init?(text: String) {
    let parts = text.split(separator: "/")
    guard parts.count == 2 else { return nil }
    uid = String(parts[0])
    version = String(parts[1])
  }

  var text: String { "\(uid)/\(version)" }
}

extension StateDocument {
  /// The ConfigMap's name.
  fileprivate var name: String {
    switch self {
    case .index: "tagflip-index"
    case .journal(let service): "tagflip-journal-\(service)"
    }
  }
}

extension ClusterDriver: ClusterIdentity {
  package func caller() async throws(PortError) -> String {
    try await asPort { () throws(KubernetesError) in try await client.whoAmI() }
  }

  package func now() async throws(PortError) -> Timestamp {
    if let time = client.serverTime { return Timestamp(milliseconds: time) }
    _ = try await load(.index)
    guard let time = client.serverTime else {
      throw PortError(.corrupt, attempted: "read the API server's time", reason: "its answer has no Date header")
    }
    return Timestamp(milliseconds: time)
  }
}
