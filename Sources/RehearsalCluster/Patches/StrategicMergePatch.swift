import KubernetesModel

extension JSON {
  /// The value with a strategic merge patch laid over it
  /// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
  /// - Throws: 500 for a directive that nobody knows.
  func strategicMerged(_ patch: JSON, at path: FieldPath = []) throws(APIStatus) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    switch try JSON.directive(patch) {
    case "replace":
      var whole = patch
      whole["$patch"] = nil
      return whole
    case "delete": return .null
    default: break
    }
    var result: JSON = object == nil ? [:] : self
    let before = result
    for (key, value) in changes where !key.hasPrefix("$") {
      let here = path + [.field(key)]
      if value.isNull {
        result[key] = nil
      } else if let elements = value.array {
        result[key] = .array(try JSON.strategicList(result[key]?.array ?? [], elements, here))
      } else {
        let merged = try (result[key] ?? .null).strategicMerged(value, at: here)
        result[key] = merged.isNull ? nil : merged
      }
    }
    for (key, value) in changes {
      if let list = key.following("$deleteFromPrimitiveList/") {
        let doomed = value.array ?? []
        result[list] = result[list]?.array.map { .array($0.filter { !doomed.contains($0) }) }
      } else if let list = key.following("$setElementOrder/"), let elements = result[list]?.array {
        let was = before[list]?.array ?? []
        result[list] = .array(JSON.ordered(elements, as: value.array ?? [], was: was, path + [.field(list)]))
      } else if key == "$retainKeys", let members = result.object {
        result = .object(members.filter { (value.array ?? []).contains(.string($0.key)) })
      }
    }
    return result
  }

  /// What an element or map of a patch is to do; nil where it is to merge.
  private static func directive(_ patch: JSON) throws(APIStatus) -> String? {
    guard let directive = patch["$patch"] else { return nil }
    guard let text = directive.string, ["replace", "delete", "merge"].contains(text) else {
      throw APIStatus(500, "", "unknown patch type: \(directive.string ?? directive.text) in map: \(patch.text)")
    }
    return text == "merge" ? nil : text
  }

  private static func strategicList(_ old: [JSON], _ patch: [JSON], _ path: FieldPath) throws(APIStatus) -> [JSON] {
    var replaces = false
    for change in patch where try directive(change) == "replace" { replaces = true }
    if replaces { return patch.filter { $0["$patch"] == nil } }
    let key: String
    switch FieldSchema.list(path) {
    case .atomic: return patch
    case .set: return old + patch.filter { !old.contains($0) }
    // Strategic merge knows one key a list: the first.
    case .map(let keys): key = keys[0]
    }
    var result = old
    for change in patch {
      let isDeletion = try directive(change) == "delete"
      guard let index = result.firstIndex(where: { $0[key] == change[key] }) else {
        if !isDeletion { result.append(try JSON.null.strategicMerged(change, at: path)) }
        continue
      }
      if isDeletion { result.remove(at: index) } else { result[index] = try result[index].strategicMerged(change, at: path) }
    }
    return result
  }

  /// A merged list in the order that a patch asks for; what it does not name stays between what it stood between.
  private static func ordered(_ elements: [JSON], as order: [JSON], was: [JSON], _ path: FieldPath) -> [JSON] {
    var name: @Sendable (JSON) -> JSON = { $0 }
    if case .map(let keys) = FieldSchema.list(path) { name = { $0[keys[0]] ?? .null } }
    let (wanted, before) = (order.map(name), was.map(name))
    var named = elements.filter { wanted.contains(name($0)) }
    named.sort { (wanted.firstIndex(of: name($0)) ?? 0) < (wanted.firstIndex(of: name($1)) ?? 0) }
    var others = elements.filter { !wanted.contains(name($0)) }[...]
    var result: [JSON] = []
    for element in named {
      if let place = before.firstIndex(of: name(element)) {
        while let other = others.first, let index = before.firstIndex(of: name(other)), index < place {
          result.append(others.removeFirst())
        }
      }
      result.append(element)
    }
    return result + others
  }
}

extension String {
  /// What comes after a prefix; nil where the text does not begin with it.
  fileprivate func following(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
