import ReleaseModel

/// One run: poll, recover what is open, decide on new tags, release, and leave the index as the next run needs it.
///
/// Unfinished work is found in the cluster, before Git is asked and when Git cannot be; services advance side by side, groups of the
/// catalog one after another.
package struct ReleaseRun: Sendable {
  private let installation: Installation
  private let deadline: Deadline

  package init(_ installation: Installation) {
    self.installation = installation
    deadline = Deadline(at: installation.ports.clock.elapsed + .milliseconds(installation.settings.runDeadlineMs))
  }

  private var ports: Ports { installation.ports }
  private var indexKeeper: IndexKeeper { IndexKeeper(ports) }

  /// Runs to the end, the deadline or cancellation; what could not be finished is left for the next run.
  package func run() async -> RunReport {
    let report = await poll()
    if let error = await ports.notifier.heartbeat() { ports.narrator.tell(.warning(nil, error)) }
    return report
  }

  private func poll() async -> RunReport {
    async let listed = listing()
    let index: ServiceIndex
    let now: Timestamp
    do throws(PortError) {
      index = try await indexKeeper.load()
      now = try await ports.identity.now()
    } catch {
      _ = await listed
      return RunReport(failures: [error])
    }
    let listing = await listed
    if case .success(let refs) = listing, index.isQuiet(refs, installation, now) { return RunReport(endedEarly: true) }
    return await work(index, listing, now)
  }

  private func listing() async -> Result<RefListing, PortError> {
    do throws(PortError) {
      return .success(try await ports.tags.listing())
    } catch {
      return .failure(error)
    }
  }

  /// What services and what came of each, as child tasks report it.
  private typealias Finding = (service: ServiceName, results: [RunReport.Result])

  private func work(_ index: ServiceIndex, _ listing: Result<RefListing, PortError>, _ now: Timestamp) async -> RunReport {
    let actor: String
    do throws(PortError) {
      actor = try await ports.identity.caller()
    } catch {
      return RunReport(failures: [error])
    }
    let catalog = Latch<CatalogState>()
    let settled = Dictionary(uniqueKeysWithValues: index.services.keys.map { ($0, Latch<Bool>()) })
    var report = RunReport()
    await withTaskGroup(of: [Finding].self) { group in
      for (service, entry) in index.services.sorted(by: { $0.key < $1.key }) {
        group.addTask {
          let results = await settle(entry.target, actor: actor)
          await settled[service]?.set(results.isOpenAfter == false)
          return [(service, results)]
        }
      }
      group.addTask {
        await catalog.set(load(listing))
        return []
      }
      group.addTask { await decide(await catalog.get(), settled, actor: actor) }
      for await findings in group {
        for finding in findings { report.results[finding.service, default: []] += finding.results }
      }
    }
    switch await catalog.get() {
    case .failed(let error): report.failures.append(error)
    case .loaded(let loaded, let refs):
      for (service, error) in loaded.broken { report.results[service, default: []].append(.failed(error)) }
      await remember(refs, report, &report.failures)
    }
    return report
  }

  private enum CatalogState: Sendable {
    indirect case loaded(Catalog, RefListing)
    case failed(PortError)
  }

  private func load(_ listing: Result<RefListing, PortError>) async -> CatalogState {
    do throws(PortError) {
      let refs = try listing.get()
      let tip = try refs.tip(installation.settings.repository, to: "read tagflip.yaml")
      // Decisions rest on what the branch says of earlier ones.
      try await AuditKeeper(ports).check()
      return .loaded(try await ports.plans.catalog(at: tip), refs)
    } catch {
      return .failed(error)
    }
  }

  private func settle(_ target: ServiceTarget, actor: String) async -> [RunReport.Result] {
    await ServiceRun(installation: installation, target: target, deadline: deadline, actor: actor).settle()
  }

  /// Decides on new tags, group after group.
  private func decide(_ state: CatalogState, _ settled: [ServiceName: Latch<Bool>], actor: String) async -> [Finding] {
    guard case .loaded(let catalog, let refs) = state else { return [] }
    let tags = ServiceTags(refs.tags, catalog: catalog)
    for stray in tags.strays { ports.narrator.tell(.remark(nil, stray)) }
    var findings: [Finding] = []
    for group in catalog.groups {
      await withTaskGroup(of: Finding?.self) { tasks in
        for service in group {
          guard let target = catalog.targets[service], catalog.broken[service] == nil else { continue }
          tasks.addTask {
            let run = ServiceRun(installation: installation, target: target, deadline: deadline, actor: actor)
            guard let known = settled[service] else { return (service, await run.meet(tags, catalog: catalog)) }
            guard await known.get() else { return nil }
            return (service, await run.decide(tags, catalog: catalog))
          }
        }
        for await finding in tasks { if let finding { findings.append(finding) } }
      }
    }
    return findings
  }

  /// Leaves the digests that let the next run end early. A service that needs another look says so in its own entry.
  private func remember(_ refs: RefListing, _ report: RunReport, _ failures: inout [PortError]) async {
    do throws(PortError) {
      let needsLook = Set(report.results.filter { $0.value.contains(where: \.needsAnotherLook) }.keys)
      try await indexKeeper.update { index in
        index.refs = refs.digest
        index.settings = installation.settings.digest
        index.botVersion = installation.botVersion
        for service in needsLook { index.services[service]?.attention = true }
        // A service that could not even enter the index has nobody to ask for another look.
        if !needsLook.isSubset(of: index.services.keys) { index.refs = nil }
      }
    } catch {
      failures.append(error)
    }
  }
}

extension ServiceIndex {
  fileprivate func isQuiet(_ refs: RefListing, _ installation: Installation, _ now: Timestamp) -> Bool {
    agenda(refs: refs.digest, audit: refs.auditTip, settings: installation.settings.digest, botVersion: installation.botVersion, now: now)
      == .nothing
  }
}

extension [RunReport.Result] {
  /// Whether the service still has an open rollout, or somebody else's: nothing new is decided on it in this run.
  var isOpenAfter: Bool {
    contains { result in
      switch result {
      case .busy, .failed, .parked: true
      case .ended(_, let recorded): !recorded
      case .nothing, .noted, .refused, .waiting, .retired: false
      }
    }
  }
}

extension RunReport.Result {
  /// Whether the next run must look at the service again whatever the digests say.
  fileprivate var needsAnotherLook: Bool {
    switch self {
    case .busy, .failed, .waiting, .parked: true
    case .ended(let conclusion, let recorded): !recorded || conclusion.outcome == .promoted
    case .nothing, .noted, .refused, .retired: false
    }
  }
}
