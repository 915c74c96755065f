import KubernetesModel

extension JSON {
  /// Every field that the value sets, below a path: leaves, atomic wholes, and elements of associative lists.
  func fields(at path: FieldPath = []) -> FieldSet {
    switch self {
    case .object(let members) where !FieldSchema.isAtomicMap(path) || path.isEmpty:
      if members.isEmpty { return path.isEmpty ? [] : [path] }
      return members.reduce(into: []) { $0.formUnion($1.value.fields(at: path + [.field($1.key)])) }
    case .array(let elements): return listFields(elements, path)
    case .null, .bool, .int, .double, .string, .object: return [path]
    }
  }

  private func listFields(_ elements: [JSON], _ path: FieldPath) -> FieldSet {
    switch FieldSchema.list(path) {
    case .atomic: return [path]
    case .set: return Set(elements.map { path + [.value($0)] })
    case .map(let keys):
      return elements.reduce(into: []) { set, element in
        let here = path + [FieldSchema.key(element, keys)]
        set.insert(here)
        set.formUnion(element.fields(at: here))
      }
    }
  }

  /// The value at a path; nil where there is none.
  func value(at path: ArraySlice<PathElement>, from start: FieldPath = []) -> JSON? {
    guard let step = path.first else { return self }
    let rest = path.dropFirst()
    switch step {
    case .field(let name): return self[name]?.value(at: rest, from: start + [step])
    case .key(let keys):
      let names = (keys.object ?? [:]).keys.sorted()
      return array?.first { FieldSchema.key($0, names) == step }?.value(at: rest, from: start + [step])
    case .value(let value): return array?.contains(value) == true ? value : nil
    }
  }

  /// The value without what is at a path.
  func removing(_ path: ArraySlice<PathElement>) -> JSON {
    guard let step = path.first else { return self }
    let rest = path.dropFirst()
    var result = self
    switch step {
    case .field(let name):
      if rest.isEmpty { result[name] = nil } else if let child = self[name] { result[name] = child.removing(rest) }
    case .key(let keys):
      let names = (keys.object ?? [:]).keys.sorted()
      guard var elements = array, let index = elements.firstIndex(where: { FieldSchema.key($0, names) == step }) else { return self }
      if rest.isEmpty { elements.remove(at: index) } else { elements[index] = elements[index].removing(rest) }
      result = .array(elements)
    case .value(let value): result = .array((array ?? []).filter { $0 != value })
    }
    return result
  }

  /// This value with an applied configuration laid over it: maps and associative lists merge, all else is replaced.
  func merged(with applied: JSON, at path: FieldPath = []) -> JSON {
    switch (self, applied) {
    case (.object(var members), .object(let new)) where !FieldSchema.isAtomicMap(path) || path.isEmpty:
      for (key, value) in new { members[key] = (members[key] ?? .null).merged(with: value, at: path + [.field(key)]) }
      return .object(members)
    case (.array(let elements), .array(let new)): return JSON.mergedList(elements, new, path)
    default: return applied
    }
  }

  private static func mergedList(_ old: [JSON], _ new: [JSON], _ path: FieldPath) -> JSON {
    switch FieldSchema.list(path) {
    case .atomic: return .array(new)
    case .set: return .array(old + new.filter { !old.contains($0) })
    case .map(let keys):
      var result = old
      for element in new {
        let key = FieldSchema.key(element, keys)
        if let index = result.firstIndex(where: { FieldSchema.key($0, keys) == key }) {
          result[index] = result[index].merged(with: element, at: path + [key])
        } else {
          result.append(element)
        }
      }
      return .array(result)
    }
  }
}
