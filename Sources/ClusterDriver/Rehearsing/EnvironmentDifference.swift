import KubernetesModel
import ReleaseModel

/// How a new color's objects differ from the live color's, as lines for people; what differs by color alone is left out. Pure.
struct EnvironmentDifference: Sendable {
  let lines: [String]

  /// The most lines that are shown.
  static let longest = 400

  /// - Parameters:
  ///   - before: the live objects by kind and name without color.
  ///   - after: the new ones, with the server's defaults.
  init(before: [EnvironmentKind: [String: JSON]], live: Color, after: [AppliedObject], color: Color) {
    let names = Set(before.values.flatMap(\.keys)).union(after.map { color.plainName($0.json.name) })
    var lines: [String] = []
    for object in after {
      let plain = color.plainName(object.json.name)
      let new = NeutralObject(object.json, object.kind, color, names)
      let old = before[object.kind]?[plain].map { NeutralObject($0, object.kind, live, names) }
      lines += EnvironmentDifference.compare(old, new, title: "\(object.kind.resource.kind) \(plain)", live: live, color: color)
    }
    let kept = Set(after.map { "\($0.kind)/\(color.plainName($0.json.name))" })
    for (kind, objects) in before.sorted(by: { $0.key < $1.key }) {
      for name in objects.keys.sorted() where !kept.contains("\(kind)/\(name)") {
        lines.append("--- \(kind.resource.kind) \(name) (\(live)): not part of this version")
      }
    }
    if lines.isEmpty { lines = ["no difference from \(live)"] }
    let shown = lines.prefix(EnvironmentDifference.longest).map { PlainText.line(indented: $0, longest: 200) }
    self.lines = shown + (lines.count > shown.count ? ["… and \(lines.count - shown.count) more lines"] : [])
  }

  private static func compare(
    _ old: NeutralObject?, _ new: NeutralObject, title: String, live: Color, color: Color
  ) -> [String] {
    guard let old else { return ["+++ \(title) (\(color)): new"] + TextTree(new.hiding(unlike: nil)).lines.map { "+\($0)" } }
    let before = TextTree(old.hiding(unlike: new, as: "before")).lines
    let after = TextTree(new.hiding(unlike: old, as: "after")).lines
    let hunks = LineDifference(from: before, to: after).unified
    return hunks.isEmpty ? [] : ["--- \(title) (\(live))", "+++ \(title) (\(color))"] + hunks
  }
}

extension PlainText {
  /// One line made safe, with its indentation kept.
  fileprivate static func line(indented text: String, longest: Int) -> String {
    let sign = text.prefix { $0 == "+" || $0 == "-" || $0 == " " }
    return sign + PlainText.line(String(text.dropFirst(sign.count)), longest: max(10, longest - sign.count))
  }
}
