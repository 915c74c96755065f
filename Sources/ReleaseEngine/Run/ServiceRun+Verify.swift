package import Digests
package import ReleaseModel

/// A tag that may be released, with all that its rollout needs.
package struct Verified: Sendable {
  @Indirect package var plan: CutoverPlan
  package var digest: Digest
  @Indirect package var facts: TagFacts
  package var environment: Environment
  package var sizes: [String: Int]
  package var replicas: [String: Int]
  package var room: HeadroomReport?
  package var dryRun: DryRun
  package var steps: [StepRecord]
  /// The digest of the override's record by which it begins although a freeze holds.
  package var override: String?

  /// The longest the rollout may take, in milliseconds, waiting for images apart.
  var limitsMs: Int {
    let rules = plan.settings
    // Whether a load balancer is to be waited for before connections are moved is seen only before the flip.
    let balancers = rules.connections == .long ? PodBalancers.patience.milliseconds : 0
    return rules.beforeCutoverMs + rules.deploy.readyWithinMs * rules.deployWaits + rules.smoke.withinMs + rules.exposedMs + balancers
      + 120_000
  }
}

/// What became of a tag before anything was announced.
package enum Verification: Sendable {
  case verified(Verified)
  /// For good: the tag itself is wrong.
  case refused(String, TagJudgement?)
  /// For now: the world is not ready for it.
  case waiting(ServiceIndex.Wait.Kind, String, until: Timestamp?)
}

// Everything that can be said of a tag before the first change.
extension ServiceRun {
  /// Verifies a tag, looks for room, renders and dry-runs it.
  /// - Throws: what is wrong with the world or the installation; the tag stays undecided.
  func verify(_ tag: ReleaseTag, _ candidate: Candidate, _ catalog: Catalog) async throws(PortError) -> Verification {
    let start = ports.clock.elapsed
    let now = try await ports.identity.now()
    ports.narrator.tell(.stepStarted(service, .verify, detail: tag.name))
    let (from, to) = try await colors(candidate.seen, to: "release \(tag.name)")
    if let wait = standbyWait(candidate.seen, to, now) { return wait }
    var override: String?
    if let freeze = installation.settings.freezes.first(where: { $0.holds(for: service, at: now) }) {
      override = try await self.override(for: tag, candidate)
      if override == nil { return .waiting(.freeze, "frozen: \(freeze.reason)", until: freeze.until) }
    }
    var facts: TagFacts
    do throws(PortError) {
      facts = try await ports.tags.facts(of: tag)
    } catch  where error.kind == .invalid || error.kind == .notFound {
      return .refused(error.reason, nil)
    }
    if let rule = installation.settings.tagRule(for: service) {
      switch try await ports.tags.judge(facts, by: rule, at: now) {
      case .accepted(let signature, let judgement): (facts.signature, facts.judgement) = (signature, judgement)
      case .refused(let reason, let judgement): return .refused(reason, judgement)
      }
    }
    var blueprint: Blueprint
    var environment: Environment
    do throws(PortError) {
      blueprint = try await ports.plans.blueprint(of: service, version: tag.version, commit: facts.commit, catalog: catalog)
      environment = try ports.renderer.render(blueprint, color: to)
    } catch  where error.isFaultOfTag(service) {
      return .refused(error.description, facts.judgement)
    }
    // Whether prereleases are candidates is what the highest one's plan says, which anybody may have tagged; each is released by its own alone.
    if tag.version.isPrerelease, !blueprint.plan.prereleases, candidate.attempt == CutoverPlan.firstAttempt {
      return .refused("\(tag.version) is a prerelease and its plan does not say prereleases: true", facts.judgement)
    }
    if case .replace = blueprint.plan.standby.whenWarm {} else if let wait = warmWait(candidate.seen, to, now) { return wait }
    var imageParts: [String: [Digest]]?
    switch try await images(of: environment, blueprint.plan, tag, candidate.attempt, at: now) {
    case .asNamed: break
    case .resolved(let pins, let parts):
      blueprint.pins = pins
      environment = try ports.renderer.render(blueprint, color: to)
      imageParts = parts
    case .refused(let reason): return .refused(reason, facts.judgement)
    case .waiting(let reason, let until): return .waiting(.image, reason, until: until)
    }
    let plan = CutoverPlan(
      installation: installation.settings.installation, cluster: target.cluster, tag: tag, commit: facts.commit, from: from,
      fromVersion: candidate.seen.marker.version, to: to, attempt: candidate.attempt, environment: environment, imageParts: imageParts,
      settings: blueprint.plan, sources: blueprint.sources)
    let verify = StepRecord(
      step: .verify, startedAt: now, ms: (ports.clock.elapsed - start).milliseconds, result: .passed,
      detail: facts.kind
        + (imageParts == nil ? "" : ", \(plan.images.count == 1 ? "its image is" : "its \(plan.images.count) images are") there"))
    ports.narrator.tell(.stepEnded(service, verify))
    let result = try await rehearse(plan, facts, environment, verify, from)
    guard case .verified(var verified) = result else { return result }
    verified.override = override
    return .verified(verified)
  }

