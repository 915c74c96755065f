package import ReleaseModel

/// One announced rollout in the hands of one run: it does what the state machine asks and tells it what came of it.
///
/// Invariants: the journal is written before and after each step, never instead of looking at the world; every change of the Service is
/// conditional on what was read last (``seen``) and raises the fence; a `PortError` that leaves it leaves the rollout open for the next run.
package struct RolloutWork: Sendable {
  let installation: Installation
  let target: ServiceTarget
  let deadline: Deadline
  /// What the API server says the caller is.
  let actor: String
  var lease: LeaseKeeper?
  var journal: JournalKeeper
  var seen: ActiveService
  /// The fence that this run raised last; nil before it has raised any.
  var fence: UInt64?
  /// The new color's objects, where this run has rendered them.
  var environment: Environment?
  /// When the flip's PATCH was sent, where this run sent it.
  var flipSent: Duration?

  /// How the work of one run on a rollout ended.
  package enum End: Sendable, Hashable {
    /// The outcome is decided; `recorded` tells whether it is in Git.
    case concluded(Conclusion, recorded: Bool)
    /// Somebody else works on it.
    case yielded(String)
    /// The run was told to stop; where it was left.
    case parked(String)
  }

  var ports: Ports { installation.ports }
  var service: ServiceName { target.service }

  /// The open rollout.
  /// - Throws: `conflict` where the journal has none any more: another run closed it.
  var open: OpenRollout {
    get throws(PortError) {
      guard let open = journal.journal?.open else { throw closed }
      return open
    }
  }

  /// Works until the rollout is over, or somebody else's.
  package mutating func run() async throws(PortError) -> End {
    do throws(PortError) {
      return try await work()
    } catch  where error.kind == .conflict {
      // Whoever ended it has told its outcome: a run that stood still meanwhile has failed at nothing.
      guard (try? await isEndedByOthers()) == true else { throw error }
      return .yielded("another run has ended the rollout meanwhile; what came of it: tagflip status \(service)")
    }
  }

  private mutating func work() async throws(PortError) -> End {
    let open = try open
    var machine = Rollout(plan: open.plan)
    var event = Rollout.Event.found(standing(of: open), planPushed: open.planCommit != nil)
    while true {
      let action = machine.handle(event)
      switch action {
      case .finish(let conclusion): return .concluded(conclusion, recorded: true)
      case .yield(let reason): return .yielded(reason)
      case .record(let conclusion):
        guard try await record(conclusion) else { return .concluded(conclusion, recorded: false) }
        event = .done
      case .pushPlan, .takeOver, .clear, .deploy, .smoke, .grow, .flip, .overlap, .confirmTraffic, .bake, .conclude, .goBack,
        .withdraw, .tidy:
        do throws(PortError) {
          event = try await patiently(action, of: open.plan)
        } catch  where error.kind == .cancelled && ports.clock.isStopping {
          return .parked(try parkedWords)
        }
      }
    }
  }

  /// Once users are on the new color, that nobody answers for a moment must not leave them there unwatched: the world is looked at again
  /// until the deadline, and the work goes on from what is found.
  private mutating func patiently(_ action: Rollout.Action, of plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    do throws(PortError) {
      return try await perform(action, of: plan)
    } catch  where error.isPassing && action.isExposing && !deadline.hasPassed(ports.clock) {
      ports.narrator.tell(.warning(service, error))
      try await pause(.milliseconds(500))
      let standing = try await persistentLook(until: deadline)
      // Nothing was exposed: the next run is soon enough.
      if case .before = standing { throw error }
      return .changed(standing)
    }
  }

  private mutating func perform(_ action: Rollout.Action, of plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    // Neither the run's deadline nor another run's Lease may hold up the way back.
    if !action.leadsBack { try await checkpoint() }
    switch action {
    case .pushPlan: return try await pushPlan()
    case .takeOver: return try await takeOver(plan)
    case .clear: return try await clear(plan)
    case .deploy: return try await deploy(plan)
    case .smoke: return try await smoke(plan)
    case .grow: return try await grow(plan)
    case .flip: return try await flip(plan)
    case .overlap: return try await overlap(plan)
    case .confirmTraffic: return try await confirmTraffic(plan)
    case .bake: return try await bake(plan)
    case .conclude(let verdict): return try await conclude(verdict)
    case .goBack(let verdict): return try await goBack(verdict, plan)
    case .withdraw(let verdict): return try await withdraw(verdict)
    case .tidy(let conclusion): return try await tidy(conclusion, plan)
    case .record, .finish, .yield: return .done
    }
  }

  /// Where a run that was told to stop leaves the rollout, and what that means.
  private var parkedWords: String {
    get throws(PortError) {
      let plan = try open.plan
      switch standing(of: try open) {
      case .before, .overtaken: return "told to stop; \(plan.tag.version) is not exposed yet, the next run goes on with it"
      case .overlapping:
        let watched = Duration.milliseconds(try open.cutover?.overlap?.watchedMs ?? 0).words
        return
          "told to stop; users reach both colors, of which \(plan.to) is \(plan.tag.version), after \(watched) of "
          + "\(Duration.milliseconds(plan.settings.overlapMs ?? 0).words), and nobody watches it until the next run goes on"
      case .exposed:
        let bake = Duration.milliseconds(plan.settings.bake.durationMs).words
        return
          "told to stop; users are on \(plan.tag.version) after \(Duration.milliseconds(try open.bakedMs).words) of its bake of \(bake), "
          + "and nobody watches it until the next run goes on"
      case .concluded(let conclusion):
        return "told to stop; decided: \(conclusion.outcome?.rawValue ?? ""), the next run tidies up and records it"
      case .returnedByForeignHand, .departed: return "told to stop; the Service was changed by hand, the next run writes that down"
      }
    }
  }

  /// Keeps the Lease, and ends the run at its deadline: what is left to do is left in a state that the next run goes on from.
  mutating func checkpoint() async throws(PortError) {
    guard !ports.clock.isStopping else { throw told }
    guard !deadline.hasPassed(ports.clock) else {
      throw PortError(
        .timedOut, attempted: "finish the rollout of \(service)", reason: "the run's deadline has passed",
        hint: "the next run goes on with it")
    }
    try await lease?.keep()
  }

  /// Waits, and ends when the run is told to stop.
  func pause(_ span: Duration) async throws(PortError) {
    do {
      try await ports.clock.sleep(for: span)
    } catch {
      throw told
    }
  }

  private var told: PortError {
    PortError(
      .cancelled, attempted: "finish the rollout of \(service)", reason: "the run was told to stop", hint: "the next run goes on with it")
  }
}

extension Rollout.Action {
  /// Whether it takes users back to where they were.
  fileprivate var leadsBack: Bool {
    switch self {
    case .goBack, .withdraw: true
    case .pushPlan, .takeOver, .clear, .deploy, .smoke, .grow, .flip, .overlap, .confirmTraffic, .bake, .conclude, .tidy, .record,
      .finish, .yield:
      false
    }
  }

  /// Whether users may be on the new color while it is carried out.
  fileprivate var isExposing: Bool {
    switch self {
    case .flip, .overlap, .confirmTraffic, .bake, .conclude, .goBack, .withdraw: true
    case .pushPlan, .takeOver, .clear, .deploy, .smoke, .grow, .tidy, .record, .finish, .yield: false
    }
  }
}
