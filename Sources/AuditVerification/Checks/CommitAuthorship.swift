import GitStore
import ReleaseModel

/// Author and committer are one, the same as before, and say the time that the record says.
struct CommitAuthorship: TrailCheck {
  let name = "authorship"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    let (author, committer) = (commit.header.author, commit.header.committer)
    let words = String(decoding: author.identity, as: UTF8.self)
    if author != committer {
      let other = String(decoding: committer.identity, as: UTF8.self)
      let times = author.identity == committer.identity ? " at another time" : ""
      log.add(.authorDiffers, in: commit, "author \(words), committed by \(other)\(times): somebody made it anew")
    } else if let before = state.author, !before.utf8.elementsEqual(author.identity) {
      log.add(.authorDiffers, .warning, in: commit, "made by \(words), the commits before by \(before)")
    }
    guard let record = commit.entry else { return }
    let wanted = record.at.map { $0.milliseconds / 1000 }
    for (who, signature) in [("author", author), ("committer", committer)] {
      guard let seconds = signature.seconds, (0...253_402_300_799).contains(seconds), signature.offset == Array("+0000".utf8) else {
        log.add(.commitTimeDiffers, in: commit, "its \(who)'s time is none that tagflip writes")
        continue
      }
      guard let wanted, seconds != wanted, let at = record.at else { continue }
      log.add(.commitTimeDiffers, in: commit, "its \(who)'s time is \(Timestamp(milliseconds: seconds * 1000)), the record's \(at)")
    }
  }
}
