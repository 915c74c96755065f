import KubernetesModel
import ReleaseModel

/// One service as it is found, beside what the records leave.
struct LiveScene: Sendable {
  let target: ServiceTarget
  let record: ServiceOnRecord
  let service: ServiceSighting
  let deployments: Result<[JSON], LiveFailure>
  let pods: Result<[JSON], LiveFailure>

  /// How far the API server's time in an object and that of a record may lie apart.
  static let tolerance: Duration = .seconds(5)
  /// The label that names the service that an object belongs to.
  static let serviceLabel = Marker.serviceLabel

  /// Nil where there is no such Service.
  init?(_ view: LiveView, _ target: ServiceTarget, _ record: ServiceOnRecord) {
    guard let json = view.service else { return nil }
    self.target = target
    self.record = record
    service = ServiceSighting(json, of: target.service)
    deployments = view.deployments
    pods = view.pods
  }

  var marker: Marker? { try? service.marker.get() }

  /// What was decided in the marker and is not on record yet.
  var pending: [Conclusion] {
    (marker?.pending ?? []).filter { conclusion in
      switch conclusion.event {
      case .outcome: record.rollouts[conclusion.rollout] != true
      case .retired: if case .cold(let release) = record.standby { release.version != conclusion.version } else { true }
      case .adopted, .left, .settled: record.lastAt.map { $0 < conclusion.decidedAt } ?? true
      }
    }
  }

  /// The open rollout, where the marker says that users see it: then no outcome is decided.
  var exposed: ServiceOnRecord.Open? {
    guard let open = record.open, let rollout = marker?.rollout, open.rollout == rollout else { return nil }
    return open
  }

  /// What the records leave, and what was decided since.
  var expected: ServiceOnRecord {
    var expected = record
    for conclusion in pending {
      switch conclusion.event {
      case .outcome: expected.follow(conclusion, nil)
      case .retired: expected.retire(conclusion)
      case .adopted, .left, .settled: expected.settle(conclusion)
      }
    }
    return expected
  }

  /// The record that speaks of what users are on.
  var place: RecordAddress? { record.moved?.place ?? record.last }

  /// `Service shop/web`.
  var serviceName: String { "Service \(target.namespace)/\(target.activeService)" }

  /// The Deployments of the active color; what could not be read is told elsewhere.
  var ownDeployments: [JSON] { (try? deployments.get()) ?? [] }

  /// The release that users are on by the records, where the Service agrees with them.
  var release: ServiceOnRecord.Release? {
    guard case .on(let release) = expected.live, service.selection == .color(release.color) else { return nil }
    return release
  }
}

extension FindingLog {
  /// Notes a finding on what is live.
  mutating func add(_ code: FindingCode, _ severity: Finding.Severity? = nil, at place: RecordAddress?, _ what: String) {
    add(code, severity, commit: place?.commit, record: place?.path, what)
  }
}

/// One thing that must hold of a service as it is found.
protocol LiveCheck: Sendable {
  var name: String { get }

  func inspect(_ scene: LiveScene, _ log: inout FindingLog)
}
