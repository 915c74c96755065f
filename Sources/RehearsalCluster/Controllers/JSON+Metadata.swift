import FoundationEssentials
import KubernetesModel

// What every stored object has, read without ceremony: a stored object has a uid, and what has no namespace has an empty one.
extension JSON {
  var namespaceText: String { namespace ?? "" }
  var uidText: String { uid ?? "" }
  var generation: Int { self["metadata", "generation"]?.int ?? 0 }
  var ownerReferences: [JSON] { self["metadata", "ownerReferences"]?.array ?? [] }
  var finalizers: [String] { self["metadata", "finalizers"]?.array?.compactMap(\.string) ?? [] }
  /// Whether the object is on its way out.
  var isDeleting: Bool { self["metadata", "deletionTimestamp"]?.string != nil }
  var creationTimestamp: String { self["metadata", "creationTimestamp"]?.string ?? "" }

  /// The one owner that manages the object.
  var controllerReference: JSON? { ownerReferences.first { $0["controller"]?.bool == true } }

  func isControlled(by owner: JSON) -> Bool { controllerReference?["uid"]?.string == owner.uidText }

  /// The condition of this type in the status.
  func condition(_ type: String) -> JSON? {
    self["status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  func hasCondition(_ type: String, _ status: String = "True") -> Bool { condition(type)?["status"]?.string == status }

  /// The instant that a timestamp such as `2026-11-23T09:23:31Z` names.
  var instant: Date? { string.flatMap { try? Date($0, strategy: .iso8601) } }

  /// A reference to this object, as a part of it carries it.
  func ownerReference() -> JSON {
    [
      "apiVersion": self["apiVersion"] ?? "", "kind": self["kind"] ?? "", "name": .string(name), "uid": .string(uidText),
      "controller": true,
      "blockOwnerDeletion": true,
    ]
  }

  /// An object of text members.
  init(_ texts: [String: String]) { self = .object(texts.mapValues { .string($0) }) }
}
