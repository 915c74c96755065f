/// What a regular expression of a plan may not hold, so that searching for it takes bounded time: the gates follow all ways through a pattern
/// side by side, and some constructs cannot be followed so.
struct PatternRules {
  private let text: [Character]

  init(_ pattern: String) { text = Array(pattern) }

  /// Why the pattern is refused; nil where it is not.
  var refusal: String? {
    var position = isFlagged ? (text.firstIndex(of: ")") ?? 0) + 1 : 0
    var isInClass = false
    while position < text.count {
      if let reason = refusal(at: position, isInClass) { return reason }
      switch text[position] {
      case "\\": position += 1
      case "[": isInClass = true
      case "]": isInClass = false
      default: break
      }
      position += 1
    }
    return nil
  }

  /// `(?ims)` at the beginning.
  private var isFlagged: Bool {
    guard text.starts(with: "(?"), let end = text.firstIndex(of: ")"), end > 2 else { return false }
    return text[2..<end].allSatisfy { "ims".contains($0) }
  }

  private func refusal(at position: Int, _ isInClass: Bool) -> String? {
    let next = position + 1 < text.count ? text[position + 1] : nil
    switch text[position] {
    case "\\":
      guard let next, next.isLetter || next.isNumber, !(isInClass ? "dDwWsSnrtf" : "dDwWsSnrtfbBAzZ").contains(next) else { return nil }
      return "\\\(next) is not supported"
    case "[" where isInClass: return "classes inside classes are not supported"
    case "&" where isInClass && next == "&", "-" where isInClass && next == "-", "~" where isInClass && next == "~":
      return "operations on classes are not supported"
    case "(" where !isInClass && next == "?":
      return position + 2 < text.count && text[position + 2] == ":" ? nil : "of the groups that begin with (? only (?: is supported"
    case "*", "+", "?", "}":
      return !isInClass && next == "+" ? "possessive quantifiers are not supported" : nil
    default: return nil
    }
  }
}
