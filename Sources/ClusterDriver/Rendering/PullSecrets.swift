import Digests
import KubernetesModel
import ReleaseModel

/// The Secrets by which an environment's pods pull their images: those of the pod templates, then those of its ServiceAccounts
/// (https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod). Pure.
struct PullSecrets: Sendable {
  static let type = "kubernetes.io/dockerconfigjson"
  static let field = ".dockerconfigjson"

  let all: [PullSecret]

  /// - Parameter objects: as the release repo has them, without a color.
  init(_ objects: [SourceObject], color: Color) {
    var names: [String] = []
    for lists in [
      objects.map { PodTemplate(of: $0.json, $0.kind).spec["imagePullSecrets"] },
      objects.filter { $0.kind == .serviceAccount }.map { $0.json["imagePullSecrets"] },
    ] {
      for entry in lists.flatMap({ $0?.array ?? [] }) {
        if let name = entry["name"]?.string, !names.contains(name) { names.append(name) }
      }
    }
    let own = Dictionary(objects.filter { $0.kind == .secret }.map { ($0.name, $0.json) }) { first, _ in first }
    all = names.map { name in
      guard let secret = own[name] else { return PullSecret(name: name) }
      // One that is no docker config opens nothing; it must not be looked for in the cluster under its plain name.
      return PullSecret(name: color.name(name), config: PullSecrets.config(in: secret) ?? [])
    }
  }

  /// The docker config that a Secret holds, as written or in base64; nil where it is of another type.
  static func config(in secret: JSON) -> [UInt8]? {
    guard secret["type"]?.string == type else { return nil }
    if let text = secret["stringData", field]?.string { return Array(text.utf8) }
    return secret["data", field]?.string.flatMap { Base64.decode($0) }
  }
}
