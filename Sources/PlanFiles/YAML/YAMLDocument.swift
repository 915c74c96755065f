package import KubernetesModel
package import ReleaseEngine

/// A YAML file as JSON, for files that are not tagflip's own: kubeconfigs.
package enum YAMLDocument {
  /// The first document; `null` where the file is empty.
  package static func json(_ bytes: [UInt8], path: String) throws(PortError) -> JSON {
    // What tools write is often JSON, and that is read faster.
    if bytes.first == UInt8(ascii: "{"), let json = try? JSON(parsing: bytes) { return json }
    return try YAMLText.documents(bytes, file: path, attempted: "read \(path)").first?.json ?? .null
  }
}
