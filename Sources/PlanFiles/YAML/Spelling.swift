/// What somebody may have meant.
enum Spelling {
  /// `did you mean "duration"?`, or what is known where nothing is near.
  static func hint(_ word: String, _ known: [String]) -> String {
    let near = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
    if let near, near.1 <= max(1, word.count / 3) { return "did you mean \"\(near.0)\"?" }
    return "known are: \(known.joined(separator: ", "))"
  }

  /// Damerau's optimal string alignment distance.
  static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8.prefix(60)), Array(right.utf8.prefix(60)))
    var rows = [Array(0...b.count)]
    for i in 1...max(1, a.count) where !a.isEmpty {
      var row = [i]
      for j in 1...max(1, b.count) where !b.isEmpty {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows.last?.last ?? 0
  }
}
