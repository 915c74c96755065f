import Digests
import GitStore
import ReleaseModel

/// The settings that a record shows are those that it was decided by, and can be read.
struct SettingsOnRecord: TrailCheck {
  let name = "settings"
  let policy: (any PolicyReader)?
  /// The version of tagflip that reads. Another one may have known other keys.
  let version: String

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy) else { return }
    let record = evidence.record
    if let sources = record.sources, let shown = evidence.exhibit(.settings), shown.digest != sources.settings {
      log.add(
        .settingsMismatch, in: commit, "it was decided by settings \(sources.settings.prefix12)…, and shown are \(shown.digest.prefix12)…")
    }
    switch try evidence.reading {
    case .success(let settings):
      guard !settings.installation.utf8.elementsEqual(record.installation.utf8) else { return }
      log.add(.settingsMismatch, in: commit, "the settings that are shown are of installation \(settings.installation)")
    case .failure(let error):
      let isOwn = record.botVersion.utf8.elementsEqual(version.utf8)
      log.add(.settingsUnreadable, isOwn ? .error : .warning, in: commit, "the settings that are shown cannot be read: \(error.reason)")
    case nil: return
    }
  }
}
