import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What lists of objects say about a color. Pure.
struct ColorReading: Sendable {
  let color: Color
  let service: ServiceName
  /// The Deployments of the color: those with its labels, and those made by hand whose pods the Service would select.
  var deployments: [JSON]
  /// Every pod of the namespace that carries the color, whichever service it belongs to.
  private(set) var pods: [JSON]
  var replicaSets: [JSON] = []
  /// Objects of other kinds, where they were asked for.
  var others: [JSON] = []
  /// The active Service's selector, its color replaced by this one; nil where it was not needed or there is no Service.
  var selector: LabelQuery?

  init(color: Color, service: ServiceName, deployments: [JSON], pods: [JSON]) {
    self.color = color
    self.service = service
    self.deployments = deployments
    self.pods = pods
  }

  /// Takes in the Deployment that stands for the color, whose pods carry no color's label.
  mutating func take(_ adopted: JSON, _ adoptedPods: [JSON]) {
    deployments = [adopted]
    pods = pods.filter { pod in !adoptedPods.contains { $0.uid == pod.uid } } + adoptedPods
  }

  /// Whether an object carries the service's label.
  func isOwn(_ object: JSON) -> Bool { object.labels[Label.service] == service.text }

  /// Pods that the Service would send users to, though nobody made them for it.
  private var foreign: [JSON] { pods.filter { !isOwn($0) && selector?.matches($0.labels) == true } }

  /// Pods of the color that the service does not own but may select: the selector must be asked.
  var hasForeignPods: Bool { pods.contains { !isOwn($0) } }

  /// Deployments made by hand whose pods the Service would select; a neighbour's are the neighbour's.
  func handMade(in all: [JSON]) -> [JSON] {
    all.filter { $0.labels[Label.service] == nil && selector?.matches(PodTemplate(of: $0).labels) == true }
  }

  var hasForeignSelected: Bool { !foreign.isEmpty }

  private var relevant: [JSON] { pods.filter(isOwn) + foreign }

  private var readings: [DeploymentReading] {
    deployments.map { DeploymentReading($0, pods: relevant, replicaSets: replicaSets) }
  }

  /// Whether ReplicaSets must be read to tell pods of several templates apart.
  var isMixed: Bool { readings.contains(where: \.isMixed) }

  var observation: ColorObservation {
    let carriers = deployments + relevant + others
    return ColorObservation(
      color: color, workloads: readings.filter { $0.deployment.runs == nil }.map { $0.workload(color) },
      apart: readings.filter { $0.deployment.runs != nil }.map { $0.workload(color) }, objects: deployments.count + others.count + orphans,
      rollouts: Set(carriers.compactMap(ColorReading.rollout)), strangers: strangers,
      targetGates: Set(relevant.flatMap { PodReading($0).targetGates.map(\.type) }))
  }

  /// Pods whose Deployment is gone: while they end, the color is not empty.
  private var orphans: Int {
    let claimed = Set(readings.flatMap(\.pods).map(\.pod.name))
    return relevant.filter { !claimed.contains($0.name) }.count
  }

  private var strangers: [String] {
    let others = (deployments + others).filter { ColorReading.rollout($0) == nil || !isOwn($0) }
    let strangers = relevant.filter { ColorReading.rollout($0) == nil || !isOwn($0) }
    return Set((others + strangers).map(\.name)).sorted()
  }

  /// Pods of it that no rollout made, or that belong to nobody here and would be selected all the same.
  var strangePods: [JSON] { relevant.filter { ColorReading.rollout($0) == nil || !isOwn($0) } }

  static func rollout(_ object: JSON) -> RolloutID? { object.labels[Label.rollout].flatMap { RolloutID($0) } }
}
