import Digests
import ReleaseEngine
import ReleaseModel
import Synchronization

/// A whole world around the engine, in memory and from one seed: one service `web`, unless more are named, whose active Service selects `none`.
final class SimulatedWorld: Sendable {
  static let web = SimulatedWorld.name("web")

  let tap = PortTap()
  let clock: ManualClock
  let audit: SimulatedAudit
  let rules: WorldRules
  let cluster: SimulatedCluster
  let repository: SimulatedRepository
  /// Where images are looked up; nil where they are trusted.
  private let resolver = Mutex<SimulatedRegistry?>(nil)
  let gates: ScriptedGates
  let notifier: RecordingNotifier
  let narrator = RecordingNarrator()
  private let bits: SeededBits
  private let runs = Mutex(0)
  private let policy: Mutex<Settings>
  private let saboteur = Mutex<Sabotage?>(nil)

  /// The mistake that the engine makes in this world; nil where it makes none.
  var sabotage: Sabotage? {
    get { saboteur.withLock { $0 } }
    set { saboteur.withLock { $0 = newValue } }
  }

  var registry: SimulatedRegistry? {
    get { resolver.withLock { $0 } }
    set { resolver.withLock { $0 = newValue } }
  }

  init(seed: UInt64 = 1, services: [ServiceName] = [SimulatedWorld.web]) {
    clock = ManualClock(tap: tap)
    audit = SimulatedAudit(tap: tap)
    rules = WorldRules(audit: audit)
    cluster = SimulatedCluster(tap: tap, clock: clock, rules: rules)
    let targets = Dictionary(uniqueKeysWithValues: services.map { ($0, SimulatedWorld.target($0)) })
    let state = SimulatedRepository.State(services: services, standard: SimulatedWorld.plan(), target: targets)
    repository = SimulatedRepository(tap: tap, audit: audit, state: state)
    gates = ScriptedGates(cluster: cluster)
    notifier = RecordingNotifier(tap: tap)
    audit.recorded.withLock { [rules] in $0 = { record, isAllowed in rules.recorded(record, isAllowed) } }
    bits = SeededBits(seed: seed)
    policy = Mutex(SimulatedWorld.settings())
    cluster.edit { state in
      for target in targets.values { state.services[target.activeService] = SimulatedCluster.ServiceObject(selection: .nothing) }
    }
  }

  /// A world that is as another is now, and goes its own way from there.
  convenience init(copyOf other: SimulatedWorld) {
    self.init()
    clock.advance(other.clock.elapsed)
    bits.take(other.bits)
    runs.withLock { $0 = other.runs.withLock { $0 } }
    settings { $0 = other.policy.withLock { $0 } }
    cluster.edit { $0 = other.cluster.edit { $0 } }
    repository.take(other.repository)
    audit.take(other.audit)
    rules.take(other.rules)
  }

  /// The installation's seal on journals.
  static let seal = JournalSeal.key(Array("the installation's own key".utf8))

  // MARK: What there is

  static func name(_ text: String) -> ServiceName {
    guard let name = ServiceName(text) else { preconditionFailure("\(text) is no service name") }
    return name
  }

  static func version(_ text: String) -> Version {
    guard let version = Version(text) else { preconditionFailure("\(text) is no version") }
    return version
  }

  static func target(_ service: ServiceName = SimulatedWorld.web) -> ServiceTarget {
    ServiceTarget(
      service: service, cluster: "default", namespace: "shop", activeService: service.text, previewService: "\(service)-preview")
  }

  /// A plan whose gates are there and short: a bake of 3 s, looked at each second.
  static func plan(_ change: (inout ServicePlan) -> Void = { _ in }) -> ServicePlan {
    let check = HTTPCheck(path: "/healthz")
    var plan = ServicePlan(
      service: web, namespace: "shop", activeService: "web", previewService: "web-preview", imagesWaitMs: 60_000,
      deploy: DeployRules(readyWithinMs: 30_000), smoke: SmokeGate(checks: [check], withinMs: 10_000),
      bake: BakeGate(durationMs: 3000, intervalMs: 1000, checks: [check], minimumSamples: 2, consecutiveFailures: 2),
      standby: StandbyRules(warmMs: 60_000), rollback: RollbackRules(drainMs: 10_000))
    change(&plan)
    return plan
  }

  private static func settings() -> Settings {
    Settings(
      installation: "test", repository: RepositorySettings(url: "repo.git", cache: "cache"), audit: AuditSettings(),
      cluster: ClusterSettings(), stateNamespace: "tagflip", policy: Policy(trustsImages: true), floors: Floors(), freezes: [],
      notices: NoticeSettings(), runDeadlineMs: 900_000, text: [3])
  }

