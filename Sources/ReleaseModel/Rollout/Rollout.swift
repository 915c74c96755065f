/// The rollout's state machine: told what happened, it says what to do next. A pure value; the engine acts.
///
/// It begins in ``State/found`` with whatever the world shows, so that a first attempt and a recovery are the same path. A foreign change
/// to the Service ends it from any state; nothing after exposure waits for anything but the standby.
package struct Rollout: ~Copyable {
  /// What the engine is to do; it answers with one ``Event``.
  package enum Action: Sendable, Hashable {
    /// Commit and push the cutover plan.
    case pushPlan
    /// Raise the fence; give up a standby whose color is needed.
    case takeOver
    /// Delete what the new color still holds of others.
    case clear
    /// Apply the new color and wait until it is ready.
    case deploy
    case smoke
    /// Bring a color that was built at preview size to the size that it needs, and wait until it is ready.
    case grow
    /// Re-check the new color and flip the Service.
    case flip
    /// Watch health while users reach both colors, then leave them the new one alone.
    case overlap
    /// Watch the EndpointSlices until they hold exactly the new color.
    case confirmTraffic
    case bake
    /// Decide the outcome by a conditional PATCH of the marker.
    case conclude(Verdict)
    /// Flip back to the standby; the same PATCH decides the outcome.
    case goBack(Verdict)
    /// Point a first release's Service at nothing again; the same PATCH decides the outcome.
    case withdraw(Verdict)
    /// Do what the outcome asks of the colors: drain and stop the bad one, release the good one.
    case tidy(Conclusion)
    /// Push the outcome's record and close journal and index.
    case record(Conclusion)
    /// The rollout is over.
    case finish(Conclusion)
    /// Somebody else works on it: stop without touching anything.
    case yield(String)
  }

  /// Why a rollout ends, before it is written down anywhere.
  package struct Verdict: Sendable, Hashable {
    package var outcome: Outcome
    package var reason: String
    package var exposed: Bool
    package var quarantines: Bool

    package init(_ outcome: Outcome, reason: String, exposed: Bool, quarantines: Bool? = nil) {
      self.outcome = outcome
      self.reason = reason
      self.exposed = exposed
      self.quarantines = quarantines ?? outcome.quarantinesByDefault
    }
  }

  package enum Event: Sendable, Hashable {
    /// The first look at the world in this run.
    case found(Standing, planPushed: Bool)
    /// The action that was asked for is done.
    case done
    /// The flip was the first half of a cutover that is not atomic: users reach both colors.
    case opened
    /// The step said no. `blameless` where the version is not the cause and must not be quarantined.
    case failed(reason: String, blameless: Bool)
    /// The world stopped being what the action needs.
    case changed(Standing)
    /// Going back is not possible: the standby cannot serve either, or there is none.
    case noWayBack(reason: String)
    /// The outcome is in the marker.
    case concluded(Conclusion)
  }

  private enum State {
    case found
    case announcing
    case takingOver
    case clearing
    case deploying
    case smoking
    case growing
    case flipping
    case overlapping
    case confirming
    case baking
    case concluding(Verdict)
    case goingBack(Verdict)
    case tidying(Conclusion)
    case recording(Conclusion)
    case ended
  }

  private var state: State
  private let isFirst: Bool
  /// Whether the color is built at preview size first.
  private let isStaged: Bool
  private let first: FirstRelease

  /// The machine of one announced rollout.
  package init(plan: CutoverPlan) {
    state = .found
    isFirst = plan.from == nil
    isStaged = plan.settings.previewReplicas != nil
    first = plan.settings.first
  }

  /// What to do next.
  ///
  /// An event that does not fit the state is a mistake of the engine's, never of the world's; it yields, so that nothing is done on it.
  package mutating func handle(_ event: Event) -> Action {
    switch event {
    case .changed(let standing): return turn(to: standing)
    case .concluded(let conclusion): return tidy(conclusion)
    case .found(let standing, let planPushed): return start(standing, planPushed: planPushed)
    case .done: return proceed()
    case .opened: return open()
    case .failed(let reason, let blameless): return fail(reason, blameless: blameless)
    case .noWayBack(let reason): return giveUp(reason)
    }
  }

  private mutating func start(_ standing: Standing, planPushed: Bool) -> Action {
    guard case .before = standing else { return turn(to: standing) }
    state = planPushed ? .takingOver : .announcing
    return planPushed ? .takeOver : .pushPlan
  }

  private mutating func open() -> Action {
    guard case .flipping = state else { return misfit("opened") }
    return move(to: .overlapping, .overlap)
  }

  /// The action after one that succeeded.
  private mutating func proceed() -> Action {
    switch state {
    case .announcing: return move(to: .takingOver, .takeOver)
    case .takingOver: return move(to: .clearing, .clear)
    case .clearing: return move(to: .deploying, .deploy)
    case .deploying: return move(to: .smoking, .smoke)
    case .smoking where isStaged: return move(to: .growing, .grow)
    case .smoking, .growing: return move(to: .flipping, .flip)
    case .flipping, .overlapping: return move(to: .confirming, .confirmTraffic)
    case .confirming: return move(to: .baking, .bake)
    case .baking: return conclude(Verdict(.promoted, reason: "healthy for the whole bake", exposed: true))
    case .tidying(let conclusion): return move(to: .recording(conclusion), .record(conclusion))
    case .recording(let conclusion): return move(to: .ended, .finish(conclusion))
    case .found, .concluding, .goingBack, .ended: return misfit("done")
    }
  }

  /// The action after a step that said no: before exposure the attempt ends, after it users go back.
  private mutating func fail(_ reason: String, blameless: Bool) -> Action {
    let quarantines: Bool? = blameless ? false : nil
    switch state {
    case .announcing, .takingOver, .clearing, .deploying, .smoking, .growing, .flipping:
      return conclude(Verdict(.failed, reason: reason, exposed: false, quarantines: quarantines))
    case .overlapping, .confirming, .baking:
      return goBack(Verdict(.rolledBack, reason: reason, exposed: true, quarantines: quarantines))
    case .found, .concluding, .goingBack, .tidying, .recording, .ended:
      return misfit("failed")
    }
  }

  private mutating func goBack(_ verdict: Verdict) -> Action {
    guard isFirst else { return move(to: .goingBack(verdict), .goBack(verdict)) }
    switch first {
    case .stay: return conclude(Verdict(.failedExposed, reason: verdict.reason, exposed: true, quarantines: verdict.quarantines))
    case .withdraw: return move(to: .goingBack(verdict), .withdraw(verdict))
    }
  }

  private mutating func giveUp(_ reason: String) -> Action {
    guard case .goingBack(let verdict) = state else { return misfit("noWayBack") }
    let reason = "\(verdict.reason); could not go back: \(reason)"
    return conclude(Verdict(.rollbackFailed, reason: reason, exposed: true, quarantines: verdict.quarantines))
  }

  /// What a look at the Service makes of the rollout, in whatever state it was.
  private mutating func turn(to standing: Standing) -> Action {
    switch standing {
    case .before: return move(to: .takingOver, .takeOver)
    case .overlapping: return move(to: .overlapping, .overlap)
    case .exposed: return move(to: .confirming, .confirmTraffic)
    case .concluded(let conclusion): return tidy(conclusion)
    case .returnedByForeignHand:
      return conclude(Verdict(.rolledBack, reason: "somebody pointed the Service back by hand", exposed: true))
    case .departed(let reason, let exposed): return conclude(Verdict(.aborted, reason: reason, exposed: exposed))
    case .overtaken(let fence): return move(to: .ended, .yield("another run raised the fence to \(fence)"))
    }
  }

  private mutating func conclude(_ verdict: Verdict) -> Action { move(to: .concluding(verdict), .conclude(verdict)) }

  private mutating func tidy(_ conclusion: Conclusion) -> Action { move(to: .tidying(conclusion), .tidy(conclusion)) }

  private mutating func misfit(_ event: String) -> Action {
    move(to: .ended, .yield("the engine reported \"\(event)\" where it does not fit; nothing was done"))
  }

  private mutating func move(to next: State, _ action: Action) -> Action {
    state = next
    return action
  }
}
