/// Which single characters (Unicode scalars) a place of a pattern lets pass.
struct CharacterRule: Sendable {
  enum Member: Sendable {
    case range(ClosedRange<UInt32>)
    case digit(Bool)
    case word(Bool)
    case space(Bool)
    case anyButNewline
    case any
  }

  var members: [Member]
  var isNegated = false
  var ignoresCase = false

  static func character(_ scalar: Unicode.Scalar) -> CharacterRule {
    CharacterRule(members: [.range(scalar.value...scalar.value)])
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    (holds(scalar) || (ignoresCase && CharacterRule.otherCases(scalar).contains(where: holds))) != isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    members.contains { member in
      switch member {
      case .range(let range): range.contains(scalar.value)
      case .digit(let wanted): (scalar.properties.numericType == .decimal) == wanted
      case .word(let wanted): CharacterRule.isWord(scalar) == wanted
      case .space(let wanted): scalar.properties.isWhitespace == wanted
      case .anyButNewline: !CharacterRule.isNewline(scalar)
      case .any: true
      }
    }
  }

  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
  }

  static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  private static func otherCases(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap { text in
      text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
  }
}

/// What must hold between two characters.
enum PatternCondition: Sendable {
  case textStart
  case textEnd
  /// The end, or before the newline at it.
  case lastEnd
  case lineStart
  case lineEnd
  case wordEdge(Bool)

  func holds(at position: Int, in scalars: [Unicode.Scalar]) -> Bool {
    switch self {
    case .textStart: position == 0
    case .textEnd: position == scalars.count
    case .lastEnd: position == scalars.count || (position == scalars.count - 1 && scalars[position] == "\n")
    case .lineStart: position == 0 || CharacterRule.isNewline(scalars[position - 1])
    case .lineEnd: position == scalars.count || CharacterRule.isNewline(scalars[position])
    case .wordEdge(let wanted):
      (PatternCondition.isWord(position - 1, scalars) != PatternCondition.isWord(position, scalars)) == wanted
    }
  }

  private static func isWord(_ position: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    scalars.indices.contains(position) && CharacterRule.isWord(scalars[position])
  }
}
