import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// The one conditional PATCH of the active Service: tests first, then selector and marker together. Pure.
struct ServicePatch: Sendable {
  let operations: [JSONPatchOperation]

  init(seen: ActiveService, selector: SelectorChange?, marker: Marker) throws(PortError) {
    let before = try ServicePatch.annotations(of: seen.marker)
    let after = try ServicePatch.annotations(of: marker)
    operations = ServicePatch.tests(seen, before) + ServicePatch.selection(selector) + ServicePatch.marking(seen, before, after)
  }

  private static func annotations(of marker: Marker) throws(PortError) -> [(key: String, value: String?)] {
    do {
      return try marker.annotations.sorted { $0.key < $1.key }
    } catch {
      throw PortError(.invalid, attempted: "write the marker", reason: "\(error)")
    }
  }

  /// What must still hold. The resourceVersion alone would do; the rest says it again in the terms of the promise.
  ///
  /// Annotations that hold JSON are left to the resourceVersion and the fence: another version of tagflip may spell them otherwise, and a
  /// rollback must not fail over that.
  private static func tests(_ seen: ActiveService, _ before: [(key: String, value: String?)]) -> [JSONPatchOperation] {
    var tests: [JSONPatchOperation] = [
      .test(["metadata", "uid"], .string(seen.uid)), .test(["metadata", "resourceVersion"], .string(seen.resourceVersion)),
    ]
    if let color = seen.selection.value { tests.append(.test(colorPath, .string(color))) }
    // Of a Service that the bot never wrote to there is nothing to test.
    guard seen.marker != Marker() else { return tests }
    for (key, value) in before {
      if let value, !value.hasPrefix("{"), !value.hasPrefix("[") { tests.append(.test(["metadata", "annotations", key], .string(value))) }
    }
    return tests
  }

  private static func selection(_ change: SelectorChange?) -> [JSONPatchOperation] {
    switch change {
    case .color(let color): [.replace(colorPath, .string(color.rawValue))]
    case .nothing: [.replace(colorPath, .string(Marker.noColor))]
    case nil: []
    }
  }

  private static func marking(
    _ seen: ActiveService, _ before: [(key: String, value: String?)], _ after: [(key: String, value: String?)]
  ) -> [JSONPatchOperation] {
    var operations: [JSONPatchOperation] = seen.isAnnotated ? [] : [.add(["metadata", "annotations"], [:])]
    let present = seen.marker == Marker() ? [] : Set(before.filter { $0.value != nil }.map(\.key))
    for (key, value) in after {
      let path = ["metadata", "annotations", key]
      if let value {
        operations.append(.add(path, .string(value)))
      } else if present.contains(key) {
        operations.append(.remove(path))
      }
    }
    return operations
  }

  private static let colorPath = ["spec", "selector", Label.color]
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
