package import KubernetesModel

/// One kubeconfig file, already parsed from its YAML, with the place from which its relative paths are meant.
package struct KubeConfigFile: Sendable {
  let path: String
  let document: JSON
  private let folder: String
  private let locate: @Sendable ([String]) -> (line: Int, column: Int)?

  /// - Parameters:
  ///   - path: the file's path, for messages and for the relative paths in it.
  ///   - locate: where in the file a value stands, by the keys and the numbers of list elements that lead to it; nil where nobody knows.
  package init(
    document: JSON, path: String, locate: @escaping @Sendable ([String]) -> (line: Int, column: Int)? = { _ in nil }
  ) {
    self.document = document
    self.path = path
    self.locate = locate
    folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
  }

  /// A path that stands in the file, as this process may open it.
  func resolved(_ file: String) -> String { file.hasPrefix("/") ? file : "\(folder)/\(file)" }

  /// - Parameter place: the way to what is wrong, as `locate` takes it.
  func fault(_ reason: String, _ hint: String, at place: [String] = []) -> ClusterAccessError {
    let found = place.isEmpty ? nil : locate(place)
    return ClusterAccessError(file: path, line: found?.line, column: found?.column, reason: reason, hint: hint)
  }

  /// - Throws: ``ClusterAccessError`` where this is a document of another kind.
  func checkKind() throws(ClusterAccessError) {
    guard !document.isNull, document != .object([:]) else { return }
    guard document.object != nil else { throw fault("is no kubeconfig: it holds no mapping", "name another file") }
    for (key, expected) in [("kind", "Config"), ("apiVersion", "v1")] {
      guard let value = document[key], !value.isNull, value != .string(""), value != .string(expected) else { continue }
      throw fault("is no kubeconfig: its \(key) is \(value.string ?? "no text"), not \(expected)", "name another file")
    }
  }

  /// The entries of one of the lists, by their names.
  /// - Parameters:
  ///   - list: `clusters`.
  ///   - field: what holds an entry's content: `cluster`.
  /// - Throws: ``ClusterAccessError`` where the list is none, and where a name stands twice in it.
  func entries(_ list: String, _ field: String) throws(ClusterAccessError) -> [(name: String, entry: KubeConfigEntry)] {
    guard let value = document[list], !value.isNull else { return [] }
    guard let elements = value.array else { throw fault("\(list) is no list", "write it as: \(list): [{name: …, \(field): {…}}]") }
    var entries: [(name: String, entry: KubeConfigEntry)] = []
    for (index, element) in elements.enumerated() {
      let place = [list, String(index)]
      guard element.object != nil else {
        throw fault("\(list) holds what is no mapping", "write each as: {name: …, \(field): {…}}", at: place)
      }
      let name = element["name"] ?? .null
      guard let name = name.isNull ? "" : name.string else {
        throw fault("\(list): a name is no text", "put it into quotes", at: place + ["name"])
      }
      guard !entries.contains(where: { $0.name == name }) else {
        throw fault("\(list): the name \"\(name)\" stands twice", "rename or remove one of them", at: place + ["name"])
      }
      let entry = KubeConfigEntry(kind: field, name: name, fields: element[field] ?? .null, file: self, place: place + [field])
      entries.append((name, entry))
    }
    return entries
  }

  /// The context that is used where nobody names one; nil where the file names none.
  func currentContext() throws(ClusterAccessError) -> String? {
    guard let value = document["current-context"], !value.isNull else { return nil }
    guard let name = value.string else { throw fault("current-context is no text", "put it into quotes") }
    return name.isEmpty ? nil : name
  }
}
