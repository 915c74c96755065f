import ReleaseModel

/// What the message of a release tag says about the change: lines like `Reason: …`, as its author wrote them.
package struct TagMessage: Sendable, Hashable {
  /// What stands where nothing was said.
  package static let missing = "not evidenced"

  package let reason: String?
  package let impact: String?
  /// A change or ticket in another system.
  package let reference: String?

  package init(_ message: String) {
    reason = TagMessage.value(of: ["reason", "why"], in: message)
    impact = TagMessage.value(of: ["impact", "risk"], in: message)
    reference = TagMessage.value(of: ["change", "ticket", "change-id", "issue"], in: message)
  }

  /// The text after the first line that begins with one of the names, together with the lines that go on with it, indented.
  private static func value(of names: [String], in message: String) -> String? {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let colon = line.firstIndex(of: ":"), names.contains(line[..<colon].lowercased()) else { continue }
      let rest = lines[(index + 1)...].prefix { $0.first == " " || $0.first == "\t" }
      let text = PlainText.line(([line[line.index(after: colon)...]] + rest).joined(separator: " "), longest: 500)
      if !text.isEmpty { return text }
    }
    return nil
  }
}
