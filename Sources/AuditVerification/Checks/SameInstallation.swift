import GitStore
import ReleaseModel

/// All records are of one installation, and a service's plans for one cluster: the auditor's, or that of the first record.
struct SameInstallation: TrailCheck {
  let name = "installation"
  /// As the auditor says; nil to go by the first record.
  let installation: String?
  let cluster: String?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry else { return }
    if let wanted = installation ?? state.installation, !wanted.utf8.elementsEqual(record.installation.utf8) {
      log.add(.installationDiffers, in: commit, "it is of installation \(record.installation), not \(wanted)")
    }
    guard let found = record.plan?.cluster, let wanted = cluster ?? state.services[record.service.text]?.cluster else { return }
    if !wanted.utf8.elementsEqual(found.utf8) { log.add(.clusterDiffers, in: commit, "its plan is for cluster \(found), not \(wanted)") }
  }
}
