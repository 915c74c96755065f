/// One part of a label selector.
struct LabelRequirement: Sendable {
  var key: String
  var sign: Sign
  var values: Set<String>

  enum Sign { case among, notAmong, exists, missing }

  func matches(_ value: String?) -> Bool {
    switch sign {
    case .among: value.map(values.contains) ?? false
    case .notAmong: !(value.map(values.contains) ?? false)
    case .exists: value != nil
    case .missing: value == nil
    }
  }
}

/// Reads label selectors as `labels.Parse` of apimachinery does: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
struct LabelSelectorText {
  private var tokens: ArraySlice<String>

  /// - Throws: 400 in the words of apimachinery.
  static func requirements(_ text: String) throws(APIStatus) -> [LabelRequirement] {
    var reader = LabelSelectorText(tokens: tokens(text)[...])
    guard !reader.tokens.isEmpty else { return [] }
    var found: [LabelRequirement] = []
    while true {
      found.append(try reader.requirement())
      guard let comma = reader.tokens.popFirst() else { return found }
      guard comma == "," else { throw fault("found '\(comma)', expected: ',' or 'end of string'") }
      if reader.tokens.isEmpty { throw fault("found '', expected: identifier after ','") }
    }
  }

  private static func fault(_ why: String) -> APIStatus { .badRequest("unable to parse requirement: \(why)") }

  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    for character in text {
      if "=!(),".contains(character) {
        if !word.isEmpty { tokens.append(word) }
        word = ""
        if character == "=", let last = tokens.last, last == "!" || last == "=" {
          tokens[tokens.count - 1] += "="
        } else {
          tokens.append(String(character))
        }
      } else if character.isWhitespace {
        if !word.isEmpty { tokens.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? tokens : tokens + [word]
  }

  private mutating func requirement() throws(APIStatus) -> LabelRequirement {
    if tokens.first == "!" {
      tokens.removeFirst()
      return LabelRequirement(key: try key(), sign: .missing, values: [])
    }
    let key = try key()
    switch tokens.first {
    case nil, ",": return LabelRequirement(key: key, sign: .exists, values: [])
    case "=", "==", "!=":
      let sign = tokens.removeFirst()
      let value = tokens.first.map { $0 == "," ? "" : $0 } ?? ""
      if !value.isEmpty { tokens.removeFirst() }
      try Self.check(value)
      return LabelRequirement(key: key, sign: sign == "!=" ? .notAmong : .among, values: [value])
    case "in", "notin":
      let sign = tokens.removeFirst()
      return LabelRequirement(key: key, sign: sign == "in" ? .among : .notAmong, values: try values())
    case let other?: throw Self.fault("found '\(other)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  private mutating func key() throws(APIStatus) -> String {
    guard let key = tokens.popFirst(), !["=", "==", "!=", "!", "(", ")", ","].contains(key) else {
      throw Self.fault("found '', expected: !, identifier, or 'end of string'")
    }
    if let why = Validation.labelKeyFault(key) { throw Self.fault("key: Invalid value: \"\(key)\": \(why)") }
    return key
  }

  /// `(a, b)`
  private mutating func values() throws(APIStatus) -> Set<String> {
    let open = tokens.popFirst() ?? ""
    guard open == "(" else { throw Self.fault("found '\(open)' expected: '('") }
    var values: Set<String> = []
    var last = ""
    while let token = tokens.popFirst() {
      switch token {
      case ")":
        try Self.check(last)
        return values.union([last])
      case ",":
        try Self.check(last)
        values.insert(last)
        last = ""
      default:
        guard last.isEmpty else { throw Self.fault("found '\(token)', expected: ',' or ')'") }
        last = token
      }
    }
    throw Self.fault("found '', expected: ',' or ')'")
  }

  private static func check(_ value: String) throws(APIStatus) {
    if let why = Validation.labelValueFault(value) { throw fault("values[0]: Invalid value: \"\(value)\": \(why)") }
  }
}
