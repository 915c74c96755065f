package import GitStore
import KubernetesModel
package import ReleaseModel

/// Compares what is live with what the records leave.
///
/// It proves what is visible now. An edit that was undone shows as long as the object tells who wrote it last; one that was undone before
/// tagflip's next write, which takes the fields over again, shows in an API server's audit log alone.
package struct LiveVerifier: Sendable {
  private let cluster: any LiveCluster
  /// As the settings call it: plans for other clusters say nothing about this one.
  private let name: String
  /// Where the bot keeps its index.
  private let stateNamespace: String

  package init(_ cluster: any LiveCluster, name: String, stateNamespace: String) {
    self.cluster = cluster
    self.name = name
    self.stateNamespace = stateNamespace
  }

  /// What was read of the cluster, for ``LiveLook/judge(_:in:)``.
  package func look(at services: [String: ServiceOnRecord]) async -> LiveLook {
    var look = LiveLook(cluster: name, services: services, index: await index())
    var outage: LiveFailure?
    if case .failure(let error) = look.index, error.isOutage { outage = error }
    let reader = LiveReader(cluster)
    // Of what is kept of a service only its target is carried over suspension points (see `Indirect`).
    let targets = services.compactMapValues(\.target).sorted { $0.key < $1.key }
    for (service, target) in targets {
      guard target.cluster == name else {
        look.elsewhere[service] = target.cluster
        continue
      }
      let view: Result<LiveView, LiveFailure>
      do throws(LiveFailure) {
        // One that does not answer is not asked again for every service.
        if let outage { throw outage }
        view = .success(try await reader.view(of: target))
      } catch {
        if error.isOutage { outage = error }
        view = .failure(error)
      }
      look.views[service] = view
    }
    return look
  }

  private func index() async -> Result<ServiceIndex?, LiveFailure> {
    do throws(LiveFailure) {
      guard let object = try await cluster.find(.configMap, namespace: stateNamespace, name: "tagflip-index") else { return .success(nil) }
      guard let index = try? CanonicalJSON.value(ServiceIndex.self, from: (object["data", "document"]?.string ?? "").utf8) else {
        throw LiveFailure("ConfigMap \(stateNamespace)/tagflip-index holds no index that this version can read", isOutage: false)
      }
      return .success(index)
    } catch {
      return .failure(error)
    }
  }
}

