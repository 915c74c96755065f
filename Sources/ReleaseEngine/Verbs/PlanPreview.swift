import Digests
package import ReleaseModel

/// `tagflip plan`: what the release of a version would do, rendered, checked and dry-run as the release would, with nothing changed.
package struct PlanPreview: Sendable {
  private let installation: Installation
  private let service: ServiceName
  private let version: Version

  package init(_ installation: Installation, service: ServiceName, version: Version) {
    self.installation = installation
    self.service = service
    self.version = version
  }

  /// What would happen, and what could not be checked.
  package struct Report: Sendable {
    package var plan: CutoverPlan
    package var environment: Environment
    package var sizes: [String: Int]
    package var headroom: HeadroomReport?
    /// The most that two colors would cost; nil where that is not known, or nothing doubles.
    package var doubling: DoublingCost? { headroom?.forecast(of: plan, sizes: sizes) }
    package var dryRun: DryRun?
    /// Why the release would not start, or not succeed.
    package var objections: [String]
    /// What was not looked at, and why.
    package var unchecked: [String]
    /// What the release would wait for.
    package var waits: [String] = []
    /// What people must know of it before.
    package var remarks: [String] = []
  }

  /// - Parameters:
  ///   - tag: the tag, or one that does not exist yet, with the commit that it would name.
  ///   - catalog: what the protected branch, or the folder, says is released.
  ///   - clusterReachable: whether the cluster is to be asked.
  package func run(tag: ReleaseTag, commit: String, catalog: Catalog, withCluster: Bool) async throws(PortError) -> Report {
    let ports = installation.ports
    if let broken = catalog.broken[service] { throw broken }
    guard let target = catalog.targets[service] else {
      throw PortError(
        .notFound, attempted: "plan \(service) \(version)", reason: "tagflip.yaml names no such service",
        hint: "known are: \(catalog.services.map(\.text).joined(separator: ", "))")
    }
    var blueprint = try await ports.plans.blueprint(of: service, version: version, commit: commit, catalog: catalog)
    var from: Color?
    var active: ActiveService?
    var to = Color.blue
    var live: Version?
    var objections: [String] = []
    var unchecked: [String] = []
    var waits: [String] = []
    let run = ServiceRun(installation: installation, target: target, deadline: Deadline(at: ports.clock.elapsed + .seconds(60)), actor: "")
    if withCluster {
      do throws(PortError) {
        let seen = try await ports.services.read(target)
        live = seen.marker.version
        (from, to) = try await run.colors(seen, to: "release \(tag.name)")
        active = seen
      } catch  where [.configuration, .invalid, .notFound, .conflict].contains(error.kind) {
        objections.append(error.description)
      }
    } else {
      unchecked.append("the active Service, the diff against live, headroom and the server-side dry run: no cluster was asked")
      if !installation.settings.policy.trustsImages { unchecked.append("images at their registries: they may want the pods' pull secrets") }
    }
    var environment = try ports.renderer.render(blueprint, color: to)
    var imageParts: [String: [Digest]]?
    if withCluster {
      do throws(PortError) {
        let now = try await ports.identity.now()
        switch try await run.images(of: environment, blueprint.plan, tag, CutoverPlan.firstAttempt, at: now, isPreview: true) {
        case .asNamed: break
        case .resolved(let pins, let parts):
          blueprint.pins = pins
          environment = try ports.renderer.render(blueprint, color: to)
          imageParts = parts
        case .refused(let reason): objections.append(reason)
        case .waiting(let reason, _):
          waits.append("\(reason): the release would wait up to \(Duration.milliseconds(blueprint.plan.imagesWaitMs).words) for it")
        }
      } catch  where error.kind == .unauthenticated || error.kind == .forbidden {
        // A registry that says no says it to the release too.
        objections.append(error.description)
      } catch {
        unchecked.append("images at their registries: \(error)")
      }
    }
    let plan = CutoverPlan(
      installation: installation.settings.installation, cluster: target.cluster, tag: tag, commit: commit, from: from, fromVersion: live,
      to: to, attempt: CutoverPlan.firstAttempt, environment: environment, imageParts: imageParts, settings: blueprint.plan,
      sources: blueprint.sources)
    var report = Report(
      plan: plan, environment: environment, sizes: environment.replicas, headroom: nil, dryRun: nil, objections: objections,
      unchecked: unchecked, waits: waits)
    if withCluster && objections.isEmpty { await check(&report, target, run, from) }
    if let active {
      let pods = report.sizes.count == environment.served.count ? report.sizes.values.reduce(0, +) : nil
      report.remarks = await ports.dataPlaneRemarks(active, plan, pods: pods, target: target)
    }
    return report
  }

  private func check(_ report: inout Report, _ target: ServiceTarget, _ run: ServiceRun, _ from: Color?) async {
    let ports = installation.ports
    do throws(PortError) {
      let journal = try await JournalKeeper(of: service, in: ports.journals).journal
      report.sizes = try await run.sizes(report.environment, from: from, live: journal?.live)
      report.headroom = try await run.headroom(report.plan, report.environment, report.sizes)
      // With `warn` the release goes ahead; the report tells it beside the rest.
      if report.plan.settings.headroom == .require { report.objections += report.headroom?.shortages.map { "no room: \($0)" } ?? [] }
      let dryRun = try await ports.rehearsals.dryRun(report.environment, sizes: report.sizes, against: from, target: target)
      report.dryRun = dryRun
      report.objections += dryRun.objections
    } catch {
      report.unchecked.append("headroom and dry run: \(error)")
    }
  }
}
