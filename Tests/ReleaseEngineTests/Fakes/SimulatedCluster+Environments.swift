import ReleaseEngine
import ReleaseModel
import Synchronization

extension SimulatedCluster: Environments {
  func apply(
    _ environment: Environment, rollout: RolloutID, sizes: [String: Int], atMost limit: Int?, target: ServiceTarget
  ) async throws(PortError) {
    let sizes = limit.map { limit in sizes.mapValues { min($0, limit) } } ?? sizes
    try await tap.pass("environments.apply") { [self] () throws(PortError) in
      rules.applies(rollout, service: target.service)
      let color = environment.color
      let version = environment.workloads.first?.images.first.flatMap { ImageReference($0)?.tag }.flatMap { Version($0) }
      if let error = state.withLock({ state in version.flatMap { state.scripts[$0]?.applyError } }) { throw error }
      if let held = self.color(color, of: target.service), held.rollout != rollout {
        // An object whose name nothing there has is created all the same.
        if tap.isLanding { edit { _ = $0.colors[target.service]?[color]?.strays.insert(rollout) } }
        throw PortError(.conflict, attempted: "apply \(color)", reason: "it already exists")
      }
      // What this rollout applied before is as it should be already.
      if self.color(color, of: target.service)?.rollout != rollout { rules.touches(color, active: service(target)) }
      edit { state in
        let isFirstPart = sizes.isEmpty
        if var held = state.colors[target.service]?[color] {
          guard held.desired.isEmpty, !isFirstPart else { return }
          // What runs first was applied before; the rest comes now.
          (held.desired, held.pinned, held.startedAt, held.objects) = (sizes, sizes, clock.elapsed, environment.objects.count)
          if environment.workloads.contains(where: { $0.runs == .whenActive }) { held.runner = RunnerState() }
          state.colors[target.service]?[color] = held
          return
        }
        var held = ColorState(
          rollout: rollout, version: version, desired: sizes, startedAt: clock.elapsed, objects: environment.objects.count,
          pinned: isFirstPart ? nil : sizes,
          images: Dictionary(environment.served.map { ($0.name, $0.containers) }) { first, _ in first },
          scaled: Set(environment.served.filter(\.autoscaled).map(\.name)))
        if environment.workloads.contains(where: { $0.runs == .beforeCutover }) { held.jobAt = clock.elapsed }
        if !isFirstPart, environment.workloads.contains(where: { $0.runs == .whenActive }) { held.runner = RunnerState() }
        state.colors[target.service, default: [:]][color] = held
      }
    }
  }

  func resize(_ color: Color, target: ServiceTarget, sizes: [String: Int], asOf fence: UInt64?) async throws(PortError) {
    let asRead = self.color(color, of: target.service)
    try await tap.pass("environments.resize") { [self] () throws(PortError) in
      // Each write carries the resourceVersion that was read.
      if tap.isLanding, self.color(color, of: target.service) != asRead { return }
      try demand(fence, target, "scale \(color)")
      let present = self.color(color, of: target.service)?.desired ?? [:]
      if sizes.contains(where: { name, size in size < present[name] ?? 0 }) { try demandUnused(color, target, "scale \(color) down") }
      edit { state in
        guard var held = state.colors[target.service]?[color] else { return }
        let isLess = sizes.contains { name, size in size < held.desired[name] ?? 0 }
        if isLess {
          rules.scalesDown(color, active: state.services[target.activeService])
          demandFollowed(color, held, target, state)
        }
        if held.desired.values.allSatisfy({ $0 == 0 }) {
          (held.startedAt, held.replaced, held.growth) = (clock.elapsed, [:], nil)
        } else if sizes.contains(where: { name, size in size > held.desired[name] ?? 0 }) {
          held.growth = Growth(from: held.desired, at: clock.elapsed)
        }
        held.desired.merge(sizes) { _, new in new }
        held.pinned = sizes
        state.colors[target.service]?[color] = held
      }
    }
  }

  func unpin(_ color: Color, target: ServiceTarget) async throws(PortError) {
    try await tap.pass("environments.unpin") { [self] in
      edit { $0.colors[target.service]?[color]?.pinned = nil }
    }
  }

