import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Whether what a Service sends users to can stand for a color as it is. Pure.
struct AdoptionReading: Sendable {
  let target: ServiceTarget
  let service: JSON
  /// All pods of the namespace that the Service's selector matches.
  let pods: [JSON]
  let replicaSets: [JSON]
  let deployments: [JSON]
  let autoscalers: [JSON]

  /// The color that is given to what runs.
  static let color = Color.blue

  func candidate(_ seen: ActiveService) -> AdoptionCandidate {
    var candidate = AdoptionCandidate(seen: seen)
    candidate.objections = standing(seen) + occupants
    let live = pods.map(PodReading.init).filter(\.isLive)
    candidate.pods = live.count
    candidate.readyPods = live.count(where: \.isReady)
    guard candidate.objections.isEmpty else { return candidate }
    do throws(Objection) {
      let deployment = try only(live)
      let hash = try template(live, deployment)
      candidate.adoption = Adoption(
        color: Self.color, deployment: deployment.name, uid: deployment.uid ?? "", selector: seen.selector,
        narrowing: [Label.templateHash: hash])
      candidate.remarks = remarks(deployment)
    } catch {
      candidate.objections.append(error.words)
    }
    return candidate
  }

  private struct Objection: Error {
    let words: String

    init(_ words: String) { self.words = words }
  }

  /// What of the Service itself speaks against it.
  private func standing(_ seen: ActiveService) -> [String] {
    let name = "Service \(target.namespace)/\(target.activeService)"
    if let objection = seen.objection { return ["\(name) \(objection)"] }
    switch seen.selection {
    case .uncolored: return []
    case .color(let color) where seen.marker.adoption?.color == color: return ["\(name) was adopted before: its pods are \(color)"]
    case .both: return ["\(name) selects the pods of both colors, by \(Label.service): tagflip releases to it already"]
    case .color, .nothing, .foreign: return ["the selector of \(name) has the key \(Label.color): tagflip releases to it already"]
    }
  }

  /// What already has the labels of the color that is to be given away.
  private var occupants: [String] {
    let names = deployments.filter { $0.labels[Label.color] == Self.color.rawValue && $0.labels[Label.service] == target.service.text }
      .map(\.name).sorted()
    guard !names.isEmpty else { return [] }
    return [
      "there are Deployments of \(Self.color) already (\(names.joined(separator: ", "))): delete them, or release beside them as they are"
    ]
  }

  /// The one Deployment that all the pods belong to.
  private func only(_ live: [PodReading]) throws(Objection) -> JSON {
    guard !live.isEmpty else {
      throw Objection("it selects no pod: there is nothing to adopt; make it select \(Label.color): \(Marker.noColor)")
    }
    var owners: Set<String> = []
    for pod in live {
      guard let set = owner(of: pod.pod, "ReplicaSet", in: replicaSets), let deployment = owner(of: set, "Deployment", in: deployments)
      else {
        throw Objection("the pod \(pod.pod.name), which it selects, belongs to no Deployment")
      }
      owners.insert(deployment.name)
    }
    guard owners.count == 1, let deployment = deployments.first(where: { owners.contains($0.name) }) else {
      throw Objection(
        "it selects pods of \(owners.count) Deployments, of which only one can stand for a color: \(owners.sorted().joined(separator: ", "))"
      )
    }
    if let clash = Color.allCases.first(where: { deployment.name.hasSuffix("-\($0)") }) {
      throw Objection("the Deployment \(deployment.name) already has the name of an object of \(clash)")
    }
    // Its selector matches the pods of the next color too. Of two autoscalers that count the same pods neither scales any more (AmbiguousSelector).
    if let scaler = autoscalers.first(where: { $0["spec", "scaleTargetRef", "name"]?.string == deployment.name }) {
      throw Objection(
        "the HorizontalPodAutoscaler \(scaler.name) sizes the Deployment \(deployment.name), and would stop when a release brings its own; "
          + "delete it first, which changes no pod: kubectl -n \(target.namespace) delete hpa \(scaler.name)")
    }
    return deployment
  }

  /// The template hash that all its pods have: of pods of two templates half would be cut off.
  private func template(_ live: [PodReading], _ deployment: JSON) throws(Objection) -> String {
    let hashes = Set(live.compactMap(\.templateHash))
    let reading = DeploymentReading(deployment, pods: pods, replicaSets: replicaSets)
    guard hashes.count == 1, let hash = hashes.first, live.allSatisfy({ $0.templateHash != nil }) else {
      throw Objection("pods of \(hashes.count) templates of the Deployment \(deployment.name) are about: wait until it is rolled out")
    }
    guard reading.workload(Self.color).isSettled, deployment["spec", "paused"]?.bool != true else {
      throw Objection("the Deployment \(deployment.name) is not settled (rolling out, scaling, or paused): wait until it is")
    }
    guard live.contains(where: \.isReady) else {
      throw Objection("none of the \(live.count) pods of the Deployment \(deployment.name) is ready")
    }
    return hash
  }

  private func owner(of object: JSON, _ kind: String, in all: [JSON]) -> JSON? {
    let uids = Set(
      (object["metadata", "ownerReferences"]?.array ?? []).filter { $0["kind"]?.string == kind && $0["controller"]?.bool == true }
        .compactMap { $0["uid"]?.string })
    return all.first { uids.contains($0.uid ?? "") }
  }

  /// What whoever adopts should know.
  private func remarks(_ deployment: JSON) -> [String] {
    var found = [
      "until the first release the Deployment \(deployment.name) must not be changed: users would not reach pods of another template"
    ]
    for owner in ForeignOwner.all(of: deployment, writing: ["spec", "template"]) {
      found.append("\(owner.name) writes the Deployment \(deployment.name) and would change it under users: \(owner.remedy)")
    }
    return found
  }
}