/// What was read of a cluster at one time.
package struct LiveLook: Sendable {
  let cluster: String
  let services: [String: ServiceOnRecord]
  let index: Result<ServiceIndex?, LiveFailure>
  var views: [String: Result<LiveView, LiveFailure>] = [:]
  /// Services that are released to another cluster, and to which.
  var elsewhere: [String: String] = [:]

  init(cluster: String, services: [String: ServiceOnRecord], index: Result<ServiceIndex?, LiveFailure>) {
    self.cluster = cluster
    self.services = services
    self.index = index
  }

  /// What is asked of each service, in the order in which it is told.
  private static let checks: [any LiveCheck] = [
    WhereUsersAre(), StandbyPlace(), SameService(), MarkerHands(), LiveDeployments(), RunningImages(), SelectedPods(),
  ]

  /// Compares it with the records, and adds to a report what was found and what was asked.
  ///
  /// - Parameter objects: the clone; it is asked whether its branch leads back to where the cluster saw it.
  package func judge(_ report: inout VerificationReport, in objects: CloneObjects) throws(GitError) {
    var log = FindingLog { _ in }
    var live = LiveReport(cluster: cluster)
    try AnchorCheck(index: index, tip: report.tip, records: report.records).inspect(objects, &live, &log)
    inspectIndex(&log)
    for (service, view) in views.sorted(by: { $0.key < $1.key }) {
      guard let record = services[service], let target = record.target else { continue }
      switch view {
      case .failure(let error): unread(error, of: service, record, &live, &log)
      case .success(let view): inspect(view, target, record, &live, &log)
      }
    }
    for (service, other) in elsewhere.sorted(by: { $0.key < $1.key }) {
      live.unread += 1
      log.add(
        .liveUnreadable, .notice, at: services[service]?.last, "\(service) is released to the cluster \(other), and this is \(cluster)")
    }
    report.live = live
    report.take(log)
  }

  private func inspect(
    _ view: LiveView, _ target: ServiceTarget, _ record: ServiceOnRecord, _ live: inout LiveReport, _ log: inout FindingLog
  ) {
    live.services += 1
    guard let scene = LiveScene(view, target, record) else {
      return log.add(
        .liveDiffers, at: record.last, "Service \(target.namespace)/\(target.activeService) is gone, and the records speak of it")
    }
    for part in [view.deployments.map { _ in }, view.pods.map { _ in }] {
      if case .failure(let error) = part { unread(error, of: target.service.text, record, &live, &log) }
    }
    live.deployments += scene.ownDeployments.count
    live.pods += scene.reachablePods.count
    for check in Self.checks { check.inspect(scene, &log) }
  }

  private func unread(
    _ error: LiveFailure, of service: String, _ record: ServiceOnRecord, _ live: inout LiveReport, _ log: inout FindingLog
  ) {
    live.unread += 1
    log.add(.liveUnreadable, at: record.last, "\(service): \(error.words)")
  }

  /// The bot's index speaks of the services that the trail speaks of, and says that they are where the plans say.
  private func inspectIndex(_ log: inout FindingLog) {
    guard case .success(let index?) = index else { return }
    for (service, entry) in index.services.sorted(by: { $0.key.text < $1.key.text }) {
      let record = services[service.text]
      if let open = entry.open, record?.rollouts[open] != true, record?.open?.rollout != open {
        log.add(.livePending, at: record?.last, "\(open) of \(service) is announced in the cluster, and its plan is not on record")
      }
      guard let target = record?.target, target.cluster == entry.target.cluster, target != entry.target, entry.open == nil else { continue }
      log.add(
        .liveDiffers, at: record?.last,
        "the bot's index has \(service) at \(entry.target.namespace)/\(entry.target.activeService), and its last plan at "
          + "\(target.namespace)/\(target.activeService)")
    }
  }
}

/// What was asked of a cluster.
package struct LiveReport: Sendable, Hashable {
  package var cluster: String
  /// How many services were compared with the records.
  package var services = 0
  package var deployments = 0
  package var pods = 0
  /// How many things were to be compared and could not be read.
  package var unread = 0
  /// Where the cluster saw the branch, and whether the clone leads back to it.
  package var anchor: AuditAnchor?

  package init(cluster: String) { self.cluster = cluster }
}

/// The branch of the clone leads back to where the cluster saw it last.
struct AnchorCheck {
  let index: Result<ServiceIndex?, LiveFailure>
  let tip: ObjectID?
  let records: Int

  func inspect(_ objects: CloneObjects, _ live: inout LiveReport, _ log: inout FindingLog) throws(GitError) {
    switch index {
    case .failure(let error):
      live.unread += 1
      log.add(.liveUnreadable, commit: nil, "where the cluster saw the branch last could not be read: \(error.words)")
    case .success(let index):
      guard let anchor = index?.audit else {
        // A cluster that remembers nothing cannot vouch for the end of the trail.
        guard records > 0 else { return }
        live.unread += 1
        return log.add(
          .liveUnreadable, commit: nil, "the cluster does not say where it saw the branch last: the bot's index is gone, or made anew")
      }
      live.anchor = anchor
      guard try !leadsBack(to: anchor, objects) else { return }
      let words = "the cluster saw the branch at \(PlainText.line(anchor.commit, longest: 40)) with \(anchor.records) records"
      let isBehind = records < anchor.records
      log.add(
        .anchorNotReached, commit: tip,
        "\(words), and this clone does not lead back to it; it has \(records)\(isBehind ? ", so that it may merely be behind: fetch" : "")")
    }
  }

  private func leadsBack(to anchor: AuditAnchor, _ objects: CloneObjects) throws(GitError) -> Bool {
    guard let id = ObjectID(hex: anchor.commit), let tip, (try? objects.header(of: id).kind) == .commit else { return false }
    if id == tip { return true }
    return try objects.descends(tip, from: id)
  }
}
