package import GitStore
package import ReleaseModel

// What is put on record of a tag, from its own bytes alone: whoever has them can say whether the record tells the same.
extension TagFacts {
  /// What a tag object says about itself.
  package init(_ tag: ReleaseTag, _ header: TagHeader) {
    let message = String(decoding: header.message, as: UTF8.self)
    self.init(
      tag: tag, commit: header.target.hex, isAnnotated: true, tagger: header.tagger?.words, taggedAt: header.tagger?.timestamp,
      message: PlainText.block(message, longest: 300, lines: 40).joined(separator: "\n").bounded(bytes: 16 << 10))
  }

  /// What the commit of a lightweight tag says.
  package init(_ tag: ReleaseTag, commit id: ObjectID, _ header: CommitHeader) {
    let subject = String(decoding: header.message.prefix { $0 != 0x0A }, as: UTF8.self)
    self.init(
      tag: tag, commit: id.hex, isAnnotated: false, tagger: header.author.words, taggedAt: header.author.timestamp,
      message: PlainText.line(subject, longest: 200).bounded(bytes: 800))
  }
}

extension HeaderSignature {
  fileprivate var words: String { PlainText.line(String(decoding: identity, as: UTF8.self), longest: 200).bounded(bytes: 800) }

  /// Nil for a date that no calendar has: whoever tags can claim any number of seconds.
  fileprivate var timestamp: Timestamp? {
    seconds.flatMap { (0...253_402_300_799).contains($0) ? Timestamp(milliseconds: $0 * 1000) : nil }
  }
}

extension String {
  /// The beginning that fits into so many bytes: one character can have any number of marks, so that counting characters bounds nothing.
  fileprivate func bounded(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var kept = UnicodeScalarView()
    var left = limit - "…".utf8.count
    for scalar in unicodeScalars {
      left -= UTF8.width(scalar)
      guard left >= 0 else { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}
