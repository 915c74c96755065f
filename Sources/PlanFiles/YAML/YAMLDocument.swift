package import KubernetesModel
package import ReleaseEngine
package import ReleaseModel
import Yams

/// A YAML file as JSON, for files that are not tagflip's own: kubeconfigs.
package enum YAMLDocument {
  /// The first document; `null` where the file is empty.
  package static func json(_ bytes: [UInt8], path: String) throws(PortError) -> JSON {
    // What tools write is often JSON, and that is read faster.
    if bytes.first == UInt8(ascii: "{"), let json = try? JSON(parsing: bytes) { return json }
    return try YAMLText.documents(bytes, file: path, attempted: "read \(path)").first?.json ?? .null
  }

  /// Where a value stands in the first document, or the innermost one around it that is there; nil where the file cannot be read.
  /// - Parameter place: the keys, and the numbers of list elements from 0, that lead to it.
  package static func location(of place: [String], in bytes: [UInt8], path: String) -> SourceLocation? {
    guard var node = (try? YAMLText.documents(bytes, file: path, attempted: "read \(path)"))?.first else { return nil }
    for step in place {
      var next: Node?
      switch node {
      case .mapping(let mapping): next = mapping.first { $0.key.scalar?.string == step }?.value
      case .sequence(let sequence): next = Int(step).flatMap { sequence.indices.contains($0) ? sequence[$0] : nil }
      case .scalar, .alias: break
      }
      guard let next else { break }
      node = next
    }
    return node.location(in: path)
  }
}
