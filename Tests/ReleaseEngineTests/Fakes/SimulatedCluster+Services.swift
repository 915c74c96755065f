import ReleaseEngine
import ReleaseModel
import Synchronization

extension SimulatedCluster: ActiveServices {
  func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService {
    try await tap.pass("services.read") { [self] () throws(PortError) in try found(target) }
  }

  func change(
    _ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker
  ) async throws(PortError) -> ChangeResult {
    try await tap.pass("services.change") { [self] () throws(PortError) in
      let current = try found(target)
      let isAsSeen =
        current.uid == seen.uid && current.resourceVersion == seen.resourceVersion && current.selection == seen.selection
        && current.marker == seen.marker
      guard isAsSeen else { return .refused(current) }
      clock.advance(.milliseconds(4))
      edit { state in
        guard var object = state.services[target.activeService] else { return }
        object.version += 1
        object.marker = marker
        let before = state.services[target.activeService] ?? object
        if marker.adoption != before.marker.adoption { adopt(target.service, before.marker.adoption, marker.adoption, &state) }
        if let selector { flip(target.service, &object, selector, state) }
        rules.changed(before, object, standbyIsReady: standbyIsReady(object, state.colors[target.service] ?? [:], state))
        state.services[target.activeService] = object
      }
      return .applied(try found(target), patchMs: 4)
    }
  }

  private func flip(_ service: ServiceName, _ object: inout ServiceObject, _ selector: SelectorChange, _ state: State) {
    let before = object.selection
    object.manager = "tagflip"
    object.leftAt = clock.elapsed
    // Who reached both has been there already.
    if before != .both { object.exposedAt = clock.elapsed }
    switch selector {
    case .both: widen(service, &object, state)
    case .nothing:
      object.selection = .nothing
      if object.marker.rollout != nil { rules.broke("promise 1: a Service with a live rollout was pointed at nothing") }
    case .whole: object.selection = .uncolored
    case .color(let color):
      object.selection = .color(color)
      let held = state.colors[service]?[color]
      // Pods that end by themselves may do so between the last look and the flip: only whether they ever were ready can be asked for.
      let isReady =
        held.map { hasBeenReady($0, state) && sizesBeforeGrowth($0, state) == nil && $0.desired.values.contains { $0 > 0 } } ?? false
      // What was adopted served users before, and no rollout made it.
      if object.marker.adoption?.color == color {
        if !isReady { rules.broke("promise 1: users were sent to \(color), which was adopted and cannot serve") }
        return
      }
      if isReady, let held, !object.localPolicies.isEmpty, let left = SimulatedCluster.left(before, for: color),
        let nodes = state.colors[service]?[left].map({ placement($0, state, exposedAt: nil).nodes })
      {
        rules.leavesNodes(Set(nodes).subtracting(placement(held, state, exposedAt: nil).nodes).sorted(), color, rollout: held.rollout)
      }
      rules.exposes(color, rollout: held?.rollout, isReady: isReady)
    }
  }

  /// What users leave who are sent to a color alone.
  private static func left(_ before: Selection, for color: Color) -> Color? {
    switch before {
    case .color(let left): left == color ? nil : left
    case .both: color.other
    case .nothing, .uncolored, .foreign: nil
    }
  }

  /// Users reach both colors: the new one has passed what a flip asks of it, and both hold what one rollout each has made.
  private func widen(_ service: ServiceName, _ object: inout ServiceObject, _ state: State) {
    object.selection = .both
    guard let standby = object.marker.standby, let rollout = object.marker.rollout else {
      return rules.broke("promise 1: users reach both colors, and the marker names no standby")
    }
    for (color, owner) in [(standby.color, standby.rollout), (standby.color.other, rollout)] {
      let held = state.colors[service]?[color]
      if held?.rollout != owner || held?.strangers.isEmpty != true { rules.broke("promise 1: users reach \(color), which others made") }
    }
    let new = state.colors[service]?[standby.color.other]
    rules.overlaps(rollout, service: service)
    rules.exposes(standby.color.other, rollout: new?.rollout, isReady: new.map { hasBeenReady($0, state) } ?? false)
  }

