extension JSON {
  /// Why some bytes are no JSON document, and where.
  package struct SyntaxError: Error, Hashable, CustomStringConvertible {
    package var line: Int
    package var column: Int
    package var reason: String

    package var description: String { "line \(line), column \(column): \(reason)" }
  }

  /// The value that UTF-8 bytes spell.
  ///
  /// Of a key written twice the last one counts, as in Go's decoder. Nesting deeper than `maximumDepth` is refused, so that a hostile
  /// body cannot exhaust the stack.
  /// - Throws: `SyntaxError` with the line and column (from 1, in bytes) of the first byte that does not fit.
  package init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 200) throws(SyntaxError) {
    var parser = Parser(bytes: Array(bytes), maximumDepth: maximumDepth)
    self = try parser.document()
  }

  /// The value that a string spells.
  package init(parsing text: String) throws(SyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }
}

private struct Parser {
  let bytes: [UInt8]
  let maximumDepth: Int
  var position = 0
  var depth = 0

  init(bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  mutating func document() throws(JSON.SyntaxError) -> JSON {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw error("text after the end of the document") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func error(_ reason: String) -> JSON.SyntaxError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSON.SyntaxError(line: line, column: before.count - start + 1, reason: reason)
  }

  private mutating func value() throws(JSON.SyntaxError) -> JSON {
    skipSpace()
    guard let byte = next else { throw error("the document ends where a value should be") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { parser throws(JSON.SyntaxError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSON.SyntaxError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("a value cannot begin with this character")
    }
  }

  private mutating func nested(_ body: (inout Parser) throws(JSON.SyntaxError) -> JSON) throws(JSON.SyntaxError) -> JSON {
    depth += 1
    guard depth <= maximumDepth else { throw error("nested deeper than \(maximumDepth) levels") }
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSON.SyntaxError) -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw error("expected \(word)") }
    position += word.utf8.count
    return value
  }

  private mutating func object() throws(JSON.SyntaxError) -> JSON {
    var members: [String: JSON] = [:]
    position += 1
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw error("expected ':' after the key") }
      position += 1
      members[key] = try value()
      skipSpace()
      switch next {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return .object(members)
      default: throw error("expected ',' or '}'")
      }
    }
  }

  private mutating func array() throws(JSON.SyntaxError) -> JSON {
    var elements: [JSON] = []
    position += 1
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      elements.append(try value())
      skipSpace()
      switch next {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements)
      default: throw error("expected ',' or ']'")
      }
    }
  }

  private mutating func string() throws(JSON.SyntaxError) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {  // the common case: nothing escaped
      defer { position += 1 }
      return try text(bytes[start..<position])
    }
    var scratch = Array(bytes[start..<position])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try text(scratch[...])
      case UInt8(ascii: "\\"): try escape(into: &scratch)
      case 0..<0x20: throw error("a control character inside a string must be escaped")
      default:
        scratch.append(byte)
        position += 1
      }
    }
    throw error("the string has no end")
  }

  private func text(_ utf8: ArraySlice<UInt8>) throws(JSON.SyntaxError) -> String {
    guard let text = String(validating: utf8, as: UTF8.self) else { throw error("the string is not valid UTF-8") }
    return text
  }

  private mutating func escape(into scratch: inout [UInt8]) throws(JSON.SyntaxError) {
    position += 1
    guard let byte = next else { throw error("the string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): scratch += Array(String(Character(try unicodeEscape())).utf8)
    default: throw error("unknown escape")
    }
  }

  /// A `\u` escape, or two that form a surrogate pair; a lone surrogate becomes U+FFFD as in Go's decoder.
  private mutating func unicodeEscape() throws(JSON.SyntaxError) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    let high = try hexadecimal()
    guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) ?? replacement }
    guard bytes[position...].starts(with: "\\u".utf8) else { return replacement }
    let mark = position
    position += 2
    let low = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(low) else {
      position = mark
      return replacement
    }
    return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) ?? replacement
  }

  private mutating func hexadecimal() throws(JSON.SyntaxError) -> UInt32 {
    guard position + 4 <= bytes.count, let digits = String(validating: bytes[position..<position + 4], as: UTF8.self),
      digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16)
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return value
  }

  private mutating func number() throws(JSON.SyntaxError) -> JSON {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let whole = digits()
    guard whole > 0 else { throw error("expected a digit") }
    guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else { throw error("a number cannot begin with 0") }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard digits() > 0 else { throw error("expected a digit") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw error("expected a digit") }
    }
    let literal = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(literal) { return .int(value) }
    guard let value = Double(literal), value.isFinite else { throw error("the number is out of range") }
    return .double(value)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }
}
