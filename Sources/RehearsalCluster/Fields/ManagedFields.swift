import KubernetesModel

/// Who owns which fields of one object.
struct ManagedFields: Sendable {
  struct Manager: Sendable, Hashable {
    var name: String
    /// `Apply` or `Update`.
    var operation: String
    var subresource: String
  }

  struct Entry: Sendable {
    var manager: Manager
    var apiVersion: String
    var time: String
    var fields: FieldSet
  }

  private(set) var entries: [Entry]

  init(_ object: JSON) {
    entries = (object["metadata", "managedFields"]?.array ?? []).map { entry in
      Entry(
        manager: Manager(
          name: entry["manager"]?.string ?? "", operation: entry["operation"]?.string ?? "", subresource: entry["subresource"]?.string ?? ""
        ),
        apiVersion: entry["apiVersion"]?.string ?? "", time: entry["time"]?.string ?? "",
        fields: FieldSet(fieldsV1: entry["fieldsV1"] ?? [:]))
    }
  }

  /// What no manager ever owns.
  private static let unmanaged: Set<String> = [
    "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "managedFields", "selfLink",
  ]

  /// The fields of an object that can be owned.
  static func owned(_ object: JSON) -> FieldSet {
    var object = object
    object["apiVersion"] = nil
    object["kind"] = nil
    for name in unmanaged { object["metadata", name] = nil }
    if object["metadata"] == [:] { object["metadata"] = nil }
    if object["status"] == [:] { object["status"] = nil }
    return object.fields()
  }

  /// Notes an update: what changed belongs to the updater and to nobody else.
  mutating func update(from old: JSON?, to new: JSON, by manager: Manager, apiVersion: String, time: String) {
    let before = old.map(ManagedFields.owned) ?? []
    let after = ManagedFields.owned(new)
    let changed = after.filter { path in
      guard let old, before.contains(path) else { return true }
      return old.value(at: path[...]) != new.value(at: path[...]) && !after.contains { $0.count > path.count && $0.starts(with: path) }
    }
    let gone = before.subtracting(after)
    for index in entries.indices where entries[index].manager != manager { entries[index].fields.subtract(changed.union(gone)) }
    if let index = entries.firstIndex(where: { $0.manager == manager }) {
      entries[index].fields.subtract(gone)
      if !changed.isEmpty {
        entries[index].fields.formUnion(changed)
        entries[index].time = time
      }
    } else if !changed.isEmpty {
      entries.append(Entry(manager: manager, apiVersion: apiVersion, time: time, fields: changed))
    }
    entries.removeAll { $0.fields.isEmpty }
  }

  /// A field that an apply would take from somebody.
  struct Conflict: Sendable {
    var manager: Manager
    var apiVersion: String
    var path: FieldPath

    /// `"hand" using v1`; appliers go without the version.
    var owner: String {
      let name = JSON.string(manager.name).text
      let using = manager.operation == "Update" ? " using \(apiVersion)" : ""
      let place = manager.subresource.isEmpty ? "" : " with subresource \"\(manager.subresource)\""
      return "\(name)\(place)\(using)"
    }
  }

  /// What an applied configuration would take from others: fields that it sets to another value.
  func conflicts(of applied: FieldSet, by manager: Manager, live: JSON, wanted: JSON) -> [Conflict] {
    entries.filter { $0.manager != manager }.flatMap { entry in
      entry.fields.intersection(applied).filter { path in
        let isWhole = !applied.contains { $0.count > path.count && $0.starts(with: path) }
        return isWhole && live.value(at: path[...]) != wanted.value(at: path[...])
      }.map { Conflict(manager: entry.manager, apiVersion: entry.apiVersion, path: $0) }
    }.sorted { ($0.manager.name, $0.path.map(\.conflictText).joined()) < ($1.manager.name, $1.path.map(\.conflictText).joined()) }
  }

  /// What a manager applied before and leaves out now, and nobody else owns; wholes before their parts, since an element of a list is known by its
  /// parts.
  func abandoned(by manager: Manager, applying applied: FieldSet) -> [FieldPath] {
    guard let entry = entries.first(where: { $0.manager == manager }) else { return [] }
    let others = entries.filter { $0.manager != manager }.reduce(into: FieldSet()) { $0.formUnion($1.fields) }
    return entry.fields.subtracting(applied).filter { path in
      !others.contains(path) && !others.contains { $0.starts(with: path) } && !applied.contains { $0.starts(with: path) }
    }.sorted { $0.count < $1.count }
  }

  /// Notes an apply: the applier owns exactly what it set; by force also what others had.
  mutating func apply(_ applied: FieldSet, by manager: Manager, apiVersion: String, time: String, taking conflicts: [Conflict]) {
    let taken = Set(conflicts.map(\.path))
    for index in entries.indices where entries[index].manager != manager { entries[index].fields.subtract(taken) }
    if let index = entries.firstIndex(where: { $0.manager == manager }) {
      if entries[index].fields != applied {
        entries[index].fields = applied
        entries[index].time = time
      }
    } else {
      entries.insert(Entry(manager: manager, apiVersion: apiVersion, time: time, fields: applied), at: 0)
    }
    entries.removeAll { $0.fields.isEmpty && $0.manager != manager }
  }

  var json: JSON {
    .array(
      entries.map { entry in
        var json: JSON = [
          "manager": .string(entry.manager.name), "operation": .string(entry.manager.operation), "apiVersion": .string(entry.apiVersion),
          "time": .string(entry.time), "fieldsType": "FieldsV1", "fieldsV1": entry.fields.fieldsV1,
        ]
        if !entry.manager.subresource.isEmpty { json["subresource"] = .string(entry.manager.subresource) }
        return json
      })
  }
}
