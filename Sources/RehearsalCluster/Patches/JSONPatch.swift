import KubernetesModel

/// A JSON Patch (RFC 6902) as the API server carries it out: one failed operation fails all, in the same bare words.
struct JSONPatch {
  struct Failure: Error {}

  private let operations: [JSON]

  init(_ operations: [JSON]) { self.operations = operations }

  func applied(to document: JSON) throws(Failure) -> JSON {
    var document = document
    for operation in operations {
      guard let path = operation["path"]?.string.flatMap(JSONPatch.steps) else { throw Failure() }
      switch operation["op"]?.string {
      case "test": guard Self.value(document, path) ?? .null == operation["value"] ?? .null else { throw Failure() }
      case "add":
        try Self.change(&document, path[...]) { parent, key throws(Failure) in try Self.add(&parent, key, operation["value"] ?? .null) }
      case "replace":
        try Self.change(&document, path[...]) { parent, key throws(Failure) in try Self.replace(&parent, key, operation["value"] ?? .null) }
      case "remove": try Self.change(&document, path[...], Self.remove)
      case "move", "copy":
        guard let from = operation["from"]?.string.flatMap(JSONPatch.steps), let value = Self.value(document, from) else { throw Failure() }
        if operation["op"] == "move" { try Self.change(&document, from[...], Self.remove) }
        try Self.change(&document, path[...]) { parent, key throws(Failure) in try Self.add(&parent, key, value) }
      default: throw Failure()
      }
    }
    return document
  }

  /// The steps of a JSON pointer (RFC 6901).
  private static func steps(_ pointer: String) -> [String]? {
    guard pointer.hasPrefix("/") else { return nil }
    return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  private static func value(_ document: JSON, _ path: [String]) -> JSON? {
    path.reduce(Optional(document)) { value, key in
      if value?.array != nil { return Int(key).flatMap { value?[$0] } }
      return value?[key]
    }
  }

  private static func change(
    _ document: inout JSON, _ path: ArraySlice<String>, _ body: (inout JSON, String) throws(Failure) -> Void
  ) throws(Failure) {
    guard let key = path.first else { throw Failure() }
    guard path.count > 1 else { return try body(&document, key) }
    if var elements = document.array {
      guard let index = Int(key), elements.indices.contains(index) else { throw Failure() }
      try change(&elements[index], path.dropFirst(), body)
      document = .array(elements)
    } else {
      guard var child = document[key] else { throw Failure() }
      try change(&child, path.dropFirst(), body)
      document[key] = child
    }
  }

  private static func add(_ parent: inout JSON, _ key: String, _ value: JSON) throws(Failure) {
    if var elements = parent.array {
      guard let index = key == "-" ? elements.count : Int(key), (0...elements.count).contains(index) else { throw Failure() }
      elements.insert(value, at: index)
      parent = .array(elements)
    } else if parent.object != nil {
      parent[key] = value
    } else {
      throw Failure()
    }
  }

  /// In the API server's library a map takes a replacement for a key that it lacks.
  private static func replace(_ parent: inout JSON, _ key: String, _ value: JSON) throws(Failure) {
    if var elements = parent.array {
      guard let index = Int(key), elements.indices.contains(index) else { throw Failure() }
      elements[index] = value
      parent = .array(elements)
    } else if parent.object != nil {
      parent[key] = value
    } else {
      throw Failure()
    }
  }

  private static func remove(_ parent: inout JSON, _ key: String) throws(Failure) {
    if var elements = parent.array {
      guard let index = Int(key), elements.indices.contains(index) else { throw Failure() }
      elements.remove(at: index)
      parent = .array(elements)
    } else if parent[key] != nil {
      parent[key] = nil
    } else {
      throw Failure()
    }
  }
}
