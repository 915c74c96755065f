import KubernetesModel

/// How lists and maps merge, as the built-in types' OpenAPI marks them (`x-kubernetes-list-type`, `x-kubernetes-map-type`).
///
/// Known by the last names of a field's path, which is enough for the kinds that are served.
enum FieldSchema {
  enum ListType: Hashable {
    case atomic
    case set
    case map(keys: [String])
  }

  /// How the list at a path merges.
  static func list(_ path: FieldPath) -> ListType {
    let names = names(path)
    switch names.last {
    case "containers", "initContainers", "ephemeralContainers", "volumes", "env", "imagePullSecrets": return .map(keys: ["name"])
    case "volumeMounts": return .map(keys: ["mountPath"])
    case "hostAliases": return .map(keys: ["ip"])
    case "conditions": return .map(keys: ["type"])
    case "ownerReferences": return .map(keys: ["uid"])
    case "topologySpreadConstraints": return .map(keys: ["topologyKey", "whenUnsatisfiable"])
    case "ports":
      if names.contains("containers") || names.contains("initContainers") { return .map(keys: ["containerPort", "protocol"]) }
      return names.first == "spec" ? .map(keys: ["port", "protocol"]) : .atomic
    case "finalizers": return .set
    case "metrics" where names.first == "spec": return .atomic
    default: return .atomic
    }
  }

  /// Whether the map at a path has one owner as a whole.
  static func isAtomicMap(_ path: FieldPath) -> Bool {
    let atomic: Set<String> = [
      "selector", "labelSelector", "namespaceSelector", "nodeSelector", "scaleTargetRef", "resourceFieldRef", "fieldRef", "configMapKeyRef",
      "secretKeyRef",
    ]
    return names(path).last.map(atomic.contains) ?? false
  }

  /// The key of an element of an associative list; missing keys take the defaults that the API gives them.
  static func key(_ element: JSON, _ keys: [String]) -> PathElement {
    var found: [String: JSON] = [:]
    for key in keys { found[key] = element[key] ?? (key == "protocol" ? "TCP" : nil) }
    return .key(.object(found))
  }

  private static func names(_ path: FieldPath) -> [String] {
    path.compactMap { if case .field(let name) = $0 { name } else { nil } }
  }
}
