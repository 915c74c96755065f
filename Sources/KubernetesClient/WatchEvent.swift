import HTTPTransport
package import KubernetesModel

/// What a watch reports.
package enum WatchEvent: Sendable, Hashable {
  case added(JSON)
  case modified(JSON)
  /// Also sent when an object stops matching the selector, with its last matching state.
  case deleted(JSON)
  /// Nothing changed up to this version.
  case bookmark(resourceVersion: String)
}

extension WatchEvent {
  /// The event that one line spells.
  /// - Throws: the error that an `ERROR` event reports, `gone` for one of code 410; `malformedAnswer` for what is no event.
  init(line: some Collection<UInt8>, attempted: String) throws(KubernetesError) {
    let document: JSON
    do throws(JSON.SyntaxError) {
      document = try JSON(parsing: line)
    } catch {
      throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a watch event is no JSON: \(error)")
    }
    guard let type = document["type"]?.string, let object = document["object"], object.object != nil else {
      throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a line of the watch is no event")
    }
    switch type {
    case "ADDED": self = .added(object)
    case "MODIFIED": self = .modified(object)
    case "DELETED": self = .deleted(object)
    case "BOOKMARK": self = .bookmark(resourceVersion: object.resourceVersion ?? "")
    case "ERROR": throw KubernetesError(HTTPHead(status: object["code"]?.int ?? 500), object.bytes, attempted: attempted)
    default: throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a watch event of type \(type.prefix(40))")
    }
  }
}