  /// Room, dry run and digest.
  private func rehearse(
    _ plan: CutoverPlan, _ facts: TagFacts, _ environment: Environment, _ verify: StepRecord, _ from: Color?
  ) async throws(PortError) -> Verification {
    let journal = try await JournalKeeper(of: service, in: ports.journals).readable()
    let sizes = try await sizes(environment, from: from, live: journal?.live)
    let start = ports.clock.elapsed
    let startedAt = try await ports.identity.now()
    let room = try await headroom(plan, environment, sizes)
    if let room, !room.shortages.isEmpty, plan.settings.headroom == .require {
      return .waiting(.room, "no room for a second environment: \(room.shortages.joined(separator: "; "))", until: nil)
    }
    let step = StepRecord(
      step: .headroom, startedAt: startedAt, ms: (ports.clock.elapsed - start).milliseconds,
      result: room == nil ? .skipped : room?.shortages.isEmpty == true ? .passed : .unknown,
      detail: room.map { PlainText.line($0.words, longest: 1000) } ?? "headroom: off")
    ports.narrator.tell(.stepEnded(service, step))
    let dryRun = try await ports.rehearsals.dryRun(environment, sizes: sizes, against: from, target: target)
    if let objection = dryRun.objections.first {
      let more = dryRun.objections.count > 1 ? " (and \(dryRun.objections.count - 1) more)" : ""
      return .refused("the API server would refuse it: \(objection)\(more)", facts.judgement)
    }
    let verified = Verified(
      plan: plan, digest: try digest(plan), facts: facts, environment: environment, sizes: sizes,
      replicas: environment.replicas, room: room, dryRun: dryRun, steps: [verify, step])
    let left = deadline.left(ports.clock).milliseconds
    guard verified.limitsMs <= left else {
      throw PortError(
        .configuration, attempted: "release \(service) \(plan.tag.version)",
        reason:
          "its limits (\(Duration.milliseconds(verified.limitsMs).words)) exceed what is left of the run's deadline (\(Duration.milliseconds(left).words))",
        hint: "raise run.deadline in the settings, or shorten deploy.readyWithin, smoke.within, bake.duration or runs in the plan")
    }
    return .verified(verified)
  }

  /// The record of an override that lets a tag begin although a freeze holds; nil where none counts.
  private func override(for tag: ReleaseTag, _ candidate: Candidate) async throws(PortError) -> String? {
    for wish in candidate.ledger.overrides where wish.tag == tag {
      guard let objection = try await OperatorDesk(installation: installation).objection(to: wish, as: .override) else {
        return wish.record.description
      }
      ports.narrator.tell(.remark(service, "an override for \(tag.name) does not count: \(objection)"))
    }
    return nil
  }

  private func digest(_ plan: CutoverPlan) throws(PortError) -> Digest {
    do {
      return try plan.digest
    } catch {
      throw PortError(.invalid, attempted: "write down the cutover plan of \(service)", reason: "\(error)")
    }
  }

  func headroom(_ plan: CutoverPlan, _ environment: Environment, _ sizes: [String: Int]) async throws(PortError) -> HeadroomReport? {
    guard plan.settings.headroom != .off else { return nil }
    let reserved = try await IndexKeeper(ports).load().reservations
    let now = try await ports.identity.now()
    // Room is demanded for the full size all the same: what fits only at preview size would fail after all the work.
    var report = try await ports.rehearsals.headroom(
      for: environment, sizes: sizes, target: target,
      reserved: reserved.filter { $0.cluster == target.cluster && $0.expires > now },
      fixedNodes: installation.settings.cluster.fixedNodes)
    if plan.settings.previewReplicas != nil {
      report.detail += "; \(plan.settings.previewSizes(sizes).values.reduce(0, +)) of the pods until smoke has passed"
    }
    return report
  }

  /// The color that users are on and the one to build.
  /// - Throws: `configuration` where the Service is not one that can be released to; `conflict` where another hand has moved users.
  package func colors(_ seen: ActiveService, to attempted: String) async throws(PortError) -> (from: Color?, to: Color) {
    let name = "\(target.namespace)/\(target.activeService)"
    if let objection = seen.objection {
      throw PortError(.configuration, attempted: attempted, reason: "Service \(name) \(objection)")
    }
    if let open = try await overlapping(seen) {
      throw PortError(
        .conflict, attempted: attempted, reason: "users reach both colors while \(open.plan.tag.version) takes over",
        hint: "wait for its outcome: tagflip status \(service)")
    }
    // What a hand did is told before what its selector looks like.
    try await demandUnmoved(seen, to: attempted)
    switch seen.selection {
    case .color(let color): return (color, color.other)
    case .nothing: return (nil, .blue)
    case .uncolored:
      throw PortError(
        .configuration, attempted: attempted, reason: "the selector of Service \(name) lacks the key \(Marker.colorLabel)",
        hint:
          "let what it selects stand for blue: tagflip adopt \(service) --dry-run; or leave it as it is, and make a second one: \(createLine)"
      )
    case .both:
      throw PortError(
        .conflict, attempted: attempted, reason: "Service \(name) reaches both colors, and nothing tells which one users should be on",
        hint: "set \(Marker.colorLabel) to blue, green or none: kubectl -n \(target.namespace) edit service \(target.activeService)")
    case .foreign(let value):
      throw PortError(
        .configuration, attempted: attempted,
        reason: "Service \(name) selects \(Marker.colorLabel): \(PlainText.line(value, longest: 63)), which is no color",
        hint: "set it to blue, green or none: kubectl -n \(target.namespace) edit service \(target.activeService)")
    }
  }

