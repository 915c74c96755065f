/// Names as OpenSSH lists them: patterns with commas between them, in which `*` stands for any characters and `?` for one, and which with `!`
/// before them take names out again (ssh_config(5), PATTERNS).
package struct PatternList: Sendable, Hashable, CustomStringConvertible {
  private struct Pattern: Sendable, Hashable {
    var isNegated: Bool
    var bytes: [UInt8]
  }

  /// The list as it was written.
  package let description: String
  private let patterns: [Pattern]

  /// Nil for an empty list, an empty pattern in it, and one that only takes names out, which could never allow anything.
  package init?(_ text: String) {
    let patterns = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { part in
      let isNegated = part.first == UInt8(ascii: "!")
      return Pattern(isNegated: isNegated, bytes: Array(isNegated ? part.dropFirst() : part))
    }
    guard patterns.allSatisfy({ !$0.bytes.isEmpty }), patterns.contains(where: { !$0.isNegated }) else { return nil }
    (description, self.patterns) = (text, patterns)
  }

  /// Whether a pattern matches the name and none takes it out.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    var isAllowed = false
    for pattern in patterns where Self.matches(name, pattern.bytes) {
      if pattern.isNegated { return false }
      isAllowed = true
    }
    return isAllowed
  }

  /// In time proportional to both lengths multiplied, whatever the pattern: on a mismatch only the last star is tried again.
  private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (at, place) = (0, 0)
    var retry: (at: Int, place: Int)?
    while at < name.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        retry = (at, place)
        place += 1
      } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == name[at] {
        (at, place) = (at + 1, place + 1)
      } else if let last = retry {
        retry = (last.at + 1, last.place)
        (at, place) = (last.at + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
