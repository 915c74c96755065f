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

  /// The entry as messages name it.
  var owner: String { "\(kind) \(name)" }

  func fault(_ reason: String, _ hint: String) -> ClusterAccessError { file.fault("\(owner)\(reason)", hint) }

  /// - Throws: ``ClusterAccessError`` where the entry has no content.
  func checkContent() throws(ClusterAccessError) {
    guard fields.object != nil else { throw fault(" is empty", "write what belongs to it under \(kind):") }
  }

  /// A text that says something; nil where it is absent or empty.
  func text(_ key: String) throws(ClusterAccessError) -> String? {
    guard let value = fields[key], !value.isNull else { return nil }
    guard let text = value.string else { throw fault(": \(key) is no text", "put it into quotes") }
    return text.isEmpty ? nil : text
  }

  func flag(_ key: String) throws(ClusterAccessError) -> Bool {
    guard let value = fields[key], !value.isNull else { return false }
    guard let flag = value.bool else { throw fault(": \(key) is neither true nor false", "write true or false, without quotes") }
    return flag
  }

  func texts(_ key: String) throws(ClusterAccessError) -> [String] {
    guard let value = fields[key], !value.isNull else { return [] }
    let texts = value.array?.compactMap(\.string) ?? []
    guard let array = value.array, array.count == texts.count else {
      throw fault(": \(key) is no list of texts", "write it as a list, numbers in quotes")
    }
    return texts
  }

  /// Inline data, or a file's content.
  func material(_ key: String) throws(ClusterAccessError) -> [UInt8]? {
    if let text = try text("\(key)-data") {
      // Folded YAML leaves white space in it.
      guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
        throw fault(": \(key)-data is not base64", "correct it")
      }
      return Array(data)
    }
    guard let path = try text(key) else { return nil }
    return try FileText.read(
      file.resolved(path), because: "\(key) of \(owner) in \(file.path)", hint: "correct the path, or use \(key)-data")
  }
}