  /// The open rollout in whose overlap users reach both colors; nil where none is, so that another hand let them.
  package func overlapping(_ seen: ActiveService) async throws(PortError) -> OpenRollout? {
    guard seen.selection == .both, let open = try await JournalKeeper(of: service, in: ports.journals).readable()?.open else { return nil }
    return Standing(of: open, selection: seen.selection, marker: seen.marker, fence: nil) == .overlapping ? open : nil
  }

  /// The line that makes an active Service for a first release.
  var createLine: String {
    "kubectl -n \(target.namespace) create service clusterip \(target.activeService) --tcp=80:8080 --dry-run=client -o json | "
      + "jq '.spec.selector={\"app\":\"\(target.activeService)\",\"\(Marker.colorLabel)\":\"\(Marker.noColor)\"}' | kubectl create -f -"
  }

  /// A rollback to a cold standby that is under way has the color for itself, and so have load balancers that may still send to its pods.
  private func standbyWait(_ seen: ActiveService, _ to: Color, _ now: Timestamp) -> Verification? {
    guard let standby = seen.marker.standby, standby.color == to else { return nil }
    if standby.temperature == .warm, let held = standby.heldUntil, held > now {
      return .waiting(.standby, "a load balancer may still send to \(standby.color)'s pods", until: max(held, standby.warmUntil ?? held))
    }
    guard standby.temperature == .warming else { return nil }
    return .waiting(.standby, "a rollback to \(standby.color) is under way", until: standby.warmUntil)
  }

  private func warmWait(_ seen: ActiveService, _ to: Color, _ now: Timestamp) -> Verification? {
    guard let standby = seen.marker.standby, standby.color == to, standby.temperature == .warm, let until = standby.warmUntil, until > now
    else { return nil }
    let version = standby.version.map { " \($0)" } ?? ""
    return .waiting(
      .standby, "\(standby.color)\(version) is kept warm for a rollback (end it early: tagflip retire \(service))", until: until)
  }

  /// How large the new color is made: what this release changes counts, else what runs now.
  func sizes(_ environment: Environment, from: Color?, live: LiveRelease?) async throws(PortError) -> [String: Int] {
    var present: [String: Int] = [:]
    if let from { present = try await ports.colors.observe(from, target: target).sizes }
    // One on each side are the same workload whatever they are called: who adopted `web` may release it as `shop-web` from then on.
    if live == nil, present.count == 1, environment.served.count == 1, let size = present.first?.value {
      present = [environment.served[0].name: size]
    }
    var sizes: [String: Int] = [:]
    for workload in environment.served {
      let running = present[workload.name].flatMap { $0 > 0 ? $0 : nil }
      let changed = workload.changesReplicas(since: live)
      if live == nil, let running {
        // What was live before tagflip came is no release that this one could have made smaller on purpose.
        sizes[workload.name] = max(running, workload.replicas ?? running)
      } else if workload.autoscaled || !changed {
        sizes[workload.name] = running ?? workload.replicas ?? 1
      } else {
        sizes[workload.name] = workload.replicas ?? running ?? 1
      }
    }
    return sizes
  }
}

extension Workload {
  /// Whether this release asks for another size than the one before. A journal that was built anew does not know what that one asked for:
  /// then the present size counts.
  fileprivate func changesReplicas(since live: LiveRelease?) -> Bool {
    guard let replicas else { return false }
    guard let live else { return true }
    return live.replicas.map { replicas != $0[name] } ?? false
  }
}

extension Environment {
  /// The manifests' replicas by Deployment.
  var replicas: [String: Int] {
    Dictionary(served.compactMap { workload in workload.replicas.map { (workload.name, $0) } }) { first, _ in first }
  }
}

extension PortError {
  /// Whether the files at the tag's commit are to blame, and not the template, the catalog or the settings: a new tag is needed.
  func isFaultOfTag(_ service: ServiceName) -> Bool {
    guard kind == .configuration || kind == .invalid else { return false }
    return location.map { $0.file.hasPrefix("services/\(service)/") } ?? true
  }
}

extension TagFacts {
  /// What kind of tag it is, for the step's line.
  fileprivate var kind: String {
    if let signature { return "tag \(tag.name), signed by \(PlainText.line(signature.signer, longest: 100))" }
    return "\(isAnnotated ? "annotated" : "lightweight") tag \(tag.name)"
  }
}
