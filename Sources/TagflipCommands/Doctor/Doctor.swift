import ClusterDriver
import ReleaseEngine
import ReleaseModel

/// Looks at everything that a run needs, changes nothing, and says what to do about what is missing.
struct Doctor: Sendable {
  let installation: Installation
  let driver: KubernetesDriver
  /// Opens what the settings name: keys, files, secrets.
  let keys: KeyCheck
  /// Asks whether the audit branch's repository takes pushes from here at all.
  let checkPush: @Sendable () async throws(PortError) -> Void
  /// This machine's clock.
  let localTime: @Sendable () -> Timestamp
  /// Why there is no way to the cluster; nil where there is one.
  var noCluster: PortError?

  /// How far the API server's clock and this machine's may differ before somebody is told: nothing is decided by the local one, but
  /// signatures and logs are read beside it.
  static let tolerableSkewMs: Int64 = 5000

  private var settings: Settings { installation.settings }
  private var ports: Ports { installation.ports }

  /// All of it, in the order in which a run would need it.
  func examine() async -> [Diagnosis] {
    var all = keys.examine(settings)
    let (git, releases) = await repository()
    all += git
    let (cluster, isThere) = await self.cluster()
    all += cluster
    all += isThere ? await rights(releases?.catalog) : [Diagnosis("rights", .unknown, "the API server does not answer")]
    for (service, target) in (releases?.catalog.targets ?? [:]).sorted(by: { $0.key < $1.key }) {
      let seen = isThere ? await self.service(service, target) : Diagnosis("service \(service)", .unknown, "the API server does not answer")
      all.append(seen)
      if let releases { all += await plan(of: service, releases, withCluster: seen.verdict == .ok) }
    }
    return all
  }

  /// What is released from the repository.
  private struct Releases {
    let catalog: Catalog
    let tags: ServiceTags
    /// The protected branch's tip.
    let tip: String
  }

  // MARK: Git

  private func repository() async -> ([Diagnosis], Releases?) {
    var all: [Diagnosis] = []
    var releases: Releases?
    do throws(PortError) {
      let refs = try await ports.tags.listing()
      all.append(Diagnosis("release repo", .ok, "\(settings.repository.url): \(Count.words(refs.tags.count, "tag"))"))
      let tip = try refs.tip(settings.repository, to: "read tagflip.yaml")
      let found = try await ports.plans.catalog(at: tip)
      let tags = ServiceTags(refs.tags, catalog: found)
      releases = Releases(catalog: found, tags: tags, tip: tip)
      all.append(
        Diagnosis(
          "tagflip.yaml", .ok,
          "\(Count.words(found.services.count, "service")): \(found.services.prefix(10).map(\.text).joined(separator: ", "))"))
      all += tags.strays.map { Diagnosis("tags", .warning, $0) }
      for (service, error) in found.broken.sorted(by: { $0.key < $1.key }) { all.append(Diagnosis("plan of \(service)", error)) }
    } catch {
      all.append(Diagnosis("release repo", error))
    }
    return (all + (await auditBranch()), releases)
  }

  private func auditBranch() async -> [Diagnosis] {
    var all: [Diagnosis] = []
    do throws(PortError) {
      let anchor = await anchor(&all)
      let standing = try await ports.audit.standing(since: anchor)
      let head =
        standing.head.map { "\(Count.words($0.records, "record")) at \($0.commit.prefix(12))" } ?? "not there yet: the first run makes it"
      all.append(
        standing.isIntact
          ? Diagnosis("audit branch", .ok, "\(settings.audit.branch): \(head)")
          : Diagnosis(
            "audit branch", .failed, "\(settings.audit.branch) does not lead back to where the cluster remembers it: \(head)",
            next: "restore it from a clone, or accept it as it is: tagflip audit reseal --reason TEXT"))
    } catch {
      all.append(Diagnosis("audit branch", error))
    }
    do throws(PortError) {
      try await checkPush()
      all.append(Diagnosis("push right", .ok, "the repository takes pushes from here; rules for single branches show only in a push"))
    } catch {
      all.append(Diagnosis("push right", error))
    }
    return all
  }

