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
}
