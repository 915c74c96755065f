import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// The one conditional PATCH of the active Service: tests first, then selector and marker together. Pure.
struct ServicePatch {
  let operations: [JSONPatchOperation]

  init(seen: ActiveService, selector: SelectorChange?, marker: Marker) throws(PortError) {
    let before: [String: String?]
    let after: [String: String?]
    do {
      before = try seen.marker.annotations
      after = try marker.annotations
    } catch {
      throw PortError(.invalid, attempted: "write the marker", reason: "\(error)")
    }
    var operations: [JSONPatchOperation] = [
      .test(["metadata", "uid"], .string(seen.uid)), .test(["metadata", "resourceVersion"], .string(seen.resourceVersion)),
    ]
    let colorPath = ["spec", "selector", Label.color]
    if let color = seen.selection.value { operations.append(.test(colorPath, .string(color))) }
    // Of a Service that the bot never wrote to nothing is there to test; the resourceVersion covers it.
    for (key, value) in before.sorted(by: { $0.key < $1.key }) where seen.marker != Marker() {
      if let value { operations.append(.test(["metadata", "annotations", key], .string(value))) }
    }
    switch selector {
    case .color(let color): operations.append(.replace(colorPath, .string(color.rawValue)))
    case .nothing: operations.append(.replace(colorPath, .string(Marker.noColor)))
    case nil: break
    }
    if !seen.isAnnotated { operations.append(.add(["metadata", "annotations"], [:])) }
    for (key, value) in after.sorted(by: { $0.key < $1.key }) {
      let path = ["metadata", "annotations", key]
      if let value {
        operations.append(.add(path, .string(value)))
      } else if seen.marker != Marker(), let old = before[key], old != nil {
        operations.append(.remove(path))
      }
    }
    self.operations = operations
  }
}

extension Selection {
  /// What stands under the color's key; nil where the key is missing.
  fileprivate var value: String? {
    switch self {
    case .color(let color): color.rawValue
    case .nothing: Marker.noColor
    case .uncolored: nil
    case .foreign(let text): text
    }
  }
}