  /// Where the cluster remembers the branch; nil where it does not, or cannot be asked.
  private func anchor(_ all: inout [Diagnosis]) async -> AuditAnchor? {
    do throws(PortError) {
      return try await IndexKeeper(ports).load().audit
    } catch {
      all.append(
        Diagnosis(
          "audit branch", .unknown, "whether it was rewritten since the last run: the cluster, which remembers that, cannot be asked"))
      return nil
    }
  }

  // MARK: Cluster

  private func cluster() async -> ([Diagnosis], isThere: Bool) {
    if let noCluster { return ([Diagnosis("cluster", noCluster)], false) }
    do throws(PortError) {
      let version = try await driver.serverVersion()
      let caller = try await ports.identity.caller()
      let skew = try await ports.identity.now().milliseconds - localTime().milliseconds
      let isFar = abs(skew) > Self.tolerableSkewMs
      return (
        [
          Diagnosis("cluster", .ok, "\(settings.cluster.name): Kubernetes \(version), which takes you for \(caller)"),
          Diagnosis(
            "clock", isFar ? .warning : .ok,
            isFar
              ? "the API server is \(Duration.milliseconds(Int(abs(skew))).words) \(skew > 0 ? "ahead of" : "behind") this machine"
              : "within a second or two of the API server's",
            next: isFar ? "let NTP set this machine's clock: tagflip goes by the API server's, logs and signatures by this one" : nil),
        ], true
      )
    } catch {
      return ([Diagnosis("cluster", error)], false)
    }
  }

  private func rights(_ catalog: Catalog?) async -> [Diagnosis] {
    let targets = Set((catalog?.targets.values).map { $0.map(\.namespace) } ?? settings.policy.namespaces).sorted()
    return await rights("rights", in: ([settings.stateNamespace] + targets).joined(separator: ", ")) { place in
      switch place {
      case .state: [settings.stateNamespace]
      case .target: targets
      // Routes of checks are each plan's own.
      case .probed: []
      case .nodes: settings.cluster.fixedNodes ? [nil] : []
      }
    }
  }

  /// - Parameter places: the namespaces that rights are asked for in; nil for the whole cluster.
  private func rights(_ area: String, in words: String, _ places: (NeededRight.Place) -> [String?]) async -> [Diagnosis] {
    var missing: [Diagnosis] = []
    var asked = 0
    do throws(PortError) {
      for right in NeededRight.all {
        for namespace in places(right.place) {
          for verb in right.verbs {
            asked += 1
            guard try await !driver.may(verb, right.resource, group: right.group, in: namespace) else { continue }
            let name = right.group.isEmpty ? right.resource : "\(right.resource).\(right.group)"
            missing.append(
              Diagnosis(
                area, .failed, "you may not \(verb) \(name) in \(namespace ?? "the cluster") (\(right.purpose))",
                next: "kubectl apply -f jobs/rbac.yaml, with its bindings for that namespace"))
          }
        }
      }
    } catch {
      return [Diagnosis(area, error)]
    }
    return missing.isEmpty ? [Diagnosis(area, .ok, "all \(asked) that are needed, in \(words)")] : missing
  }

  // MARK: Services

