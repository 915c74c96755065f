/// Text that a server, a plugin or a file wrote, made fit for a terminal and a log.
enum ForeignText {
  /// One line: every run of white space becomes one space, control and invisible characters are left out, what is too long is cut.
  static func line(_ text: String, longest: Int) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).map(visible).filter { !$0.isEmpty }
    return cut(words.joined(separator: " "), longest)
  }

  /// The text with its line breaks, without other control and invisible characters.
  static func lines(_ text: String, longest: Int) -> String {
    // Nearly all texts are plain already.
    if text.utf8.count <= longest, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A }) { return text }
    return cut(
      text.prefix(4 * longest).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(visible).joined(separator: "\n"),
      longest)
  }

  /// The text with its long quotations shortened: validation errors quote a whole object before they say what is wrong with it. Quotations
  /// are those of Go's `%q`, with a backslash before each quotation mark inside.
  static func withShortQuotes(_ text: String, longest: Int = 200) -> String {
    guard text.utf8.count > longest else { return text }
    var (result, rest) = ("", text[...])
    while let start = rest.firstIndex(of: "\"") {
      result += rest[..<start]
      let inside = rest[rest.index(after: start)...]
      guard let end = closing(inside) else { return result + rest[start...] }
      let quoted = inside[..<end]
      result += quoted.count > longest ? "\"\(quoted.prefix(20))…\"" : "\"\(quoted)\""
      rest = inside[inside.index(after: end)...]
    }
    return result + rest
  }

  private static func closing(_ text: Substring) -> Substring.Index? {
    var isEscaped = false
    return text.indices.first { index in
      defer { isEscaped = !isEscaped && text[index] == "\\" }
      return !isEscaped && text[index] == "\""
    }
  }

  private static func visible(_ text: Substring) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where isVisible(scalar) { kept.append(scalar == "\t" ? " " : scalar) }
    return String(kept)
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\t" { return true }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  private static func cut(_ text: String, _ longest: Int) -> String {
    text.count <= longest ? text : String(text.prefix(max(0, longest - 1))) + "…"
  }
}
