import KubernetesModel

/// A pod template, read.
struct PodTemplate: Sendable {
  /// The members of a pod's spec that hold containers.
  static let containerLists = ["containers", "initContainers"]

  let labels: [String: String]
  let spec: JSON

  init(of object: JSON, _ kind: EnvironmentKind = .deployment) {
    let template = kind.templatePath.flatMap { object[path: $0[...]] }
    labels = template?["metadata", "labels"]?.strings ?? [:]
    spec = template?["spec"] ?? .null
  }

  /// The names of all container ports.
  var portNames: Set<String> {
    let ports = PodTemplate.containerLists.flatMap { spec[$0]?.array ?? [] }.flatMap { $0["ports"]?.array ?? [] }
    return Set(ports.compactMap { $0["name"]?.string })
  }

  /// What does not stand twice on one node or on one disk: things that a person should know before two colors run.
  var cautions: [String] {
    var cautions: [String] = []
    let ports = (spec["containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }.compactMap { $0["hostPort"]?.int }
    if spec["hostNetwork"]?.bool == true { cautions.append("uses the host's network: no node can run both colors") }
    if !ports.isEmpty {
      cautions.append("takes host port \(ports.map(String.init).joined(separator: ", ")): no node can run both colors")
    }
    let claims = (spec["volumes"]?.array ?? []).compactMap { $0["persistentVolumeClaim", "claimName"]?.string }
    if !claims.isEmpty { cautions.append("mounts the volume claim \(claims.joined(separator: ", ")): both colors would write to it") }
    return cautions
  }
}
