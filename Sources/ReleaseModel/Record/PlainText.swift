/// Text from outside made safe to show, log and commit: tag messages, probe bodies, pod names, server messages.
///
/// Removed are control characters of both blocks (terminal escapes begin with them), bidirectional controls, zero-width and other invisible
/// format characters; what is cut is marked by an ellipsis.
package enum PlainText {
  /// One line: every run of white space, line breaks included, becomes one space.
  package static func line(_ text: String, longest: Int) -> String {
    var line = String.UnicodeScalarView()
    var gap = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        gap = !line.isEmpty
      } else if isVisible(scalar) {
        if gap { line.append(" ") }
        gap = false
        line.append(scalar)
      }
    }
    return cut(String(line), longest)
  }

  /// Several lines, at most `lines` of at most `longest` characters each, without blank ones at either end.
  package static func block(_ text: String, longest: Int, lines: Int) -> [String] {
    var all = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line(String($0), longest: longest) }
    all = Array(all.drop { $0.isEmpty })
    while all.last?.isEmpty == true { all.removeLast() }
    guard all.count > lines else { return all }
    return Array(all.prefix(lines)) + ["…"]
  }

  private static func cut(_ text: String, _ longest: Int) -> String {
    text.count <= longest ? text : String(text.prefix(max(0, longest - 1))) + "…"
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