  private func service(_ service: ServiceName, _ target: ServiceTarget) async -> Diagnosis {
    let area = "service \(service)"
    let name = "\(target.namespace)/\(target.activeService)"
    do throws(PortError) {
      let seen = try await ports.services.read(target)
      if let objection = seen.objection { return Diagnosis(area, .failed, "Service \(name) \(objection)") }
      let run = ServiceRun(
        installation: installation, target: target, deadline: Deadline(at: ports.clock.elapsed + .seconds(60)), actor: "")
      if let open = try await run.overlapping(seen) {
        return Diagnosis(area, .ok, "Service \(name) sends users to both colors while \(open.plan.tag.version) takes over")
      }
      let (place, _) = try await run.colors(seen, to: "release \(service)")
      let version = seen.marker.version.map { " (\($0))" } ?? ""
      let pending = seen.marker.pending.isEmpty ? "" : "; \(Count.words(seen.marker.pending.count, "outcome")) not in Git yet"
      guard let place else { return Diagnosis(area, .ok, "Service \(name) sends users to nothing yet\(pending)") }
      let held = try await ports.colors.observe(place, target: target)
      let pods = "\(held.readyPods) of \(Count.words(held.desiredPods, "pod")) ready"
      // Of what was adopted, pods of another template than then are not reached.
      let adopted = seen.marker.adoption.map { $0.color == place ? ", the Deployment \($0.deployment) as it was adopted" : "" } ?? ""
      return Diagnosis(
        area, held.readyPods > 0 ? .ok : .failed, "Service \(name) sends users to \(place)\(version)\(adopted): \(pods)\(pending)",
        next: held.readyPods > 0 ? nil : "users reach nothing: tagflip status \(service)")
    } catch {
      return Diagnosis(area, error)
    }
  }

  /// A shortage that holds no release back is a warning, and so is what may be short one day.
  private func verdict(on room: HeadroomReport, _ mode: HeadroomMode) -> Diagnosis.Verdict {
    if room.shortages.isEmpty { return room.cautions.isEmpty ? .ok : .warning }
    return mode == .require ? .failed : .warning
  }

  /// What a release of the service's highest tag, or of the protected branch's tip, would meet now: its files, room, the API server's word.
  /// - Parameter withCluster: false where the Service is not one that can be released to: then only the files are looked at.
  private func plan(of service: ServiceName, _ releases: Releases, withCluster: Bool) async -> [Diagnosis] {
    let area = "plan of \(service)"
    // What is wrong with the file was told with the repository.
    guard releases.catalog.broken[service] == nil else { return [] }
    do throws(PortError) {
      let (tag, commit, what) = try await subject(service, releases)
      let preview = PlanPreview(installation, service: service, version: tag.version)
      let report = try await preview.run(tag: tag, commit: commit, catalog: releases.catalog, withCluster: withCluster)
      let command = what == tag.name ? "tagflip plan \(tag.name)" : "tagflip plan \(service) --version \(tag.version)"
      var all = report.objections.map { Diagnosis(area, .failed, "\(what): \($0)", next: "see it whole: \(command)") }
      if withCluster { all += report.unchecked.map { Diagnosis(area, .unknown, "\(what): \($0)") } }
      all += report.waits.map { Diagnosis(area, .warning, "\(what): \($0)") }
      if all.isEmpty { all.append(Diagnosis(area, .ok, "\(what) can be rendered\(withCluster ? ", and the API server takes it" : "")")) }
      if let room = report.headroom {
        all.append(Diagnosis("headroom of \(service)", verdict(on: room, report.plan.settings.headroom), "beside what runs: \(room.words)"))
      }
      if withCluster, report.plan.settings.probes.route == .api {
        let namespace = report.plan.settings.namespace
        all += await rights("checks of \(service)", in: namespace) { $0 == .probed ? [namespace] : [] }
      }
      return all
    } catch {
      return [Diagnosis(area, error)]
    }
  }

  /// The highest release tag with its commit; the protected branch's tip where there is none yet.
  private func subject(
    _ service: ServiceName, _ releases: Releases
  ) async throws(PortError) -> (tag: ReleaseTag, commit: String, words: String) {
    if let tag = releases.tags.of[service]?.max(by: { $0.version < $1.version }) {
      return (tag, try await ports.tags.facts(of: tag).commit, tag.name)
    }
    guard let version = Version("0.0.0") else { preconditionFailure("0.0.0 is a version") }
    let name = releases.catalog.pattern.tagName(of: service, version: version)
    let tag = ReleaseTag(service: service, version: version, name: name, object: releases.tip)
    return (tag, releases.tip, "the tip of \(settings.repository.branch)")
  }
}
