/// A version as Semantic Versioning 2.0.0 defines it (https://semver.org), numeric parts unbounded.
///
/// Equality is of the spelling. Precedence ignores build metadata: two versions can differ and still have ``hasEqualPrecedence(to:)``.
package struct Version: Sendable, Hashable, CustomStringConvertible {
  /// The version as written, without a leading `v`.
  package let text: String
  private let core: [Number]
  private let prerelease: [Identifier]

  /// The version that a text spells, or nil where it is not one.
  package init?(_ text: String) {
    let plus = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard let main = plus.first, text.utf8.count <= 200 else { return nil }
    if plus.count == 2 {
      guard Version.identifiers(plus[1])?.isEmpty == false else { return nil }
    }
    let dash = main.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = dash[0].split(separator: ".", omittingEmptySubsequences: false).map { Number($0) }
    guard numbers.count == 3 else { return nil }
    var core: [Number] = []
    for number in numbers {
      guard let number else { return nil }
      core.append(number)
    }
    var prerelease: [Identifier] = []
    if dash.count == 2 {
      guard let identifiers = Version.identifiers(dash[1]) else { return nil }
      for identifier in identifiers {
        guard let parsed = Identifier(identifier) else { return nil }
        prerelease.append(parsed)
      }
    }
    self.text = text
    self.core = core
    self.prerelease = prerelease
  }

  package var description: String { text }

  /// Whether the version names a prerelease (`1.4.0-rc.1`; also `2.0.330-63-gc1cfb`, as `git describe` writes).
  package var isPrerelease: Bool { !prerelease.isEmpty }

  /// Whether neither version precedes the other: they are equal but for build metadata.
  package func hasEqualPrecedence(to other: Version) -> Bool { !(self < other) && !(other < self) }

  /// The dot-separated identifiers, or nil where one is empty or has a character that is not allowed.
  private static func identifiers(_ text: Substring) -> [Substring]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let allowed = parts.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
    return allowed ? parts : nil
  }
}

extension Version: Comparable {
  /// Precedence (SemVer §11): numbers by value, identifiers by ASCII order, a prerelease before its release.
  package static func < (left: Version, right: Version) -> Bool {
    for (mine, theirs) in zip(left.core, right.core) where mine != theirs { return mine < theirs }
    switch (left.prerelease.isEmpty, right.prerelease.isEmpty) {
    case (true, _): return false
    case (false, true): return true
    case (false, false): return left.prerelease.lexicographicallyPrecedes(right.prerelease)
    }
  }
}

extension Version: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let version = Version(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not a version"))
    }
    self = version
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Decimal digits without a leading zero, compared by value without ever becoming an `Int`.
private struct Number: Sendable, Hashable, Comparable {
  let digits: String

  init?(_ text: Substring) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.utf8.first != UInt8(ascii: "0")
    else { return nil }
    digits = String(text)
  }

  static func < (left: Number, right: Number) -> Bool {
    let (mine, theirs) = (left.digits.utf8.count, right.digits.utf8.count)
    return mine == theirs ? left.digits < right.digits : mine < theirs
  }
}

/// A prerelease identifier; numeric ones come before the others.
private enum Identifier: Sendable, Hashable, Comparable {
  case number(Number)
  case word(String)

  init?(_ text: Substring) {
    if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      guard let number = Number(text) else { return nil }
      self = .number(number)
    } else {
      self = .word(String(text))
    }
  }

  static func < (left: Identifier, right: Identifier) -> Bool {
    switch (left, right) {
    case (.number(let mine), .number(let theirs)): mine < theirs
    case (.number, .word): true
    case (.word, .number): false
    case (.word(let mine), .word(let theirs)): mine.utf8.lexicographicallyPrecedes(theirs.utf8)
    }
  }
}
