/// The difference of two texts, line by line. Pure.
struct LineDifference: Sendable {
  /// Lines with `-`, `+` or a space before them; hunks begin with `@@`. Empty where the texts are equal.
  let unified: [String]

  /// How many equal lines are shown around a change.
  private static let context = 2

  init(from old: [String], to new: [String]) {
    guard old != new else {
      unified = []
      return
    }
    unified = LineDifference.hunks(LineDifference.edits(old, new))
  }

  /// Every line of both texts in order, with its sign.
  private static func edits(_ old: [String], _ new: [String]) -> [(sign: String, line: String)] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var edits: [(String, String)] = []
    var from = 0
    var to = 0
    while from < old.count || to < new.count {
      if from < old.count, removed.contains(from) {
        edits.append(("-", old[from]))
        from += 1
      } else if to < new.count, inserted.contains(to) {
        edits.append(("+", new[to]))
        to += 1
      } else {
        edits.append((" ", old[from]))
        from += 1
        to += 1
      }
    }
    return edits
  }

  private static func hunks(_ edits: [(sign: String, line: String)]) -> [String] {
    let changed = edits.indices.filter { edits[$0].sign != " " }
    var shown = Set<Int>()
    for index in changed { shown.formUnion(max(0, index - context)...min(edits.count - 1, index + context)) }
    var lines: [String] = []
    var last = -2
    for index in shown.sorted() {
      if index != last + 1 { lines.append("@@") }
      lines.append(edits[index].sign + edits[index].line)
      last = index
    }
    return lines
  }
}
