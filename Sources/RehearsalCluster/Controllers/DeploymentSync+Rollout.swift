import KubernetesModel

// Moving pods from old ReplicaSets to the newest. The arithmetic is kubernetes/pkg/controller/deployment's.
extension DeploymentSync {
  /// A rolling update: grow the new as far as the surge allows, shrink the old as far as availability allows.
  mutating func roll() {
    guard let newest = ensureNewest() else { return }
    let moved = scale(newest, to: sizeOfNewest(now: newest.wanted)) || shrinkOld()
    if !moved && isComplete(plainStatus()) { cleanUp() }
    writeStatus(rolloutStatus())
  }

  /// All old pods go before the first new one comes.
  mutating func recreate() {
    var moved = false
    for replicaSet in old.active { moved = scale(replicaSet, to: 0) || moved }
    guard !moved, old.allSatisfy({ $0.actual == 0 && $0.terminating == 0 }) else { return writeStatus(rolloutStatus()) }
    guard let newest = ensureNewest() else { return }
    scale(newest, to: spec.replicas)
    if isComplete(plainStatus()) { cleanUp() }
    writeStatus(rolloutStatus())
  }

  /// How large the newest ReplicaSet, of this size now, may be.
  func sizeOfNewest(now current: Int) -> Int {
    if spec.recreates || current >= spec.replicas { return spec.replicas }
    let room = spec.replicas + spec.maxSurge - replicaSets.wanted
    return room <= 0 ? current : current + min(room, spec.replicas - current)
  }

  /// Shrinks old ReplicaSets, those first whose pods serve nobody; whether it did.
  private mutating func shrinkOld() -> Bool {
    guard let newest, old.wanted > 0 else { return false }
    let needed = spec.replicas - spec.maxUnavailable
    let room = replicaSets.wanted - needed - (newest.wanted - newest.available)
    guard room > 0 else { return false }
    let unhealthy = shrink(old, by: room) { $0.wanted - $0.available }
    let spare = replicaSets.available - needed
    let healthy = spare > 0 ? shrink(old, by: spare) { $0.wanted } : 0
    return unhealthy + healthy > 0
  }

  /// Takes up to `count` pods in all from ReplicaSets, oldest first, and from each no more than it can spare; answers how many.
  private mutating func shrink(_ sets: [ReplicaSetView], by count: Int, sparing: (ReplicaSetView) -> Int) -> Int {
    var taken = 0
    for replicaSet in sets where replicaSet.wanted > 0 && taken < count {
      let share = min(count - taken, max(0, min(sparing(replicaSet), replicaSet.wanted)))
      guard share > 0 else { continue }
      scale(replicaSet, to: replicaSet.wanted - share)
      taken += share
    }
    return taken
  }

  /// Follows a change of the wanted number, also while paused: one ReplicaSet takes it all, several share it by size.
  mutating func scaleAll() {
    let active = replicaSets.active
    if active.count <= 1 {
      if let only = active.first ?? newest ?? replicaSets.last { scale(only, to: spec.replicas) }
      return
    }
    if let newest, newest.wanted == spec.replicas, newest.available == spec.replicas {
      for replicaSet in old.active { scale(replicaSet, to: 0) }
      return
    }
    guard !spec.recreates else { return }
    share(among: active)
  }

  private mutating func share(among active: [ReplicaSetView]) {
    let allowed = spec.replicas > 0 ? spec.replicas + spec.maxSurge : 0
    let toAdd = allowed - active.wanted
    let ordered = active.sorted { left, right in
      left.wanted != right.wanted ? left.wanted > right.wanted : ReplicaSetView.isOlder(left, right) == (toAdd < 0)
    }
    var added = 0
    var sizes = ordered.map { replicaSet in
      let rest = toAdd - added
      let fraction = proportion(of: replicaSet)
      let change = toAdd > 0 ? min(fraction, rest) : max(fraction, rest)
      added += change
      return replicaSet.wanted + change
    }
    if !sizes.isEmpty { sizes[0] = max(0, sizes[0] + toAdd - added) }
    for (replicaSet, size) in zip(ordered, sizes) { scale(replicaSet, to: size) }
  }

  /// How much a ReplicaSet would change if all kept their shares.
  private func proportion(of replicaSet: ReplicaSetView) -> Int {
    guard spec.replicas > 0 else { return -replicaSet.wanted }
    let before = replicaSet.annotation(ReplicaSetView.maxReplicas).flatMap { Int($0) } ?? deployment["status", "replicas"]?.int ?? 0
    guard before > 0 else { return 0 }
    let share = Double(replicaSet.wanted * (spec.replicas + spec.maxSurge)) / Double(before)
    return Int(share.rounded()) - replicaSet.wanted
  }
}
