import ArgumentParser
import ReleaseModel

/// Words of the command line, read into what they name; what is wrong with one is said in a sentence that says what to write instead.
enum Word {
  static func service(_ text: String) throws -> ServiceName {
    if let name = ServiceName(text) { return name }
    throw ValidationError("a service's name has lower-case letters, digits and dashes, at most 50; use the one from tagflip.yaml")
  }

  static func version(_ text: String) throws -> Version {
    if let version = Version(text) ?? (text.hasPrefix("v") ? Version(String(text.dropFirst())) : nil) { return version }
    throw ValidationError("this is no semantic version; write it like 1.4.0")
  }

  /// A word as it may be shown: one line, bounded, without control characters.
  static func plain(_ text: String) -> String { PlainText.line(text, longest: 60) }

  /// `did you mean "status"?`, or what there is where nothing is near.
  static func hint(_ word: String, _ known: [String]) -> String {
    let near = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
    if let near, near.1 <= max(1, word.count / 3) { return "did you mean \"\(near.0)\"?" }
    return known.isEmpty ? "there is none" : "there are: \(known.joined(separator: ", "))"
  }

  /// How many letters were added, left out, changed or swapped with their neighbor (optimal string alignment).
  static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.prefix(60)), Array(right.prefix(60)))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows.last?.last ?? 0
  }
}
