import ReleaseModel

/// `connections: long`: after the flip the standby's pods are replaced one at a time, so that connections which stayed with them move to the
/// new color. It decides, the bake acts.
///
/// Invariants: a pod is replaced only while all others are ready, so that a way back stays; the first failure ends it for good. What was
/// replaced is told by when a pod began, so that whoever goes on after a kill replaces none twice.
struct ConnectionShift: Sendable {
  enum Action: Sendable, Hashable {
    /// Not all pods are ready: look again.
    case wait
    case replace(PlacedPod, left: Int)
    case end(ConnectionsMoved)
  }

  private let color: Color
  private let flippedAt: Timestamp
  /// How long one pod may take until its successor is ready, and how long all may take from the beginning.
  private let patience: Duration
  private let end: Duration
  /// Since when, by the local clock, the color has not been whole.
  private var waitingSince: Duration?
  private var last = ConnectionsMoved(replaced: 0, pods: 0)

  /// - Parameter start: by the local clock.
  /// - Parameter held: how long load balancers may still send to the color's pods.
  init(of color: Color, flippedAt: Timestamp, settings: ServicePlan, start: Duration, held: Duration = .zero) {
    self.color = color
    self.flippedAt = flippedAt
    patience = .milliseconds(settings.deploy.readyWithinMs)
    end = start + held + .milliseconds(settings.bake.durationMs + settings.connectionsMs)
  }

  /// What to do next.
  mutating func next(_ standby: ColorObservation, _ placement: Placement, at now: Duration) -> Action {
    let pods = placement.pods
    // Both are in whole seconds: one that began in the second of the flip may have been there before it.
    let old = pods.filter { pod in pod.createdAt.map { $0 <= flippedAt } ?? true }
    last = ConnectionsMoved(replaced: pods.count - old.count, pods: pods.count)
    guard !standby.rollouts.isEmpty else { return stop("tagflip did not make \(color)'s pods, and leaves them alone") }
    guard standby.isFullyReady, pods.allSatisfy(\.isReady) else { return lookAgain(standby.progress, at: now) }
    waitingSince = nil
    guard !pods.isEmpty else { return stop("\(color) has no pods") }
    guard let pod = old.min(by: { ($0.createdAt ?? flippedAt, $0.name) < ($1.createdAt ?? flippedAt, $1.name) }) else { return .end(last) }
    guard pods.count > 1 else { return stop("\(color) has one pod, and there would be nothing to go back to while its successor starts") }
    guard now < end else { return stop("it took too long: the bake and \(patience.words)") }
    return .replace(pod, left: old.count)
  }

  /// What to do where the color could not be read, or the delete got no answer.
  mutating func unknown(_ reason: String, at now: Duration) -> Action { lookAgain(reason, at: now) }

  /// What to do where the delete was refused for good.
  func stop(_ reason: String) -> Action {
    var moved = last
    moved.stopped = PlainText.line(reason, longest: 300)
    return .end(moved)
  }

  private mutating func lookAgain(_ why: String, at now: Duration) -> Action {
    let since = waitingSince ?? now
    waitingSince = since
    if now - since >= patience { return stop("\(color) was not whole again within \(patience.words): \(why)") }
    return now < end ? .wait : stop("it took too long: the bake and \(patience.words)")
  }
}

// Carried out one step in each round of the bake, so that health is watched all the while.
extension RolloutWork {
  /// Where established connections are still to be moved; nil where the plan does not ask for it, or it has ended.
  func connectionShift(_ plan: CutoverPlan) throws(PortError) -> ConnectionShift? {
    guard plan.settings.connections == .long, let from = plan.from, let cutover = try open.cutover, cutover.connections == nil else {
      return nil
    }
    let held = seen.marker.standby?.heldUntil.map { max(.zero, $0 - cutover.aloneAt) } ?? .zero
    return ConnectionShift(of: from, flippedAt: cutover.aloneAt, settings: plan.settings, start: ports.clock.elapsed, held: held)
  }

  /// What the plan asks for and nobody can do says so on record.
  mutating func noteUnmovedConnections(_ plan: CutoverPlan) async {
    guard plan.settings.connections == .long, plan.from != nil, (try? open.cutover) == nil else { return }
    let words = "established connections were not moved: the journal does not tell when the cutover was"
    await attemptNote { open in if !open.remarks.contains(words) { open.remarks.append(words) } }
  }

  /// Whether load balancers that send to pods' own addresses may still send to the standby's.
  private func isHeld(_ plan: CutoverPlan) async throws(PortError) -> Bool {
    guard let until = seen.marker.standby?.heldUntil, until > (try await now()), let flippedAt = try open.cutover?.aloneAt else {
      return false
    }
    let healthy = try await ports.colors.placement(of: plan.to, target: target).targetsHealthySince
    return healthy.map { $0 < flippedAt } ?? true
  }

  /// Goes on with it. That it fails is told, and costs nobody the release.
  mutating func moveConnections(_ shift: inout ConnectionShift?, _ plan: CutoverPlan) async {
    guard var current = shift, let from = plan.from else { return }
    // Unknown is no leave to stop a pod.
    if (try? await isHeld(plan)) != false { return }
    var action = await nextMove(&current, from)
    if case .replace(let pod, let left) = action {
      tell(.bake, "replacing \(pod.name) of \(from) so that its connections move, \(left) to go")
      action = await replace(pod, from, &current)
    }
    shift = current
    guard case .end(let moved) = action else { return }
    shift = nil
    await attemptNote { $0.cutover?.connections = moved }
    let words = "\(moved.replaced) of \(moved.pods) pods of \(from) were replaced so that established connections move"
    ports.narrator.tell(.remark(service, words + (moved.stopped.map { ", then it was given up: \($0)" } ?? "")))
  }

  private func nextMove(_ shift: inout ConnectionShift, _ from: Color) async -> ConnectionShift.Action {
    do throws(PortError) {
      let standby = try await ports.colors.observe(from, target: target)
      return shift.next(standby, try await ports.colors.placement(of: from, target: target), at: ports.clock.elapsed)
    } catch {
      return shift.unknown(error.reason, at: ports.clock.elapsed)
    }
  }

  private func replace(_ pod: PlacedPod, _ from: Color, _ shift: inout ConnectionShift) async -> ConnectionShift.Action {
    do throws(PortError) {
      try await ports.standbyPods.replace(pod, of: from, target: target, asOf: seen.marker.fence)
      return .wait
    } catch  where error.isVerdictOnRelease {
      return shift.stop(error.description)
    } catch {
      return shift.unknown(error.reason, at: ports.clock.elapsed)
    }
  }
}
