import KubernetesModel

/// The LimitRanges of a namespace, as admission uses them for containers: what they fill in, and what they refuse
/// (https://kubernetes.io/docs/concepts/policy/limit-range/).
struct LimitRanges {
  private let limits: [JSON]

  init(_ state: ObjectStore.State, namespace: String) {
    limits = state.sorted(.limitRanges).filter { $0.namespaceText == namespace }.flatMap { $0["spec", "limits"]?.array ?? [] }
      .filter { $0["type"] == "Container" }
  }

  private static let lists = ["initContainers", "containers"]

  /// Gives containers the requests and limits that they do not name.
  func complete(_ pod: inout JSON) {
    for list in Self.lists {
      guard var containers = pod["spec", list]?.array else { continue }
      for index in containers.indices {
        for limit in limits {
          // A limit that is filled in is the request too where none is given, resource by resource.
          for (member, values) in [("limits", limit["default"]), ("requests", limit["defaultRequest"]), ("requests", limit["default"])] {
            for (name, value) in values?.object ?? [:] where containers[index]["resources", member, name] == nil {
              containers[index]["resources", member, name] = value
            }
          }
        }
      }
      pod["spec", list] = .array(containers)
    }
  }

  /// - Throws: 403 for a pod with a container below a minimum or above a maximum.
  func admit(_ pod: JSON, _ type: APIResource) throws(APIStatus) {
    var faults: [String] = []
    for container in Self.lists.flatMap({ pod["spec", $0]?.array ?? [] }) {
      for limit in limits { faults += Self.faults(container, limit) }
    }
    guard !faults.isEmpty else { return }
    throw .forbidden(type, pod.name, faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]")
  }

  private static func faults(_ container: JSON, _ limit: JSON) -> [String] {
    let requests = PodResources.amounts(container["resources", "requests"])
    let limits = PodResources.amounts(container["resources", "limits"])
    var faults: [String] = []
    for (name, least) in PodResources.amounts(limit["min"]).sorted(by: { $0.key < $1.key }) {
      let words = "minimum \(name) usage per Container is \(least)"
      if let request = requests[name] {
        if request < least { faults.append("\(words), but request is \(request)") }
      } else {
        faults.append("\(words).  No request is specified")
      }
    }
    for (name, most) in PodResources.amounts(limit["max"]).sorted(by: { $0.key < $1.key }) {
      let words = "maximum \(name) usage per Container is \(most)"
      if let limit = limits[name] {
        if limit > most { faults.append("\(words), but limit is \(limit)") }
      } else {
        faults.append("\(words).  No limit is specified")
      }
    }
    return faults
  }
}