  var ports: Ports {
    let ports = Ports(
      tags: repository, plans: repository, audit: audit, operators: SimulatedOperators(), services: cluster, environments: cluster,
      colors: cluster, standbyPods: cluster, rehearsals: cluster, adopter: cluster, runners: cluster,
      renderer: repository, images: registry ?? TrustedImages() as any ImageResolver, state: cluster, seal: SimulatedWorld.seal,
      leases: cluster, identity: cluster, gates: gates, notifier: notifier,
      clock: clock,
      random: bits, narrator: narrator)
    return sabotage?.wrap(ports) ?? ports
  }

  /// Another process: it has a name of its own.
  func installation() -> Installation {
    let number = runs.withLock { number in
      number += 1
      return number
    }
    return Installation(ports: ports, settings: policy.withLock { $0 }, botVersion: "1.0.0", run: "run-\(number)")
  }

  func settings(_ change: (inout Settings) -> Void) { policy.withLock { change(&$0) } }

  // MARK: What happens

  /// One scheduled run.
  @discardableResult
  func run() async -> RunReport { await ReleaseRun(installation()).run() }

  /// Runs, each a minute and a bit after the other, until one has nothing to do; kills count once.
  /// - Parameter orKilled: whether a kill ends it.
  /// - Returns: whether it came to rest.
  func runUntilQuiet(atMost limit: Int = 12, orKilled: Bool = false) async -> Bool {
    for _ in 0..<limit {
      let report = await run()
      if orKilled && tap.isDead {
        clock.advance(.seconds(61))
        return false
      }
      tap.revive()
      if report.endedEarly { return true }
      clock.advance(.seconds(61))
    }
    return false
  }

  /// The first sight of the service, which notes and releases nothing.
  func begin() async { await run() }

  /// Brings a version live the ordinary way: tag, run, and a standby that went cold.
  func release(_ version: String) async {
    repository.push("web/v\(version)")
    await run()
    clock.advance(.seconds(61))
    await run()
    clock.advance(.seconds(61))
  }

  func script(_ version: String, _ change: (inout ReleaseScript) -> Void) {
    cluster.edit { change(&$0.scripts[SimulatedWorld.version(version), default: ReleaseScript()]) }
  }

  func planFor(_ version: String, _ change: (inout ServicePlan) -> Void) {
    repository.edit { $0.plans[SimulatedWorld.version(version)] = SimulatedWorld.plan(change) }
  }

  /// Gives versions a consumer that follows users, and a Job that runs first.
  func withRunners(_ versions: String..., change: @escaping (inout ServicePlan) -> Void = { _ in }) {
    for version in versions {
      planFor(version) { plan in
        plan.runs = [
          RunRule(kind: .deployment, name: "worker", runs: .whenActive, withinMs: 20_000),
          RunRule(kind: .job, name: "migrate", runs: .beforeCutover, withinMs: 20_000),
        ]
        change(&plan)
      }
    }
  }

  /// Whether a color's consumer runs; nil where the color has none.
  func isConsuming(_ color: Color) -> Bool? {
    cluster.color(color, of: SimulatedWorld.web)?.runner.map { $0.startedAt != nil }
  }

  /// Whether a version's checks begin to fail, or its pods to end, some time after users came.
  func goesBad(_ version: Version) -> Bool {
    let script = cluster.edit { $0.scripts[version] }
    return script?.degradesAfter != nil || script?.losesPodsAfter != nil
  }

  // MARK: What became of it

  var web: SimulatedCluster.ServiceObject {
    cluster.service(SimulatedWorld.target()) ?? SimulatedCluster.ServiceObject(selection: .uncolored)
  }

  func size(_ color: Color) -> Int {
    cluster.color(color, of: SimulatedWorld.web)?.desired.values.reduce(0, +) ?? 0
  }

  var records: [AuditRecord] { audit.records(of: SimulatedWorld.web) }

  /// The outcomes on record: `1.0.0 promoted`.
  var outcomes: [String] {
    records.filter { $0.event == .outcome }.map { "\($0.version?.text ?? "?") \($0.outcome?.rawValue ?? "?")" }
  }

  /// All records in short: `plan 1.0.0`.
  var history: [String] {
    records.map { record in
      let what = record.event == .outcome ? record.outcome?.rawValue ?? "?" : record.event.rawValue
      return [what, record.version?.text].compactMap(\.self).joined(separator: " ")
    }
  }

  var index: ServiceIndex? {
    cluster.edit { $0.documents[.index] }.flatMap { try? CanonicalJSON.value(ServiceIndex.self, from: $0.text.utf8) }
  }

  var journal: Journal? {
    cluster.edit { $0.documents[.journal(SimulatedWorld.web)] }.flatMap {
      try? CanonicalJSON.value(Journal.self, from: $0.text.journalLine.utf8)
    }
  }
}

extension String {
  /// A stored journal without its seal.
  var journalLine: String { split(separator: "\n").first.map(String.init) ?? "" }
}
