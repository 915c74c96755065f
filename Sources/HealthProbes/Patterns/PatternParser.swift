/// A pattern as a tree.
indirect enum PatternNode: Sendable {
  case one(CharacterRule)
  case when(PatternCondition)
  case sequence([PatternNode])
  case choice([PatternNode])
  case repeated(PatternNode, Int, Int?)
}

/// What `(?ims)` at the beginning says.
struct PatternFlags: Sendable {
  var ignoresCase = false
  var anchorsMatchLines = false
  var dotMatchesNewlines = false
}

/// Reads what Swift, Perl and their like agree on.
struct PatternParser {
  private let text: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private(set) var flags = PatternFlags()

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  mutating func pattern() throws(TextPattern.Fault) -> PatternNode {
    readFlags()
    let node = try choice()
    if next == ")" { throw TextPattern.Fault(reason: "a ) closes nothing") }
    return node
  }

  private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    guard next == wanted else { return false }
    position += 1
    return true
  }

  private mutating func readFlags() {
    guard text.starts(with: "(?".unicodeScalars), let end = text.firstIndex(of: ")"), end > 2 else { return }
    let letters = text[2..<end]
    guard letters.allSatisfy({ "ims".unicodeScalars.contains($0) }) else { return }
    flags = PatternFlags(
      ignoresCase: letters.contains("i"), anchorsMatchLines: letters.contains("m"), dotMatchesNewlines: letters.contains("s"))
    position = end + 1
  }

  private mutating func choice() throws(TextPattern.Fault) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 50 else { throw TextPattern.Fault(reason: "groups are nested deeper than 50 levels") }
    var ways = [try sequence()]
    while take("|") { ways.append(try sequence()) }
    return ways.count == 1 ? ways[0] : .choice(ways)
  }

  private mutating func sequence() throws(TextPattern.Fault) -> PatternNode {
    var nodes: [PatternNode] = []
    while let character = next, character != "|", character != ")" { nodes.append(try quantified()) }
    return .sequence(nodes)
  }

  private mutating func quantified() throws(TextPattern.Fault) -> PatternNode {
    let start = position
    var node = try atom()
    if case .when = node, let character = next, "*+?".unicodeScalars.contains(character) {
      throw TextPattern.Fault(reason: "an anchor cannot be repeated")
    }
    while let (least, most) = try quantifier() {
      if take("+") { throw TextPattern.Fault(reason: "possessive quantifiers are not supported") }
      _ = take("?")  // lazy or not: found is found
      node = .repeated(node, least, most)
      guard position - start < 200 else { throw TextPattern.Fault(reason: "too many quantifiers in a row") }
      if let character = next, "*+?".unicodeScalars.contains(character) {
        throw TextPattern.Fault(reason: "a quantifier has nothing to repeat")
      }
    }
    return node
  }

  private mutating func quantifier() throws(TextPattern.Fault) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard next == "{" else { return nil }
    let start = position
    position += 1
    let least = number()
    let hasComma = take(",")
    let most = hasComma ? number() : least
    guard take("}"), least != nil || most != nil else {
      position = start
      return nil
    }
    guard (least ?? 0) <= TextPattern.longest, (most ?? 0) <= TextPattern.longest else {
      throw TextPattern.Fault(reason: "it is too large")
    }
    guard (least ?? 0) <= (most ?? .max) else { throw TextPattern.Fault(reason: "a range is the wrong way round") }
    return (least ?? 0, most)
  }

  private mutating func number() -> Int? {
    let start = position
    while let digit = next, ("0"..."9").contains(digit), position - start < 6 { position += 1 }
    return Int(String(String.UnicodeScalarView(text[start..<position])))
  }

  private mutating func atom() throws(TextPattern.Fault) -> PatternNode {
    guard let character = next else { throw TextPattern.Fault(reason: "it ends too early") }
    position += 1
    switch character {
    case "(": return try group()
    case "[": return .one(try characterClass())
    case ".": return .one(CharacterRule(members: [flags.dotMatchesNewlines ? .any : .anyButNewline]))
    case "^": return .when(flags.anchorsMatchLines ? .lineStart : .textStart)
    case "$": return .when(flags.anchorsMatchLines ? .lineEnd : .textEnd)
    case "*", "+", "?": throw TextPattern.Fault(reason: "a quantifier has nothing to repeat")
    case "\\":
      switch next {
      case "b", "B", "A", "z", "Z":
        defer { position += 1 }
        return .when(PatternParser.condition(text[position]))
      default: return .one(rule([try escape()]))
      }
    case "{" where isQuantifierAhead(): throw TextPattern.Fault(reason: "a quantifier has nothing to repeat")
    default: return .one(rule([.range(character.value...character.value)]))
    }
  }

  private func isQuantifierAhead() -> Bool {
    var copy = self
    copy.position -= 1
    return ((try? copy.quantifier()) ?? nil) != nil
  }

  private static func condition(_ letter: Unicode.Scalar) -> PatternCondition {
    switch letter {
    case "b": .wordEdge(true)
    case "B": .wordEdge(false)
    case "A": .textStart
    case "z": .textEnd
    default: .lastEnd
    }
  }

  private func rule(_ members: [CharacterRule.Member]) -> CharacterRule {
    CharacterRule(members: members, ignoresCase: flags.ignoresCase)
  }

  private mutating func group() throws(TextPattern.Fault) -> PatternNode {
    if take("?") {
      guard take(":") else { throw TextPattern.Fault(reason: "of the groups that begin with (? only (?: is supported") }
    }
    let node = try choice()
    guard take(")") else { throw TextPattern.Fault(reason: "a ( is never closed") }
    return node
  }

  private mutating func characterClass() throws(TextPattern.Fault) -> CharacterRule {
    var rule = rule([])
    rule.isNegated = take("^")
    repeat {
      guard let character = next else { throw TextPattern.Fault(reason: "a [ is never closed") }
      if character == "[" || isSetOperation {
        throw TextPattern.Fault(reason: "classes inside classes are not supported; a [, && or -- in a class needs a \\")
      }
      if character == "]", rule.members.isEmpty { throw TextPattern.Fault(reason: "a class is empty") }
      let member = try classMember()
      guard next == "-", position + 1 < text.count, text[position + 1] != "]" else {
        rule.members.append(member)
        continue
      }
      position += 1
      guard case .range(let low) = member, case .range(let high) = try classMember(), low.lowerBound <= high.lowerBound else {
        throw TextPattern.Fault(reason: "a range in a class is none")
      }
      rule.members.append(.range(low.lowerBound...high.lowerBound))
    } while next != "]"
    position += 1
    return rule
  }

  private var isSetOperation: Bool {
    guard position + 1 < text.count, text[position] == text[position + 1] else { return false }
    return "&-~".unicodeScalars.contains(text[position])
  }

  private mutating func classMember() throws(TextPattern.Fault) -> CharacterRule.Member {
    guard let character = next else { throw TextPattern.Fault(reason: "a [ is never closed") }
    position += 1
    guard character == "\\" else { return .range(character.value...character.value) }
    return try escape()
  }

  /// What stands after a backslash.
  private mutating func escape() throws(TextPattern.Fault) -> CharacterRule.Member {
    guard let letter = next else { throw TextPattern.Fault(reason: "it ends with a \\") }
    position += 1
    func exactly(_ value: UInt32) -> CharacterRule.Member { .range(value...value) }
    switch letter {
    case "d": return .digit(true)
    case "D": return .digit(false)
    case "w": return .word(true)
    case "W": return .word(false)
    case "s": return .space(true)
    case "S": return .space(false)
    case "n": return exactly(0x0A)
    case "r": return exactly(0x0D)
    case "t": return exactly(0x09)
    case "f": return exactly(0x0C)
    default:
      let isPlain = letter.value < 0x80 && !("0"..."9").contains(letter) && !("a"..."z").contains(letter) && !("A"..."Z").contains(letter)
      guard isPlain else { throw TextPattern.Fault(reason: "\\\(letter) is not supported") }
      return exactly(letter.value)
    }
  }
}
