import ReleaseModel

// The new color comes up beside the live one.
extension RolloutWork {
  mutating func deploy(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let mark = try await begin(.deploy, "\(plan.to) at \(plan.tag.version)")
    let open = try open
    let planned: PlannedImages
    do throws(PortError) {
      let environment = try await renderedEnvironment(open)
      planned = PlannedImages(of: environment, parts: plan.imageParts)
      if let meter = open.doubling, meter.since == nil { try await note { $0.doubling?.start(at: mark.startedAt) } }
      if let event = try await runFirst(environment, plan, mark) { return event }
      try await ports.environments.apply(
        environment, rollout: open.id, sizes: open.sizes, atMost: plan.settings.previewReplicas, target: target)
    } catch  where error.isVerdictOnRelease {
      return try await fail(mark, error.description)
    }
    return try await waitUntilReady(plan, planned, mark)
  }

  /// - Parameter sizes: what the color must have besides being ready, where it was told to grow.
  mutating func waitUntilReady(
    _ plan: CutoverPlan, _ planned: PlannedImages, _ mark: StepMark, sizes: [String: Int] = [:]
  ) async throws(PortError) -> Rollout.Event {
    let rules = plan.settings
    // What ran before its pods were started has had a limit of its own.
    let start = ports.clock.elapsed
    let readyWithinMs = rules.deploy.readyWithinMs
    // Images that a registry has shown are there: what keeps pods from pulling them is not that they are still being built.
    let imagesWaitMs = plan.imageParts == nil ? rules.imagesWaitMs : readyWithinMs
    var patience = DeployPatience(readyWithinMs: readyWithinMs, imagesWaitMs: imagesWaitMs)
    var harm = HarmWatch(gate: rules.bake)
    var last = ""
    while true {
      let color = try await ports.colors.observe(plan.to, target: target)
      let waited = ports.clock.elapsed - start
      let report = planned.report(on: color)
      if case .other(let words) = report {
        return try await fail(mark, "the pods run something else than was planned: \(words)")
      }
      if color.isFullyReady && color.readyPods > 0 && report == .same && color.hasSizes(sizes) {
        let (images, requests, asked) = (color.images, color.requests, color.asked)
        // Pods that a color grew by ran from the step's beginning on.
        let at = sizes.isEmpty ? mark.startedAt + (ports.clock.elapsed - mark.start) : mark.startedAt
        try await end(mark, .passed, "\(color.readyPods) of \(color.desiredPods) pods ready") { open in
          open.images = images
          open.asked = asked
          open.doubling?.turn(to: requests, at: at)
        }
        return .done
      }
      if let reason = patience.verdict(on: color, waited: waited) { return try await fail(mark, report.missing(color) ?? reason) }
      let detail = report.missing(color) ?? color.progress
      if detail != last { tell(.deploy, detail) }
      last = detail
      if let event = try await guardLive(plan, &harm, mark) { return event }
      try await pause(waited < .seconds(10) ? .milliseconds(100) : .milliseconds(500))
      try await checkpoint()
    }
  }

  /// Looks at the Service and at what users are on while the new color is being built: neither may be harmed by it.
  mutating func guardLive(_ plan: CutoverPlan, _ harm: inout HarmWatch, _ mark: StepMark) async throws(PortError) -> Rollout.Event? {
    guard harm.isDue(at: ports.clock.elapsed) else { return nil }
    let standing = try await look()
    guard case .before = standing else {
      try await end(mark, .unknown, "the Service changed meanwhile")
      return .changed(standing)
    }
    guard plan.from != nil, !plan.settings.bake.checks.isEmpty else { return nil }
    let place = ProbePlace(role: .active, service: seen.address, port: plan.settings.port, rules: plan.settings.probes)
    let results = await ports.gates.check(plan.settings.bake.checks, at: place, within: .milliseconds(plan.settings.bake.intervalMs * 5))
    guard let reason = harm.judge(results) else { return nil }
    return try await fail(mark, "harmed the live environment: \(reason)", checks: results)
  }

  /// The new color's objects, with the digests of the committed plan whatever registries say by now: from this run's decision, or rendered once more from the tag's commit and compared with the plan.
  mutating func renderedEnvironment(_ open: OpenRollout) async throws(PortError) -> Environment {
    if let environment { return environment }
    let plan = open.plan
    let listing = try await ports.tags.listing()
    let tip = try listing.tip(installation.settings.repository, to: "render \(service) \(plan.tag.version)")
    _ = try await ports.tags.facts(of: plan.tag)
    let catalog = try await ports.plans.catalog(at: tip)
    var blueprint = try await ports.plans.blueprint(of: service, version: plan.tag.version, commit: plan.commit, catalog: catalog)
    // The plan that was committed counts, whatever the template says by now.
    blueprint.plan = plan.settings
    blueprint.pins = plan.pins
    let rendered = try ports.renderer.render(blueprint, color: plan.to)
    guard rendered.objects.map(\.digest) == plan.objects.map(\.digest) else {
      throw PortError(
        .invalid, attempted: "render \(service) \(plan.tag.version) once more",
        reason: "the objects differ from those of the committed plan",
        hint: "another version of tagflip or a rewritten repository renders them otherwise; push a new tag")
    }
    environment = rendered
    return rendered
  }
}

/// How long a color that is not ready yet is waited for, and what ends the wait at once.
struct DeployPatience: Sendable {
  let readyWithin: Duration
  let imagesWait: Duration
  /// How often in a row a problem that may pass by itself was seen.
  private var seen: [PodProblem.Kind: Int] = [:]

  init(readyWithinMs: Int, imagesWaitMs: Int) {
    readyWithin = .milliseconds(readyWithinMs)
    imagesWait = .milliseconds(imagesWaitMs)
  }

  /// Why the deploy has failed; nil while there is hope.
  mutating func verdict(on color: ColorObservation, waited: Duration) -> String? {
    let problems = color.problems
    for kind in Set(seen.keys).union(problems.map(\.kind)) {
      seen[kind] = problems.contains { $0.kind == kind } ? (seen[kind] ?? 0) + 1 : nil
    }
    for problem in problems {
      switch problem.kind {
      case .crashLoop, .deadline: return problem.words
      case .configuration, .notCreated: if (seen[problem.kind] ?? 0) >= 10 { return problem.words }
      case .imagePull: if waited >= imagesWait { return "\(problem.words); waited \(imagesWait.words) for it" }
      case .unschedulable: break
      }
    }
    // An image that is still being built stops the clock of the rest.
    let limit = problems.contains { $0.kind == .imagePull } ? max(imagesWait, readyWithin) : readyWithin
    guard waited >= limit else { return nil }
    let why = problems.first.map { ": \($0.words)" } ?? ""
    return "\(color.progress) after \(limit.words)\(why)"
  }
}

extension PodProblem {
  /// The problem in words: `web-green-7f…: back-off restarting failed container`.
  var words: String { "\(subject): \(reason)" }
}

extension ColorObservation {
  var progress: String {
    guard !workloads.isEmpty else { return "no Deployment is there yet" }
    let why = problems.first.map { " (\($0.words))" } ?? ""
    return "\(readyPods) of \(desiredPods) pods ready\(why)"
  }
}

extension PortError {
  /// Whether the API server, or we, refuse the content itself: another run would be refused alike.
  var isVerdictOnRelease: Bool {
    switch kind {
    case .invalid, .configuration, .forbidden, .notFound: true
    case .unreachable, .unknown, .unauthenticated, .conflict, .corrupt, .timedOut, .cancelled: false
    }
  }
}
