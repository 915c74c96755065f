import GitStore
import ReleaseModel

/// The commit's message is the record's, rendered anew, byte for byte; no header hides anything besides.
struct CommitWords: TrailCheck {
  let name = "commit-words"
  /// The version of tagflip that renders. Another one may have told the same story in other words.
  let version: String

  private static let known: Set<String> = ["gpgsig", "gpgsig-sha256"]

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    for header in commit.header.others where !Self.known.contains(header) {
      log.add(.unexpectedHeader, in: commit, "its header \(header) is none that tagflip writes")
    }
    guard let entry = commit.record, let record = entry.record else { return }
    let wanted = CommitMessage(record, path: entry.path)
    let text = Array(wanted.text.utf8)
    guard text != commit.header.message else { return }
    let trailers = wanted.trailers.map { Array("\($0.name): \($0.value)".utf8) }
    let found = commit.header.message.lastParagraph
    let isSameStory = commit.header.message.dropLast(found.joinedCount).elementsEqual(text.dropLast(trailers.joinedCount))
    if trailers != found {
      let odd = zip(found, trailers).first { $0 != $1 }?.0 ?? found.dropFirst(trailers.count).first ?? []
      log.add(.trailersDiffer, in: commit, "its trailers are not the record's, from: \(String(decoding: odd, as: UTF8.self))")
      if isSameStory { return }
    }
    let isOwn = record.botVersion.utf8.elementsEqual(version.utf8)
    log.add(
      .messageDiffers, isOwn ? .error : .warning, in: commit,
      isOwn
        ? "its message is not the one that the record makes"
        : "its message is not the one that tagflip \(version) makes of the record, which tagflip \(record.botVersion) wrote")
  }
}

extension [UInt8] {
  /// The lines of the last paragraph.
  fileprivate var lastParagraph: [[UInt8]] {
    var lines: [[UInt8]] = []
    for line in split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().reversed() {
      guard !line.isEmpty else { break }
      lines.append(Array(line))
    }
    return lines.reversed()
  }
}

extension [[UInt8]] {
  /// The bytes that they take as lines.
  fileprivate var joinedCount: Int { reduce(0) { $0 + $1.count + 1 } }
}