  func discard(
    _ color: Color, sparing rollout: RolloutID?, target: ServiceTarget, asOf fence: UInt64?, within limit: Duration
  ) async throws(PortError) {
    let asRead = self.color(color, of: target.service)
    try await tap.pass(rollout == nil ? "environments.discard" : "environments.prune") { [self] () throws(PortError) in
      if tap.isLanding, self.color(color, of: target.service) != asRead { return }
      try demand(fence, target, "delete \(color)")
      guard rollout == nil else { return edit { $0.colors[target.service]?[color]?.strays = [] } }
      try demandUnused(color, target, "delete \(color)")
      rules.scalesDown(color, active: service(target))
      rules.discards(color, service: target.service)
      let isSlow = edit { state in
        guard state.slowDiscards > 0 else { return false }
        state.slowDiscards -= 1
        return true
      }
      if isSlow {
        clock.advance(limit)
        throw PortError(.timedOut, attempted: "delete \(color)", reason: "it is not gone yet")
      }
      edit { $0.colors[target.service]?[color] = nil }
    }
  }
}

extension SimulatedCluster {
  /// What users left stays until load balancers in front are known to have followed, or for five minutes.
  private func demandFollowed(_ color: Color, _ held: ColorState, _ target: ServiceTarget, _ state: State) {
    guard let object = state.services[target.activeService], case .color(let active) = object.selection,
      // What is waited for is counted from when the flip was decided, a moment before it.
      clock.elapsed - object.leftAt < .seconds(299), let other = state.colors[target.service]?[active]
    else { return }
    let isBalanced =
      !object.podBalancers.isEmpty || object.bindings?.isEmpty == false || observedGates(held, state) || observedGates(other, state)
    let healthy = placement(other, state, exposedAt: object.exposedAt).targetsHealthySince
    // That it sends to the new color says nothing of the old one before users left that.
    guard isBalanced, healthy.map({ $0 < ManualClock.epoch + object.leftAt }) ?? true else { return }
    rules.stopsTargets(color, rollout: held.rollout)
  }

  private func observedGates(_ held: ColorState, _ state: State) -> Bool {
    held.version.flatMap { state.scripts[$0]?.targetsFollowAfter } != nil
  }

  /// Who was held up changes nothing of what others have done since.
  func demand(_ fence: UInt64?, _ target: ServiceTarget, _ attempted: String) throws(PortError) {
    guard let fence, let present = service(target)?.marker.fence, present != fence else { return }
    throw PortError(.conflict, attempted: attempted, reason: "the fence is \(present), not \(fence)")
  }

  /// What users are on is never made smaller, whoever asks.
  private func demandUnused(_ color: Color, _ target: ServiceTarget, _ attempted: String) throws(PortError) {
    guard service(target)?.selection.mayReach(color) == true else { return }
    throw PortError(.conflict, attempted: attempted, reason: "the Service selects it")
  }
}

extension SimulatedCluster: StandbyPods {
  func replace(_ pod: PlacedPod, of color: Color, target: ServiceTarget, asOf fence: UInt64) async throws(PortError) {
    try await tap.pass("standbyPods.replace") { [self] () throws(PortError) in
      try demand(fence, target, "replace \(pod.name)")
      try demandUnused(color, target, "replace \(pod.name)")
      edit { state in
        guard let held = state.colors[target.service]?[color],
          placement(held, state, exposedAt: nil).pods.contains(where: { $0.uid == pod.uid })
        else { return }
        rules.touches(color, active: state.services[target.activeService])
        if held.desired.keys.contains(where: { starting($0, held, state) > 0 }) {
          rules.broke("promise 3: a second pod of \(color) was replaced before the first one's successor was ready")
        }
        state.colors[target.service]?[color]?.replaced[pod.name] = clock.elapsed
      }
    }
  }
}

extension SimulatedCluster {
  func hands(on deployment: String, target: ServiceTarget) async throws(PortError) -> ColorHoldings.Hands {
    try await tap.pass("colors.hands") { ColorHoldings.Hands(size: "kubectl") }
  }

  func holdings(of color: Color, planned: PlannedHoldings?, target: ServiceTarget) async throws(PortError) -> ColorHoldings {
    let observation = try await observe(color, target: target)
    return try await tap.pass("colors.holdings") { [self] in
      let held = self.color(color, of: target.service)
      let gone = (planned?.objects ?? []).filter { held?.gone.contains($0.name) ?? true }
      return ColorHoldings(
        observation: observation, gone: gone.map { "\($0.kind.split(separator: "/").last ?? "") \($0.name)" },
        strangers: (held?.strangers ?? []).map { "Pod \($0)" }, scaled: Set((held?.scaled ?? []).map { "\($0)-\(color)" }))
    }
  }
}