  /// A Deployment begins or ceases to stand for a color.
  private func adopt(_ service: ServiceName, _ before: Adoption?, _ after: Adoption?, _ state: inout State) {
    if let color = before?.color, state.colors[service]?[color]?.rollout == nil { state.colors[service]?[color] = nil }
    guard let after, let size = state.inPlace else { return }
    state.colors[service, default: [:]][after.color] = ColorState(
      desired: [after.deployment: size], startedAt: .seconds(-3600), objects: 1, strangers: [after.deployment])
  }

  private func standbyIsReady(_ object: ServiceObject, _ colors: [Color: ColorState], _ state: State) -> Bool {
    guard let color = object.marker.standby?.color, let held = colors[color] else { return false }
    return pods(held, state).isReady && held.desired.values.contains { $0 > 0 }
  }

  func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport {
    try await tap.pass("services.traffic") { [self] in
      let count = state.withLock { state in
        let isStuck = state.trafficIsStuck && target.activeService != target.previewService
        let reached: Selection = colors.count == 1 ? .color(colors[0]) : .both
        guard !isStuck, state.services[target.activeService]?.selection == reached else { return 0 }
        return colors.reduce(0) { count, color in
          guard let held = state.colors[target.service]?[color], pods(held, state).isReady else { return count }
          return count + held.desired.values.reduce(0, +)
        }
      }
      let names = colors.map(\.rawValue).joined(separator: " and ")
      guard count > 0 else {
        clock.advance(max(limit, .milliseconds(10)))
        return TrafficReport(converged: false, endpoints: 0, detail: "the slices hold no ready pod of \(names)")
      }
      clock.advance(.milliseconds(12))
      return TrafficReport(converged: true, endpoints: count, detail: "\(count) of \(count) endpoints are \(names)'s")
    }
  }

  func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    try await tap.pass("services.preview") { [self] in
      edit { state in
        var object = state.services[target.previewService] ?? ServiceObject(uid: "uid-preview", selection: .nothing)
        object.selection = .color(color)
        object.version += 1
        state.services[target.previewService] = object
      }
      return address(target.previewService, target)
    }
  }

  private func found(_ target: ServiceTarget) throws(PortError) -> ActiveService {
    guard let object = service(target) else {
      throw PortError(.notFound, attempted: "read Service \(target.activeService)", reason: "there is none")
    }
    return ActiveService(
      uid: object.uid, resourceVersion: String(object.version), selection: object.selection, marker: object.marker,
      address: address(target.activeService, target), selectorManager: object.manager, isAnnotated: object.marker.fence > 0,
      objection: object.objection, localPolicies: object.localPolicies, podBalancers: object.podBalancers)
  }

  private func address(_ name: String, _ target: ServiceTarget) -> ServiceAddress {
    ServiceAddress(namespace: target.namespace, name: name, clusterIP: "10.0.0.1", ports: [.init(name: nil, number: 80)])
  }
}

extension SimulatedCluster: Adopter {
  func candidate(_ target: ServiceTarget) async throws(PortError) -> AdoptionCandidate {
    try await tap.pass("adopter.candidate") { [self] () throws(PortError) in
      var candidate = AdoptionCandidate(seen: try found(target))
      guard candidate.seen.selection == .uncolored, let size = edit({ $0.inPlace }) else {
        candidate.objections = ["it is blue-green already"]
        return candidate
      }
      candidate.adoption = Adoption(
        color: .blue, deployment: "web", uid: "uid-web", selector: ["app": "web"], narrowing: ["pod-template-hash": "57d9"])
      (candidate.pods, candidate.readyPods) = (size, size)
      return candidate
    }
  }
}
