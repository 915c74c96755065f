import GitStore
import ReleaseModel

/// Whoever tagged and asked is somebody whom the auditor named. Without his keys nothing is said here, and the report says that nobody asked.
struct KnownSigners: TrailEnding {
  let name = "known-signers"

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) {
    for stranger in end.vouching?.strangers ?? [] {
      let records = stranger.records == 1 ? "1 record" : "\(stranger.records) records, the last of them \(stranger.last)"
      log.add(
        stranger.role == .tagged ? .tagSignerUnknown : .operatorUnknown, commit: end.branch.tip, record: stranger.first,
        "\(stranger.signer) (key \(stranger.key)) on \(records): no key that you named for that")
    }
  }
}
