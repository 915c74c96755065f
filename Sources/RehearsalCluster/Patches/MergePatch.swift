import KubernetesModel

extension JSON {
  /// The value with a JSON merge patch (RFC 7396) laid over it.
  func mergePatched(_ patch: JSON) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    var result: JSON = object == nil ? [:] : self
    for (key, value) in changes {
      result[key] = value.isNull ? nil : (result[key] ?? .null).mergePatched(value)
    }
    return result
  }

  /// The value with a strategic merge patch laid over it
  /// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
  func strategicMerged(_ patch: JSON, at path: FieldPath = []) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    if patch["$patch"] == "replace" {
      var whole = patch
      whole["$patch"] = nil
      return whole
    }
    if patch["$patch"] == "delete" { return .null }
    var result: JSON = object == nil ? [:] : self
    for (key, value) in changes where !key.hasPrefix("$") {
      let here = path + [.field(key)]
      if value.isNull {
        result[key] = nil
      } else if let elements = value.array {
        result[key] = .array(JSON.strategicList(result[key]?.array ?? [], elements, here))
      } else {
        let merged = (result[key] ?? .null).strategicMerged(value, at: here)
        result[key] = merged.isNull ? nil : merged
      }
    }
    for (key, value) in changes where key.hasPrefix("$deleteFromPrimitiveList/") {
      let name = String(key.dropFirst("$deleteFromPrimitiveList/".count))
      let doomed = value.array ?? []
      result[name] = result[name]?.array.map { .array($0.filter { !doomed.contains($0) }) }
    }
    return result
  }

  private static func strategicList(_ old: [JSON], _ patch: [JSON], _ path: FieldPath) -> [JSON] {
    if patch.contains(where: { $0["$patch"] == "replace" }) { return patch.filter { $0["$patch"] != "replace" } }
    let key: String
    switch FieldSchema.list(path) {
    case .atomic: return patch
    case .set: return old + patch.filter { !old.contains($0) }
    // Strategic merge knows one key a list: the first.
    case .map(let keys): key = keys[0]
    }
    var result = old
    for change in patch {
      guard let index = result.firstIndex(where: { $0[key] == change[key] }) else {
        if change["$patch"] == nil { result.append(JSON.null.strategicMerged(change, at: path)) }
        continue
      }
      if change["$patch"] == "delete" { result.remove(at: index) } else { result[index] = result[index].strategicMerged(change, at: path) }
    }
    return result
  }
}
