import KubernetesModel
import ReleaseModel

/// An object without its color, its server's bookkeeping and what the driver adds: two colors of one version are equal. Pure.
struct NeutralObject: Sendable {
  private let json: JSON
  private let isSecret: Bool

  /// - Parameter names: the environment's names without color, which are recognised wherever a string is one of them with its color.
  init(_ object: JSON, _ kind: EnvironmentKind, _ color: Color, _ names: Set<String>) {
    var json: JSON = object
    for member in ["status", "apiVersion", "kind"] { json[member] = nil }
    let minimum = object.annotations[Label.minimum].flatMap { Int($0) }
    json["metadata"] = NeutralObject.metadata(object)
    switch kind {
    case .deployment: json["spec", "replicas"] = nil
    case .service:
      for field in ["clusterIP", "clusterIPs", "healthCheckNodePort"] { json["spec", field] = nil }
      json.editEach("spec", "ports") { $0["nodePort"] = nil }
    case .horizontalPodAutoscaler: if let minimum { json["spec", "minReplicas"] = JSON(minimum) }
    // The server gives a Job's pods a selector and labels of its own.
    case .job:
      json["spec", "selector"] = nil
      json.edit("spec", "template", "metadata", "labels") { labels in
        for key in (labels.object ?? [:]).keys where key.contains("controller-uid") || key.contains("job-name") { labels[key] = nil }
      }
    case .cronJob: json["spec", "suspend"] = object.annotations[Label.suspended] == nil ? nil : true
    case .configMap, .secret, .serviceAccount, .podDisruptionBudget: break
    }
    let colored = Dictionary(names.map { (color.name($0), $0) }) { first, _ in first }
    self.json = NeutralObject.neutral(json, colored)
    isSecret = kind == .secret
  }

  private static func metadata(_ object: JSON) -> JSON {
    func own(_ key: String) -> Bool {
      key.hasPrefix(Marker.prefix) || key == "deployment.kubernetes.io/revision"
        // It repeats the object, a Secret's values included.
        || key == "kubectl.kubernetes.io/last-applied-configuration"
    }
    let labels = object.labels.filter { !own($0.key) }
    let annotations = object.annotations.filter { !own($0.key) }
    var metadata: JSON = ["name": .string(object.name)]
    if !labels.isEmpty { metadata["labels"] = JSON(labels) }
    if !annotations.isEmpty { metadata["annotations"] = JSON(annotations) }
    return metadata
  }

  private static func neutral(_ json: JSON, _ colored: [String: String]) -> JSON {
    switch json {
    case .string(let text): .string(colored[text] ?? text)
    case .array(let elements): .array(elements.map { neutral($0, colored) })
    case .object(let members):
      .object(
        members.filter { ![Label.color, Label.service, Label.rollout].contains($0.key) && $0.key != "creationTimestamp" }
          .mapValues { neutral($0, colored) })
    case .null, .bool, .int, .double: json
    }
  }

  /// The object with every value of a Secret hidden; those that differ from the other object's say so.
  func hiding(unlike other: NeutralObject?, as word: String = "") -> JSON {
    guard isSecret else { return json }
    var json = json
    for field in ["data", "stringData"] {
      guard let values = json[field]?.object else { continue }
      let hidden = values.map { key, value in
        let differs = other.map { $0.json[field, key] != value } ?? false
        return (key, JSON.string(differs ? "(hidden, \(word))" : "(hidden)"))
      }
      json[field] = .object(Dictionary(hidden) { first, _ in first })
    }
    return json
  }
}
