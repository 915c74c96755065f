import KubernetesModel

/// A JSON value as indented lines, in the manner of YAML, for people to compare. Not meant to be parsed. Pure.
struct TextTree: Sendable {
  private(set) var lines: [String] = []

  init(_ json: JSON) { write(json, indent: "", lead: "") }

  /// - Parameter lead: what stands before the first line instead of the indentation: `  - `.
  private mutating func write(_ json: JSON, indent: String, lead: String) {
    var lead = lead
    switch json {
    case .object(let members) where !members.isEmpty:
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        write(value, under: key, indent: indent, lead: lead.isEmpty ? indent : lead)
        lead = ""
      }
    case .array(let elements) where !elements.isEmpty:
      for element in elements { write(element, indent: indent + "  ", lead: indent + "- ") }
    default: lines.append((lead.isEmpty ? indent : lead) + TextTree.scalar(json))
    }
  }

  private mutating func write(_ value: JSON, under key: String, indent: String, lead: String) {
    switch value {
    case .object(let members) where !members.isEmpty:
      lines.append("\(lead)\(key):")
      write(value, indent: indent + "  ", lead: "")
    case .array(let elements) where !elements.isEmpty:
      lines.append("\(lead)\(key):")
      write(value, indent: indent, lead: "")
    case .string(let text) where text.contains("\n"):
      lines.append("\(lead)\(key): |")
      lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "\(indent)  \($0)" }
    default: lines.append("\(lead)\(key): \(TextTree.scalar(value))")
    }
  }

  private static func scalar(_ json: JSON) -> String {
    guard case .string(let text) = json else { return json.text }
    let isPlain = !text.isEmpty && text.first?.isWhitespace == false && !text.contains { $0 == "\"" || $0 == "#" || $0.isNewline }
    let looksOtherwise = Double(text) != nil || ["true", "false", "null"].contains(text)
    return isPlain && !looksOtherwise ? text : json.text
  }
}
