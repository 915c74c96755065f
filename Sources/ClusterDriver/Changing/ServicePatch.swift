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
    operations =
      ServicePatch.tests(seen, before) + ServicePatch.selection(selector, seen, marker) + ServicePatch.marking(seen, before, after)
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
    if let color = seen.selector[Label.color] {
      tests.append(.test(colorPath, .string(color)))
    } else {
      tests.append(.test(selectorPath, .object(seen.selector.mapValues { .string($0) })))
    }
    // Of a Service that the bot never wrote to there is nothing to test.
    guard seen.marker != Marker() else { return tests }
    for (key, value) in before {
      if let value, !value.hasPrefix("{"), !value.hasPrefix("[") { tests.append(.test(["metadata", "annotations", key], .string(value))) }
    }
    return tests
  }

  private static func selection(_ change: SelectorChange?, _ seen: ActiveService, _ marker: Marker) -> [JSONPatchOperation] {
    switch change {
    case .color(let color):
      if let adoption = marker.adoption, adoption.color == color { return whole(adoption.narrowed) }
      return keyed(color.rawValue, seen)
    case .both(let service): return whole(Selection.widened(seen.selector, adoption: seen.marker.adoption, to: service))
    case .nothing: return keyed(Marker.noColor, seen)
    case .whole(let selector): return whole(selector)
    case nil: return []
    }
  }

  private static func whole(_ selector: [String: String]) -> [JSONPatchOperation] {
    [.replace(selectorPath, .object(selector.mapValues { .string($0) }))]
  }

  /// One key where the selector has it; the whole selector where users leave, or never were on, what has none, and where they reach both colors.
  private static func keyed(_ value: String, _ seen: ActiveService) -> [JSONPatchOperation] {
    guard seen.selector[Label.color] == nil else { return [.replace(colorPath, .string(value))] }
    let common = Selection.common(of: seen.selector, adoption: seen.marker.adoption)
    return whole(common.merging([Label.color: value]) { _, own in own })
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

  private static let selectorPath = ["spec", "selector"]
  private static let colorPath = ["spec", "selector", Label.color]
}
