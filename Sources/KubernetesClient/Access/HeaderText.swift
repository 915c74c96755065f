/// What may stand in a header that says who asks.
enum HeaderText {
  /// Whether a text is one bearer token (RFC 6750 §2.1): visible ASCII, no blanks.
  static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

  /// Whether a text holds a control character, a line break among them: behind it another header could begin.
  static func holdsControl(_ text: String) -> Bool { text.unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
