import KubernetesModel

/// The pod template of a Deployment, read.
struct PodSpec {
  let json: JSON

  init(of deployment: JSON) { json = deployment["spec", "template", "spec"] ?? .null }
  init(pod: JSON) { json = pod["spec"] ?? .null }

  /// Containers and init containers.
  var containers: [JSON] { regular + initial }
  var regular: [JSON] { json["containers"]?.array ?? [] }
  var initial: [JSON] { json["initContainers"]?.array ?? [] }
}

extension JSON {
  /// Replaces each element of an array member.
  mutating func mapElements(_ key: String, _ change: (inout JSON) -> Void) {
    guard var elements = self[key]?.array else { return }
    for index in elements.indices { change(&elements[index]) }
    self[key] = .array(elements)
  }

  /// Changes an object member that is there.
  mutating func mapMember(_ key: String, _ change: (inout JSON) -> Void) {
    guard var member = self[key], member.object != nil else { return }
    change(&member)
    self[key] = member
  }
}
