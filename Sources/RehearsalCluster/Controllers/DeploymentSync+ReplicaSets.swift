import KubernetesModel

// Making, naming, numbering and removing ReplicaSets.
extension DeploymentSync {
  /// The ReplicaSet of the present template, made if there is none; nil when that was refused.
  mutating func ensureNewest() -> ReplicaSetView? {
    if let newest {
      annotate(newest)
      return self.newest
    }
    let made = makeReplicaSet()
    do {
      let created = ReplicaSetView(object: try objects.create(.replicaSets, made, by: ManagerName.controllers))
      replicaSets.append(created)
      if created.wanted > 0 { noteScaling(created, from: 0) }
      note(created, reason: "NewReplicaSetCreated", message: "Created new replica set \"\(created.name)\"", renewing: true)
      return created
    } catch {
      failedToCreate(error)
      return nil
    }
  }

  private func makeReplicaSet() -> JSON {
    let collisions = deployment["status", "collisionCount"]?.int ?? 0
    let hash = FNV.safeText(FNV.hash32(spec.template.bytes + Array(String(collisions).utf8)))
    var template = spec.template
    template["metadata", "labels", ReplicaSetView.hashLabel] = .string(hash)
    var selector = deployment["spec", "selector"] ?? [:]
    selector["matchLabels", ReplicaSetView.hashLabel] = .string(hash)
    var replicaSet: JSON = [
      "apiVersion": "apps/v1", "kind": "ReplicaSet",
      "metadata": [
        "name": .string("\(name)-\(hash)"), "namespace": .string(deployment.namespaceText),
        "labels": template["metadata", "labels"] ?? [:], "annotations": JSON(annotations(revision: nextRevision)),
        "ownerReferences": [deployment.ownerReference()],
      ],
      "spec": ["replicas": .int(Int64(sizeOfNewest(now: 0))), "selector": selector, "template": template],
    ]
    if spec.minReadySeconds > 0 { replicaSet["spec", "minReadySeconds"] = .int(Int64(spec.minReadySeconds)) }
    return replicaSet
  }

  private mutating func failedToCreate(_ refusal: ObjectRefusal) {
    if refusal.reason == .alreadyExists {  // another template has the same hash: the next name is tried
      deployment["status", "collisionCount"] = .int(Int64((deployment["status", "collisionCount"]?.int ?? 0) + 1))
      return write(DeploymentConditions(of: deployment))
    }
    var conditions = DeploymentConditions(of: deployment)
    conditions.set("Progressing", "False", reason: "FailedCreate", message: refusal.message, at: now)
    write(conditions)
  }

  private var nextRevision: Int { (old.map(\.revision).max() ?? 0) + 1 }

  /// What a ReplicaSet inherits from the Deployment, with the numbers that say what it was scaled for.
  private func annotations(revision: Int) -> [String: String] {
    let inherited = deployment.annotations.filter { name, _ in
      name != "kubectl.kubernetes.io/last-applied-configuration" && !name.hasPrefix("deployment.kubernetes.io/")
        && name != "deprecated.deployment.rollback.to"
    }
    return inherited.merging(scaleAnnotations) { _, scale in scale }
      .merging([ReplicaSetView.revision: String(revision)]) { _, number in number }
  }

  var scaleAnnotations: [String: String] {
    [
      ReplicaSetView.desiredReplicas: String(spec.replicas), ReplicaSetView.maxReplicas: String(spec.replicas + spec.maxSurge),
    ]
  }

  /// Gives the ReplicaSet of the present template the highest revision, and the Deployment the same.
  mutating func annotate(_ replicaSet: ReplicaSetView) {
    var updated = replicaSet.object
    let revision = max(replicaSet.revision, nextRevision)
    var wanted = replicaSet.object.annotations.merging(annotations(revision: revision)) { _, new in new }
    if revision > replicaSet.revision, replicaSet.revision > 0 {
      let history = replicaSet.annotation(ReplicaSetView.revisionHistory).map { "\($0)," } ?? ""
      wanted[ReplicaSetView.revisionHistory] = history + String(replicaSet.revision)
    }
    updated["metadata", "annotations"] = JSON(wanted)
    updated["spec", "minReadySeconds"] = spec.minReadySeconds > 0 ? .int(Int64(spec.minReadySeconds)) : nil
    if updated != replicaSet.object, let written = try? objects.update(.replicaSets, updated, by: ManagerName.controllers) {
      replace(replicaSet, with: written)
    }
    let known = DeploymentConditions(of: deployment).condition("Progressing") != nil || spec.progressDeadline == nil
    guard deployment.annotations[ReplicaSetView.revision] != String(revision) || !known else { return }
    note(newest ?? replicaSet, reason: known ? nil : "FoundNewReplicaSet", message: "Found new replica set \"\(replicaSet.name)\"")
  }

  /// Writes the revision into the Deployment and, with a reason, that it progresses.
  private mutating func note(_ replicaSet: ReplicaSetView, reason: String?, message: String, renewing: Bool = false) {
    var conditions = DeploymentConditions(of: deployment)
    deployment["metadata", "annotations", ReplicaSetView.revision] = .string(String(replicaSet.revision))
    if let reason, spec.progressDeadline != nil {
      conditions.set("Progressing", "True", reason: reason, message: message, at: now, renewing: renewing)
    }
    write(conditions)
  }

  /// Sets a ReplicaSet's size; whether anything had to be changed.
  @discardableResult
  mutating func scale(_ replicaSet: ReplicaSetView, to size: Int) -> Bool {
    let changesSize = replicaSet.wanted != size
    let annotations = replicaSet.object.annotations.merging(scaleAnnotations) { _, new in new }
    guard changesSize || annotations != replicaSet.object.annotations else { return false }
    var scaled = replicaSet.object
    scaled["spec", "replicas"] = .int(Int64(size))
    scaled["metadata", "annotations"] = JSON(annotations)
    guard let written = try? objects.update(.replicaSets, scaled, by: ManagerName.controllers) else { return true }
    let before = replicaSet.wanted
    replace(replicaSet, with: written)
    if changesSize { noteScaling(ReplicaSetView(object: written), from: before) }
    return changesSize
  }

  private func noteScaling(_ replicaSet: ReplicaSetView, from before: Int) {
    let direction = replicaSet.wanted > before ? "up" : "down"
    let message = "Scaled \(direction) replica set \(replicaSet.name) from \(before) to \(replicaSet.wanted)"
    events.normal("ScalingReplicaSet", message, about: deployment, in: objects, at: now)
  }

  /// Removes ReplicaSets without pods that are older than the history wants.
  func cleanUp() {
    let idle = old.filter {
      $0.wanted == 0 && $0.actual == 0 && $0.object.generation <= $0.observedGeneration && !$0.object.isDeleting
    }
    let excess = max(0, old.count - spec.revisionHistoryLimit)
    for replicaSet in idle.sorted(by: { $0.revision < $1.revision }).prefix(excess) { objects.remove(.replicaSets, replicaSet.object) }
  }
}