extension SimulatedCluster: ColorObserver {
  func observe(_ color: Color, target: ServiceTarget) async throws(PortError) -> ColorObservation {
    try await tap.pass("colors.observe") { [self] in
      state.withLock { state in
        guard let held = state.colors[target.service]?[color] else { return ColorObservation(color: color) }
        let pods = pods(held, state)
        let before = sizesBeforeGrowth(held, state)
        let growthProblem = before == nil ? nil : held.version.flatMap { state.scripts[$0]?.growthProblem }
        let workloads = held.desired.sorted { $0.key < $1.key }.map { name, desired in
          let problems =
            (pods.problem ?? growthProblem).map { [PodProblem(kind: $0, subject: "\(name)-\(color)-1", reason: $0.rawValue)] } ?? []
          let containers = pods.isReady && desired > 0 ? containers(name, held, state) : []
          return WorkloadObservation(
            name: name, desired: desired,
            ready: pods.isReady ? min(desired, before?[name] ?? desired) - starting(name, held, state) : 0, isSettled: true,
            containers: containers, asked: held.images[name] ?? [:],
            problems: desired > 0 ? problems : [], requests: SimulatedCluster.perPod * desired)
        }
        return ColorObservation(
          color: color, workloads: workloads, objects: held.objects, rollouts: Set([held.rollout].compactMap(\.self)).union(held.strays),
          strangers: held.strangers,
          targetGates: held.version.flatMap { state.scripts[$0]?.targetsFollowAfter } == nil ? [] : [SimulatedCluster.targetGate])
      }
    }
  }
}

extension SimulatedCluster {
  func placement(of color: Color, target: ServiceTarget) async throws(PortError) -> Placement {
    try await tap.pass("colors.placement") { [self] in
      state.withLock { state in
        let object = state.services[target.activeService]
        let exposedAt = object?.selection.mayReach(color) == true ? object?.exposedAt : nil
        return state.colors[target.service]?[color].map { placement($0, state, exposedAt: exposedAt) } ?? Placement()
      }
    }
  }

  func bindings(of target: ServiceTarget) async throws(PortError) -> [String] {
    let found = try await tap.pass("colors.bindings") { [self] in
      state.withLock { state in state.services[target.activeService].map(\.bindings) ?? [] }
    }
    guard let found else { throw PortError(.forbidden, attempted: "list TargetGroupBindings", reason: "the right to list them is missing") }
    return found
  }

  /// What containers say that they run, as a runtime spells it.
  private func containers(_ workload: String, _ held: ColorState, _ state: State) -> [ContainerImage] {
    let reports = held.version.flatMap { state.scripts[$0]?.reports }
    return (held.images[workload] ?? [:]).sorted { $0.key < $1.key }.map { name, image in
      ContainerImage(container: name, imageID: reports ?? ImageReference(image)?.digest.map { "registry.example/web@\($0)" } ?? "")
    }
  }
}

extension SimulatedCluster {
  /// What each pod asks for.
  static let perPod = ResourceRequests(milliCPU: 500, memoryBytes: 1 << 30)
}

extension SimulatedCluster: Rehearsals {
  func dryRun(
    _ environment: Environment, sizes: [String: Int], against live: Color?, target: ServiceTarget
  ) async throws(PortError) -> DryRun {
    try await tap.pass("rehearsals.dryRun") { [self] in DryRun(objections: edit { $0.objections }, difference: []) }
  }

  func headroom(
    for environment: Environment, sizes: [String: Int], target: ServiceTarget, reserved: [ServiceIndex.Reservation], fixedNodes: Bool
  ) async throws(PortError) -> HeadroomReport {
    try await tap.pass("rehearsals.headroom") { [self] in
      edit { $0.reserved = reserved }
      return HeadroomReport(
        shortages: edit { $0.shortages }, detail: "quota counted, nodes not checked", pods: sizes.values.reduce(0, +), milliCPU: 100,
        memoryBytes: 1 << 20, perPod: sizes.mapValues { _ in SimulatedCluster.perPod })
    }
  }
}
