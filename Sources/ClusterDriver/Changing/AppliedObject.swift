import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// One rendered object with what only the rollout knows: its id, and the sizes. Pure.
struct AppliedObject: Sendable {
  let kind: EnvironmentKind
  var json: JSON
  /// The pods that an autoscaled Deployment is to begin with: `scale` sets them, apply never does.
  let scaleTo: Int?

  /// An environment's objects in the order in which they are applied.
  /// - Parameters:
  ///   - rollout: nil for a dry run.
  ///   - limit: the pods that a Deployment has at the most for now; nil where it gets its whole size.
  static func all(
    _ environment: Environment, rollout: RolloutID?, sizes: [String: Int], atMost limit: Int? = nil
  ) throws(PortError) -> [AppliedObject] {
    let sizes = limit.map { limit in sizes.mapValues { min($0, limit) } } ?? sizes
    var objects: [AppliedObject] = []
    for manifest in environment.objects {
      objects.append(try AppliedObject(manifest, environment, rollout, sizes, limit))
    }
    return objects.enumerated().sorted { ($0.element.kind, $0.offset) < ($1.element.kind, $1.offset) }.map(\.element)
  }

  private init(
    _ manifest: Manifest, _ environment: Environment, _ rollout: RolloutID?, _ sizes: [String: Int], _ limit: Int?
  ) throws(PortError) {
    guard var json = try? JSON(parsing: manifest.bytes), let kind = EnvironmentKind(of: json) else {
      throw PortError(
        .invalid, attempted: "apply \(manifest.kind) \(manifest.name)", reason: "tagflip does not apply such objects",
        location: manifest.source)
    }
    if let rollout { json["metadata", "labels", Label.rollout] = .string(rollout.text) }
    var scaleTo: Int?
    if let rollout, let path = kind.templatePath {
      json[path: (path + ["metadata", "labels", Label.rollout])[...]] = .string(rollout.text)
    }
    let isHeld = json.runs == .whenActive
    switch kind {
    case .deployment where isHeld: json["spec", "replicas"] = 0
    case .cronJob:
      if isHeld { json["spec", "suspend"] = true }
      if let rollout { json["spec", "jobTemplate", "metadata", "labels", Label.rollout] = .string(rollout.text) }
    case .deployment:
      let name = environment.color.plainName(json.name)
      let isAutoscaled = environment.workloads.first { $0.name == name }?.autoscaled ?? false
      if isAutoscaled { scaleTo = sizes[name] } else if let size = sizes[name] { json["spec", "replicas"] = JSON(size) }
    case .horizontalPodAutoscaler:
      let deployment = environment.color.plainName(json["spec", "scaleTargetRef", "name"]?.string ?? "")
      if let pin = AutoscalerPin(json, size: sizes[deployment] ?? 0, belowTeams: limit != nil && sizes[deployment] != nil) {
        json["spec", "minReplicas"] = JSON(pin.minimum)
        json["metadata", "annotations", Label.minimum] = .string(String(pin.before))
      }
    case .configMap, .secret, .serviceAccount, .service, .podDisruptionBudget, .job: break
    }
    self.kind = kind
    self.json = json
    self.scaleTo = scaleTo
  }

  /// Whether both colors use it: it has no color, and is never deleted with one.
  var isShared: Bool { json.labels[Label.color] == nil }

  /// The object as it is applied over what this rollout made of it before: what was made larger since is not made smaller again. Equal
  /// values are owned together; another one would be a conflict with the bot's own `scale`.
  func grown(as there: JSON) -> JSON {
    var json = json
    // What is held at 0 until users come has no size to keep.
    guard json.runs == nil else { return json }
    let path = kind == .deployment ? ["spec", "replicas"] : kind == .horizontalPodAutoscaler ? ["spec", "minReplicas"] : []
    guard let first = path.first, let last = path.last, let own = json[first, last]?.int, let present = there[first, last]?.int,
      present > own
    else { return json }
    json[first, last] = JSON(present)
    return json
  }

  /// `Deployment shop/web-green`.
  var title: String { json.title(kind.resource.kind) }
}

/// How high a HorizontalPodAutoscaler's minimum is held, so that an idle color does not shrink below what it must be able to carry. Pure.
struct AutoscalerPin: Sendable, Hashable {
  /// The minimum while pinned.
  let minimum: Int
  /// The team's own minimum, to go back to.
  let before: Int

  /// The pin for a size; nil where the autoscaler is as it should be already. The team's own minimum stays the least, its maximum the most.
  /// - Parameter belowTeams: whether it may be less than the team's own minimum, since no user is on the color yet.
  init?(_ scaler: JSON, size: Int, belowTeams: Bool = false) {
    let present = scaler["spec", "minReplicas"]?.int ?? 1
    before = scaler.annotations[Label.minimum].flatMap { Int($0) } ?? present
    minimum = min(max(size, belowTeams ? 1 : before, 1), max(scaler["spec", "maxReplicas"]?.int ?? .max, 1))
    guard minimum != present else { return nil }
  }
}
