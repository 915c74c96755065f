import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What one Deployment, with its pods, says about itself. Pure.
struct DeploymentReading: Sendable {
  let deployment: JSON
  /// The pods that its selector matches.
  let pods: [PodReading]
  /// The hash of the present pod template; nil where all its pods are of one template.
  let presentHash: String?

  /// - Parameters:
  ///   - pods: pods of the namespace, of which it takes its own.
  ///   - replicaSets: those of the namespace, needed where pods of several templates are about.
  init(_ deployment: JSON, pods: [JSON], replicaSets: [JSON]) {
    self.deployment = deployment
    let query = LabelQuery(deployment["spec", "selector"])
    self.pods = pods.filter { query?.matches($0.labels) ?? false }.map(PodReading.init)
    presentHash = DeploymentReading.presentHash(of: deployment, in: replicaSets)
  }

  /// The ReplicaSet of the Deployment's own revision has the present template (both carry the number, `kubectl rollout` reads it alike).
  private static func presentHash(of deployment: JSON, in replicaSets: [JSON]) -> String? {
    guard let present = deployment.annotations[Label.revision] else { return nil }
    let owned = replicaSets.first { set in
      let owners = set["metadata", "ownerReferences"]?.array ?? []
      return set.annotations[Label.revision] == present && owners.contains { $0["uid"]?.string == deployment.uid }
    }
    return owned?.labels[Label.templateHash]
  }

  /// Whether pods of more than one template are about, so that ReplicaSets must tell which is the present one.
  var isMixed: Bool { Set(pods.filter(\.isLive).compactMap(\.templateHash)).count > 1 }

  func workload(_ color: Color) -> WorkloadObservation {
    let live = pods.filter(\.isLive)
    let present = live.filter { presentHash == nil || $0.templateHash == presentHash }
    return WorkloadObservation(
      name: color.plainName(deployment.name), desired: desired, ready: present.filter(\.isReady).count,
      isSettled: isSeen && present.count == live.count && present.count == desired, isPaused: deployment["spec", "paused"]?.bool == true,
      restarts: present.reduce(0) { $0 + $1.restarts }, imageIDs: Set(present.flatMap(\.imageIDs)).sorted(),
      containers: containers(present), asked: asked, problems: problems(live),
      requests: live.reduce(.zero) { $0 + ResourceRequests(PodDemand(spec: $1.pod["spec"] ?? .null)) }, identity: identity)
  }

  /// What the containers that it names itself report; each answer once.
  private func containers(_ pods: [PodReading]) -> [ContainerImage] {
    let spec = deployment["spec", "template", "spec"] ?? .null
    let own = Set(PodTemplate.containerLists.flatMap { spec[$0]?.array ?? [] }.compactMap { $0["name"]?.string })
    return Set(pods.flatMap(\.containers).filter { own.contains($0.container) })
      .sorted { ($0.container, $0.imageID) < ($1.container, $1.imageID) }
  }

  /// What its template asks for.
  private var asked: [String: String] {
    let spec = deployment["spec", "template", "spec"] ?? .null
    let own = PodTemplate.containerLists.flatMap { spec[$0]?.array ?? [] }
    return Dictionary(own.map { ($0["name"]?.string ?? "", $0["image"]?.string ?? "") }) { first, _ in first }
  }

  private var identity: WorkloadObservation.Identity? {
    guard let uid = deployment.uid, let version = deployment["metadata", "resourceVersion"]?.string else { return nil }
    return WorkloadObservation.Identity(
      name: deployment.name, uid: uid, resourceVersion: version, revision: deployment.annotations[Label.revision])
  }

  private var desired: Int { deployment["spec", "replicas"]?.int ?? 1 }

  /// Whether the controller has seen the present spec and has every pod of the present template. Straight after a PATCH the counts still
  /// are those of the old spec: only the generation tells.
  private var isSeen: Bool {
    let status = deployment["status"] ?? .null
    return (status["observedGeneration"]?.int ?? 0) >= (deployment["metadata", "generation"]?.int ?? 0)
      && (status["updatedReplicas"]?.int ?? 0) == desired && (status["replicas"]?.int ?? 0) == desired
  }

  private func problems(_ live: [PodReading]) -> [PodProblem] {
    let ofPods = live.flatMap(\.problems)
    let own = (deployment["status", "conditions"]?.array ?? []).compactMap(problem)
    // An image that is still being built is waited for longer than a Deployment waits by itself.
    guard ofPods.contains(where: { $0.kind == .imagePull }) else { return own + ofPods }
    return own.filter { $0.kind != .deadline } + ofPods
  }

  private func problem(_ condition: JSON) -> PodProblem? {
    let words = PlainText.line(condition["message"]?.string ?? "", longest: 300)
    switch (condition["type"]?.string, condition["status"]?.string, condition["reason"]?.string) {
    case ("ReplicaFailure", "True", _): return PodProblem(kind: .notCreated, subject: deployment.name, reason: words)
    case ("Progressing", "False", "ProgressDeadlineExceeded"):
      return PodProblem(kind: .deadline, subject: deployment.name, reason: words)
    default: return nil
    }
  }
}
