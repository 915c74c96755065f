import KubernetesModel

/// One step on the way to a field, as managedFields spell it (structured-merge-diff's `PathElement`).
enum PathElement: Sendable, Hashable {
  /// `f:replicas`
  case field(String)
  /// `k:{"name":"app"}`: an element of an associative list.
  case key(JSON)
  /// `v:"foregroundDeletion"`: an element of a set.
  case value(JSON)

  /// The member name in FieldsV1.
  var text: String {
    switch self {
    case .field(let name): "f:\(name)"
    case .key(let keys): "k:\(keys.text)"
    case .value(let value): "v:\(value.text)"
    }
  }

  /// The step that a member name of FieldsV1 spells; nil for `.` and anything else.
  init?(text: String) {
    let rest = String(text.dropFirst(2))
    switch text.prefix(2) {
    case "f:": self = .field(rest)
    case "k:": if let keys = try? JSON(parsing: rest) { self = .key(keys) } else { return nil }
    case "v:": if let value = try? JSON(parsing: rest) { self = .value(value) } else { return nil }
    default: return nil
    }
  }

  /// As in conflict messages: `.spec`, `[name="app"]`.
  var conflictText: String {
    switch self {
    case .field(let name): ".\(name)"
    case .key(let keys):
      "[" + (keys.object ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",") + "]"
    case .value(let value): "[=\(value.text)]"
    }
  }
}

typealias FieldPath = [PathElement]

/// A set of fields: leaves, and the elements of associative lists and maps as wholes.
typealias FieldSet = Set<FieldPath>

extension Set<FieldPath> {
  /// The set as managedFields carry it.
  var fieldsV1: JSON {
    var root: JSON = [:]
    for path in self {
      root[path: path.map(\.text)[...]] = root[path: path.map(\.text)[...]] ?? [:]
    }
    for path in self where hasChildren(path) {
      root[path: (path.map(\.text) + ["."])[...]] = [:]
    }
    return root
  }

  private func hasChildren(_ path: FieldPath) -> Bool { contains { $0.count > path.count && $0.starts(with: path) } }

  /// The set that FieldsV1 spells.
  init(fieldsV1: JSON) {
    self = []
    collect(fieldsV1, [])
  }

  private mutating func collect(_ json: JSON, _ path: FieldPath) {
    let members = json.object ?? [:]
    if members.isEmpty || members["."] != nil, !path.isEmpty { insert(path) }
    for (name, child) in members {
      if let element = PathElement(text: name) { collect(child, path + [element]) }
    }
  }
}
