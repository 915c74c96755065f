/// A commit's own bytes, taken apart: what plain Git signs, shows and hashes, and nothing that a library made of it.
package struct CommitHeader: Sendable, Hashable {
  package let tree: ObjectID
  package let parents: [ObjectID]
  package let author: HeaderSignature
  package let committer: HeaderSignature
  /// Names of the headers that follow the committer, continuation lines left out.
  package let others: [String]
  package let message: [UInt8]

  /// Whether the commit carries a signature, good or not.
  package var isSigned: Bool { others.contains { $0.hasPrefix("gpgsig") } }

  /// Nil where the bytes are no commit as Git writes them.
  package init?(_ raw: [UInt8]) {
    var reader = HeaderReader(raw)
    guard let tree = reader.value(of: "tree").flatMap({ ObjectID(digits: $0) }) else { return nil }
    var parents: [ObjectID] = []
    while let value = reader.value(of: "parent") {
      guard let parent = ObjectID(digits: value) else { return nil }
      parents.append(parent)
    }
    guard let author = reader.value(of: "author").flatMap(HeaderSignature.init),
      let committer = reader.value(of: "committer").flatMap(HeaderSignature.init),
      let others = reader.remainingNames()
    else { return nil }
    self.tree = tree
    self.parents = parents
    self.author = author
    self.committer = committer
    self.others = others
    message = Array(reader.rest)
  }
}

/// Who, and when, as a line of a commit or a tag says it.
package struct HeaderSignature: Sendable, Hashable {
  /// `Name <email>`.
  package var identity: [UInt8]
  /// Seconds since 1970; nil where it is no number that fits.
  package var seconds: Int64?
  package var offset: [UInt8]

  package init(identity: [UInt8], seconds: Int64?, offset: [UInt8]) {
    self.identity = identity
    self.seconds = seconds
    self.offset = offset
  }

  /// Nil for a line that Git would not write.
  init?(_ value: ArraySlice<UInt8>) {
    guard let end = value.lastIndex(of: UInt8(ascii: ">")), value[...end].contains(UInt8(ascii: "<")) else { return nil }
    let times = value[value.index(after: end)...].split(separator: 0x20)
    guard times.count == 2 else { return nil }
    self.init(identity: Array(value[...end]), seconds: Int64(String(decoding: times[0], as: UTF8.self)), offset: Array(times[1]))
  }
}

/// Takes header lines off the front of an object.
struct HeaderReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ raw: [UInt8]) { rest = raw[...] }

  /// The value of the next line, if it is of that name.
  mutating func value(of name: String) -> ArraySlice<UInt8>? {
    let prefix = Array(name.utf8) + [0x20]
    guard rest.starts(with: prefix), let end = rest.firstIndex(of: 0x0A) else { return nil }
    let value = rest[rest.startIndex + prefix.count..<end]
    rest = rest[rest.index(after: end)...]
    return value
  }

  /// The names of all headers up to the blank line, which is passed over; nil where there is none.
  mutating func remainingNames() -> [String]? {
    var names: [String] = []
    while let end = rest.firstIndex(of: 0x0A) {
      let line = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if line.isEmpty { return names }
      if line.first != 0x20 { names.append(String(decoding: line.prefix { $0 != 0x20 }, as: UTF8.self)) }
    }
    return nil
  }
}
