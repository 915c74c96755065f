import AuditTrail
import GitStore
import ReleaseModel
import Signatures

/// The statement beside a promoted rollout's record says what the record says, and a trusted key signed it.
struct Attestation: TrailCheck {
  let name = "attestation"
  /// Nil where nobody said which keys are trusted: then the signature is not looked at.
  let keys: [SSHPublicKey]?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let entry = commit.record, let record = entry.record, record.outcome == .promoted else { return }
    let path = AuditTree.attestation(record.service, record.sequence)
    guard let bytes = try commit.after.bytes(path, limit: DSSEEnvelope.limit) else { return }
    let envelope: DSSEEnvelope
    do {
      envelope = try DSSEEnvelope(json: bytes)
    } catch {
      return log.add(.attestationDiffers, in: commit, "\(path) is no envelope: \(error)")
    }
    let statement = try? ReleaseStatement(record, digest: entry.digest, path: entry.path).bytes
    if envelope.payload != statement || envelope.payloadType != ReleaseStatement.payloadType || envelope.json + [0x0A] != bytes {
      log.add(.attestationDiffers, in: commit, "\(path) does not say what the record says")
    }
    guard let keys else { return }
    do {
      guard try envelope.verify(by: keys).isEmpty else { return }
      log.add(.attestationBad, in: commit, "\(path) is not signed by a trusted key")
    } catch {
      log.add(.attestationBad, in: commit, "\(path): \(error)")
    }
  }
}

/// The branch was rewritten once, and a person accepted it.
struct Resealing: TrailCheck {
  let name = "resealing"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, let reseal = record.reseal else { return }
    log.add(
      .trailResealed, .warning, in: commit,
      "the cluster remembered \(reseal.lost.records) records at \(reseal.lost.commit.prefix(12)), which the branch did not lead back to")
  }
}
