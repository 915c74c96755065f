import KubernetesModel

/// Which objects of a kind a list or watch is about.
struct ObjectQuery: Sendable {
  var namespace: String?
  private var labels: [Requirement] = []
  private var fields: [(path: [String], value: String, isEqual: Bool)] = []

  fileprivate struct Requirement: Sendable {
    var key: String
    var sign: Sign
    var values: Set<String>

    enum Sign { case among, notAmong, exists, missing }
  }

  /// - Throws: 400 for selectors that nobody can read.
  init(namespace: String?, labelSelector: String?, fieldSelector: String?) throws(APIStatus) {
    self.namespace = namespace
    for text in ObjectQuery.split(labelSelector ?? "") { labels.append(try ObjectQuery.requirement(text)) }
    for text in ObjectQuery.split(fieldSelector ?? "") {
      let isEqual = !text.contains("!=")
      let sides = text.replacing("==", with: "=").replacing("!=", with: "=").split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw .badRequest("invalid field selector: \(text)") }
      fields.append((sides[0].split(separator: ".").map(String.init), String(sides[1]), isEqual))
    }
  }

  func matches(_ object: JSON) -> Bool {
    if let namespace, object.namespaceText != namespace { return false }
    return labels.allSatisfy { $0.matches(object.labels[$0.key]) }
      && fields.allSatisfy { field in ((object[path: field.path[...]]?.string ?? "") == field.value) == field.isEqual }
  }

  /// Parts between commas that stand in no parentheses.
  private static func split(_ text: String) -> [String] {
    var parts: [String] = [""]
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == "," && depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts.map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
  }

  private static func requirement(_ text: String) throws(APIStatus) -> Requirement {
    if let open = text.firstIndex(of: "("), text.hasSuffix(")") {
      let words = text[..<open].split(separator: " ")
      let values = text[text.index(after: open)...].dropLast().split(separator: ",").map { $0.filter { $0 != " " } }
      guard words.count == 2, words[1] == "in" || words[1] == "notin" else { throw .badRequest("unable to parse requirement: \(text)") }
      return Requirement(key: String(words[0]), sign: words[1] == "in" ? .among : .notAmong, values: Set(values))
    }
    for (mark, sign) in [("!=", Requirement.Sign.notAmong), ("==", .among), ("=", .among)] {
      guard let range = text.firstRange(of: mark) else { continue }
      let key = text[..<range.lowerBound].filter { $0 != " " }
      return Requirement(key: String(key), sign: sign, values: [String(text[range.upperBound...].filter { $0 != " " })])
    }
    if text.hasPrefix("!") { return Requirement(key: String(text.dropFirst()), sign: .missing, values: []) }
    guard !text.contains(" ") else { throw .badRequest("unable to parse requirement: \(text)") }
    return Requirement(key: text, sign: .exists, values: [])
  }
}

extension ObjectQuery.Requirement {
  fileprivate func matches(_ value: String?) -> Bool {
    switch sign {
    case .among: value.map(values.contains) ?? false
    case .notAmong: !(value.map(values.contains) ?? false)
    case .exists: value != nil
    case .missing: value == nil
    }
  }
}
