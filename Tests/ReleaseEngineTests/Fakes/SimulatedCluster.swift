import ReleaseEngine
import ReleaseModel
import Synchronization

/// A cluster with the real rules in so far as the engine can see them: conditional writes, a Lease with an end, pods that take their time.
///
/// Whatever is asked of it is held against ``WorldRules``; what breaks one is noted there and done all the same.
final class SimulatedCluster: Sendable {
  struct ServiceObject: Sendable {
    var uid = "uid-1"
    var version = 1
    var selection: Selection
    var marker = Marker()
    var manager: String? = "kubectl-create"
    /// When users came to what they are on, be it together with what they were on before.
    var exposedAt: Duration = .zero
    /// When they left what they were on before.
    var leftAt: Duration = .zero
    var objection: String?
    /// Its traffic policies that say `Local`.
    var localPolicies: [String] = []
    /// What speaks for load balancers that send to pods' own addresses.
    var podBalancers: [String] = []
    /// The same, by objects of their own; nil where they may not be listed.
    var bindings: [String]? = []
  }

  /// What acts without the Service in a color: a consumer, and a Job that runs first.
  struct RunnerState: Sendable, Equatable {
    /// When it was started last; nil while it is held.
    var startedAt: Duration?
    /// Until when its pods still act after it was held.
    var actsUntil = Duration.zero
    var handed: String?
    /// Raised by each write.
    var version = 1
  }

  struct ColorState: Sendable, Equatable {
    var rollout: RolloutID?
    var version: Version?
    var desired: [String: Int]
    var startedAt: Duration
    var objects: Int
    var strangers: [String] = []
    /// Rollouts that left something here by an apply that landed late.
    var strays: Set<RolloutID> = []
    /// When it was made larger last, and from what.
    var growth: Growth?
    /// What `resize` or `apply` pinned autoscalers to.
    var pinned: [String: Int]?
    /// Its consumer; nil where it has none.
    var runner: RunnerState?
    /// When the Job that runs first was applied; nil where there is none.
    var jobAt: Duration?
    /// When pods began that took another's place, by name.
    var replaced: [String: Duration] = [:]
    /// What its containers were told to run, by Deployment and container.
    var images: [String: [String: String]] = [:]
    /// The names of its objects that somebody deleted.
    var gone: Set<String> = []
    /// Its Deployments that an autoscaler sizes.
    var scaled: Set<String> = []
  }

  struct Growth: Sendable, Equatable {
    var from: [String: Int]
    var at: Duration
  }

  struct State: Sendable {
    var services: [String: ServiceObject] = [:]
    var colors: [ServiceName: [Color: ColorState]] = [:]
    var scripts: [Version: ReleaseScript] = [:]
    var documents: [StateDocument: StoredDocument] = [:]
    var writes = 0
    var leases: [ServiceName: (holder: String, until: Timestamp)] = [:]
    var shortages: [String] = []
    /// What others reserved, as the last look for room was told.
    var reserved: [ServiceIndex.Reservation] = []
    var objections: [String] = []
    /// How many calls of `discard` end before everything is gone.
    var slowDiscards = 0
    /// Whether the EndpointSlices of the active Service follow its selector.
    var trafficIsStuck = false
    /// The size of a Deployment `web` that served users before tagflip came; nil where there is none.
    var inPlace: Int?
  }

  let tap: PortTap
  let clock: ManualClock
  let rules: WorldRules
  let state = Mutex(State())

  init(tap: PortTap, clock: ManualClock, rules: WorldRules) {
    self.tap = tap
    self.clock = clock
    self.rules = rules
  }

  /// Changes the world by another hand than tagflip's.
  func edit<Value>(_ change: (inout State) -> Value) -> Value {
    state.withLock { change(&$0) }
  }

  func service(_ target: ServiceTarget) -> ServiceObject? { state.withLock { $0.services[target.activeService] } }

  func color(_ color: Color, of service: ServiceName) -> ColorState? { state.withLock { $0.colors[service]?[color] } }

  /// `kubectl edit service`: the selector is set, the marker stays.
  func pointByHand(_ target: ServiceTarget, to selection: Selection, manager: String = "kubectl-edit") {
    edit { state in
      state.services[target.activeService]?.selection = selection
      state.services[target.activeService]?.manager = manager
      state.services[target.activeService]?.version += 1
    }
  }

  /// Somebody touches a field of the Service that is nobody's business.
  func touch(_ target: ServiceTarget) { edit { $0.services[target.activeService]?.version += 1 } }

  /// The pods of a color at this instant: how many are ready and what is wrong.
  func pods(_ color: ColorState, _ state: State) -> (isReady: Bool, problem: PodProblem.Kind?) {
    let script = color.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    let age = clock.elapsed - color.startedAt
    if let problem = script.problem, problem.until.map({ age < $0 }) ?? true { return (false, problem.kind) }
    if let limit = script.losesPodsAfter, age >= limit { return (false, nil) }
    return (age >= script.startup, nil)
  }
}

extension SimulatedCluster {
  /// The pods of a color at this instant.
  func placement(_ color: ColorState, _ state: State, exposedAt: Duration?) -> Placement {
    let script = color.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    let isReady = pods(color, state).isReady
    let gates = script.targetsFollowAfter.map { after in
      let opened = exposedAt.map { $0 + after }.flatMap { $0 <= clock.elapsed ? ManualClock.epoch + $0 : nil }
      return [TargetGate(type: SimulatedCluster.targetGate, healthySince: opened)]
    }
    return Placement(
      pods: color.desired.sorted { $0.key < $1.key }.flatMap { name, size in
        (0..<size).map { number in
          let pod = "\(name)-\(number)"
          let began = color.replaced[pod] ?? color.startedAt
          return PlacedPod(
            name: pod, uid: "\(pod)@\(began)", createdAt: ManualClock.epoch + began, node: script.nodes[number % script.nodes.count],
            isReady: isReady && hasStarted(began, script) && !(script.successorsFail && color.replaced[pod] != nil),
            targetGates: gates ?? [])
        }
      })
  }

  /// Whether a pod that began then is up by now.
  private func hasStarted(_ began: Duration, _ script: ReleaseScript) -> Bool { clock.elapsed - began >= script.startup }

  /// How many of a Deployment's pods took another's place and are not up yet.
  func starting(_ workload: String, _ color: ColorState, _ state: State) -> Int {
    let script = color.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    return color.replaced.count { $0.key.hasPrefix("\(workload)-") && (script.successorsFail || !hasStarted($0.value, script)) }
  }

  static let targetGate = "target-health.elbv2.k8s.aws/web"

  /// What a color that is growing had before, by Deployment; nil once its new pods are ready.
  func sizesBeforeGrowth(_ color: ColorState, _ state: State) -> [String: Int]? {
    guard let growth = color.growth else { return nil }
    let script = color.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    return script.growthProblem != nil || clock.elapsed - growth.at < script.startup ? growth.from : nil
  }

  /// Whether a color's pods have been ready, be it that they ended since.
  func hasBeenReady(_ color: ColorState, _ state: State) -> Bool {
    let script = color.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    let age = clock.elapsed - color.startedAt
    if let problem = script.problem, problem.until.map({ age < $0 }) ?? true { return false }
    return age >= script.startup
  }
}

extension SimulatedCluster: ClusterIdentity {
  static let bot = "system:serviceaccount:tagflip:tagflip"

  func caller() async throws(PortError) -> String { try await tap.pass("identity.caller") { SimulatedCluster.bot } }

  func now() async throws(PortError) -> Timestamp { try await tap.pass("identity.now") { [self] in clock.time } }
}
