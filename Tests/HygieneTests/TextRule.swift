import Testing

/// Something that no line of a file may be, with a line that shows that the rule can fail.
struct TextRule: Sendable, CustomTestStringConvertible {
  var name: String
  var pattern: String
  var applies: @Sendable (SourceTree.File) -> Bool
  /// A line that the rule finds.
  var bad: String
  /// A line that looks like it and is right.
  var good: String

  var testDescription: String { name }

  /// The lines of a file that break the rule, with their places.
  func breaches(in file: SourceTree.File) -> [String] {
    guard applies(file), let pattern = try? Regex(pattern) else { return [] }
    return file.lines.enumerated().filter { (try? pattern.firstMatch(in: $0.element)) != nil }.map {
      "\(file.path):\($0.offset + 1): \($0.element)"
    }
  }

  static let all: [TextRule] = [
    TextRule(
      name: "nothing but FoundationEssentials is imported", pattern: #"^\s*(\w+ )?import Foundation\s*$"#,
      applies: { $0.path.hasSuffix(".swift") },
      bad: "package import Foundation", good: "import FoundationEssentials"),
    TextRule(
      name: "nothing traps on what comes from outside", pattern: #"\btry!|\bas!|fatalError\("#,
      applies: { $0.path.hasSuffix(".swift") && !$0.isTest }, bad: "let x = try! f()", good: "let x = try f()"),
    TextRule(
      name: "no value is unwrapped by force", pattern: #"[A-Za-z0-9_\)\]]!([\.\)\], ]|$)"#,
      applies: { $0.path.hasSuffix(".swift") && !$0.isTest && $0.module != "TagflipCommands" }, bad: "let first = list.first!.name",
      good: "if a != b { return !c }"),
    TextRule(
      name: "no unchecked Sendable and no loose task", pattern: #"@unchecked Sendable|Task\.detached|(^|[^\w.])Task \{"#,
      applies: { $0.path.hasSuffix(".swift") && !$0.isTest }, bad: "Task { await run() }", good: "group.addTask { await run() }"),
    TextRule(
      name: "nothing is left for later", pattern: #"\b(TODO|FIXME|HACK)\b"#, applies: { !$0.path.hasPrefix("Tests/HygieneTests/") },
      bad: "// TODO: later", good: "// to do so later would be too late"),
    TextRule(
      name: "no path of one machine", pattern: #"(^|[\s"'=(])/(work|root|home|Users|opt)/"#,
      applies: { !$0.path.hasPrefix("Tests/HygieneTests/") }, bad: "cd /home/me/tagflip", good: "cd config/home/x"),
  ]
}
