import Digests
import KubernetesModel

/// What may be written down of an object: a Secret's values are replaced by digests keyed with the installation's own key, so that a changed
/// value shows and nobody can try values against it. Without a key only their names are left.
struct SecretRedaction: Sendable {
  /// What stands for a value where the installation has no key.
  static let withheld = "withheld"
  private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  let key: [UInt8]?

  /// The object as it may be recorded; nil where nothing of it must be left out.
  func recorded(_ object: JSON, _ kind: EnvironmentKind) -> [UInt8]? {
    guard kind == .secret else { return nil }
    var object = object
    for field in ["data", "stringData"] {
      guard let values = object[field]?.object else { continue }
      object[field] = .object(values.mapValues { .string(substitute(for: $0)) })
    }
    if object["metadata", "annotations", Self.lastApplied] != nil {
      object["metadata", "annotations", Self.lastApplied] = .string(Self.withheld)
    }
    return object.bytes
  }

  private func substitute(for value: JSON) -> String {
    guard let key else { return Self.withheld }
    return "\(KeyedDigest(of: value.string.map { Array($0.utf8) } ?? value.bytes, key: key))"
  }
}
