import FoundationEssentials
import KubernetesModel

/// A cluster, user or context of a kubeconfig, read field by field. What has another type than it should is an error and not absent: a token
/// that is read as a number would otherwise make the caller anonymous.
struct KubeConfigEntry: Sendable {
  /// `cluster`, `user` or `context`.
  let kind: String
  let name: String
  let fields: JSON
  let file: KubeConfigFile
  /// The way to the fields in the file's document.
  let place: [String]

  /// The entry as messages name it.
  var owner: String { "\(kind) \(name)" }

  /// - Parameter place: the way from here to what is wrong; nothing for the entry itself.
  func fault(_ reason: String, _ hint: String, at place: String...) -> ClusterAccessError {
    file.fault("\(owner)\(reason)", hint, at: self.place + place)
  }

  /// One of the fields, read in the same way.
  /// - Parameter index: which element of it, where it is a list.
  func nested(_ key: String, _ fields: JSON, element index: Int? = nil) -> KubeConfigEntry {
    let place = place + [key] + (index.map { [String($0)] } ?? [])
    return KubeConfigEntry(kind: kind, name: "\(name): \(key)", fields: fields, file: file, place: place)
  }

  /// - Throws: ``ClusterAccessError`` where the entry has no content.
  func checkContent() throws(ClusterAccessError) {
    guard fields.object != nil else { throw fault(" is empty", "write what belongs to it under \(kind):") }
  }

  /// A text that says something; nil where it is absent or empty.
  func text(_ key: String) throws(ClusterAccessError) -> String? {
    guard let value = fields[key], !value.isNull else { return nil }
    guard let text = value.string else { throw fault(": \(key) is no text", "put it into quotes", at: key) }
    return text.isEmpty ? nil : text
  }

  func flag(_ key: String) throws(ClusterAccessError) -> Bool {
    guard let value = fields[key], !value.isNull else { return false }
    guard let flag = value.bool else { throw fault(": \(key) is neither true nor false", "write true or false, without quotes", at: key) }
    return flag
  }

  func texts(_ key: String) throws(ClusterAccessError) -> [String] {
    guard let value = fields[key], !value.isNull else { return [] }
    let texts = value.array?.compactMap(\.string) ?? []
    guard let array = value.array, array.count == texts.count else {
      throw fault(": \(key) is no list of texts", "write it as a list, numbers in quotes", at: key)
    }
    return texts
  }

  /// A text that becomes a header.
  func headerText(_ key: String) throws(ClusterAccessError) -> String? {
    guard let text = try text(key) else { return nil }
    guard !HeaderText.holdsControl(text) else { throw controlFault(key) }
    return text
  }

  /// Texts that become headers, one each.
  func headerTexts(_ key: String) throws(ClusterAccessError) -> [String] {
    let texts = try texts(key)
    guard let index = texts.firstIndex(where: HeaderText.holdsControl) else { return texts }
    throw controlFault(key, String(index))
  }

  /// What stands there is not told: it may be a secret.
  private func controlFault(_ key: String, _ more: String...) -> ClusterAccessError {
    file.fault(
      "\(owner): \(key) holds a line break or another control character, which no header can",
      "write it in one line; a block text (|) ends in a line break, one with |- does not", at: place + [key] + more)
  }

  /// Inline data, or a file's content.
  func material(_ key: String) throws(ClusterAccessError) -> [UInt8]? {
    if let text = try text("\(key)-data") {
      // Folded YAML leaves white space in it.
      guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
        throw fault(": \(key)-data is not base64", "correct it", at: "\(key)-data")
      }
      return Array(data)
    }
    guard let path = try text(key) else { return nil }
    return try FileText.read(
      file.resolved(path), because: "\(key) of \(owner) in \(file.path)", hint: "correct the path, or use \(key)-data")
  }
}
