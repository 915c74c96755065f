import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: StateStore {
  package func load(_ document: StateDocument) async throws(PortError) -> StoredDocument? {
    guard let object = try await api.find(.configMap, stateNamespace, document.name) else { return nil }
    // Without the key somebody edited it: an empty text is no document either, and the engine builds it anew over this revision.
    return StoredDocument(text: object["data", "document"]?.string ?? "", revision: Revision(object).text)
  }

  package func journals() async throws(PortError) -> [ServiceName] {
    let mine = try await api.list(.configMap, stateNamespace, labels: "\(Label.managedBy)=\(Label.bot)")
    return mine.compactMap { StateDocument.service(ofJournal: $0.name) }.sorted()
  }

  package func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult {
    var object: JSON = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": .string(document.name), "namespace": .string(stateNamespace), "labels": [Label.managedBy: .string(Label.bot)],
      ],
      "data": ["document": .string(text)],
    ]
    do throws(PortError) {
      guard let known = revision.flatMap(Revision.init(text:)) else {
        return .saved(revision: Revision(try await api.create(.configMap, stateNamespace, object)).text)
      }
      object["metadata", "uid"] = .string(known.uid)
      object["metadata", "resourceVersion"] = .string(known.version)
      return .saved(revision: Revision(try await api.update(.configMap, stateNamespace, object)).text)
    } catch  where error.kind == .conflict || (error.kind == .notFound && revision != nil) {
      // A connection that broke may have carried the request twice: what was to be written is there, and that is what was asked for.
      guard let there = try await load(document), there.text == text else { return .lost }
      return .saved(revision: there.revision)
    } catch  where error.kind == .notFound {
      var error = error
      error.hint = "make the bot's namespace: kubectl create namespace \(stateNamespace)"
      throw error
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
  private static let journalPrefix = "tagflip-journal-"

  /// The service whose journal a ConfigMap is, by its name; nil for any other.
  fileprivate static func service(ofJournal name: String) -> ServiceName? {
    name.hasPrefix(journalPrefix) ? ServiceName(String(name.dropFirst(journalPrefix.count))) : nil
  }

  /// The ConfigMap's name.
  fileprivate var name: String {
    switch self {
    case .index: "tagflip-index"
    case .journal(let service): StateDocument.journalPrefix + service.text
    }
  }
}
