import KubernetesModel
import ReleaseModel

/// What a request on an active Service changed, as far as the log holds its body.
enum LoggedChange: Sendable, Hashable {
  /// The log does not say.
  case unknown
  /// The selector: what it said of the color afterwards, if the request says, and the marker with it.
  case selector(color: String?, MarkerEdit?)
  /// The selector: it reached both colors afterwards; and the marker with it.
  case widened(MarkerEdit?)
  case marker(MarkerEdit)
  /// The whole object was made or replaced.
  case whole(color: String?, MarkerEdit)
  case deleted
  /// Neither selector nor marker.
  case elsewhere

  init(_ request: LoggedRequest) {
    switch request.verb {
    case "delete", "deletecollection": self = .deleted
    case "create", "update":
      guard let body = request.body else { self = .unknown; return }
      self = .whole(color: body["spec", "selector", Marker.colorLabel]?.string, MarkerEdit(body.annotations))
    default:
      guard let body = request.body else { self = .unknown; return }
      self = body.array.map(LoggedChange.jsonPatch) ?? LoggedChange.mergePatch(body)
    }
  }

  /// What it did, for people; empty where that is in the verb.
  var words: String {
    switch self {
    case .unknown: " (the log does not say what)"
    case .selector(let color?, _): " (the selector to \(PlainText.line(color, longest: 40)))"
    case .selector(nil, _): " (the selector)"
    case .widened: " (the selector to both colors)"
    case .marker: " (the marker)"
    case .whole, .deleted, .elsewhere: ""
    }
  }

  /// RFC 6902.
  private static func jsonPatch(_ operations: [JSON]) -> LoggedChange {
    var (color, touchesSelector, annotations): (String?, Bool, [String: String]) = (nil, false, [:])
    var touchesMarker = false
    var selector: [String: String]?
    for operation in operations where operation["op"]?.string != "test" {
      let path = pointer(operation["path"]?.string ?? "")
      if path.starts(with: ["spec", "selector"]) || path == ["spec"] || path.isEmpty {
        touchesSelector = true
        color = path.count == 3 && path[2] == Marker.colorLabel ? operation["value"]?.string : operation["value", Marker.colorLabel]?.string
        if path.count == 2 { selector = operation["value"]?.strings }
      }
      if path == ["metadata"] || path.isEmpty { touchesMarker = true }
      guard path.starts(with: ["metadata", "annotations"]) else { continue }
      if path.count == 2 {
        let whole = operation["value"]?.strings ?? [:]
        // What the bot does to a Service that has no annotations at all: an empty map first.
        touchesMarker = touchesMarker || !whole.isEmpty || operation["op"]?.string == "remove"
        annotations.merge(whole) { _, new in new }
      } else if path.count == 3, path[2].hasPrefix(Marker.prefix) {
        touchesMarker = true
        annotations[path[2]] = operation["value"]?.string
      }
    }
    let edit = MarkerEdit(annotations)
    // The selector of an adopted color has no color's key.
    if let adoption = edit.adoption, selector == adoption.narrowed { color = adoption.color.rawValue }
    if touchesSelector {
      let after = touchesMarker ? edit : nil
      return color == nil && selector?[Marker.serviceLabel] != nil ? .widened(after) : .selector(color: color, after)
    }
    return touchesMarker ? .marker(edit) : .elsewhere
  }

  /// The steps of a JSON pointer (RFC 6901).
  private static func pointer(_ text: String) -> [String] {
    text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  /// RFC 7396, and the strategic kind, which is the same here.
  private static func mergePatch(_ patch: JSON) -> LoggedChange {
    let members = patch["metadata", "annotations"]
    let touched = (members?.object ?? [:]).filter { $0.key.hasPrefix(Marker.prefix) }
    let touchesMarker = !touched.isEmpty || members?.isNull == true || members?["$patch"] != nil
    let edit = MarkerEdit(touched.compactMapValues(\.string))
    // `$patch: replace` and a null take more away than they name.
    let spec = patch["spec"]
    guard spec?["selector"] != nil || spec?.isNull == true || spec?["$patch"] != nil else {
      return touchesMarker ? .marker(edit) : .elsewhere
    }
    return .selector(color: spec?["selector", Marker.colorLabel]?.string, touchesMarker ? edit : nil)
  }
}

/// What a request wrote into the marker.
struct MarkerEdit: Sendable, Hashable {
  /// The rollouts that it names: of what users are on, and of what stands by.
  var rollouts: Set<RolloutID> = []
  /// What it decided, or carried on.
  var pending: [Conclusion] = []
  /// The Deployment that it says stands for a color.
  var adoption: Adoption?
  /// An annotation that tagflip never writes like that.
  var oddity: String?

  init(_ annotations: [String: String]) {
    do throws(Marker.Unreadable) {
      let marker = try Marker(annotations: annotations.filter { $0.key.hasPrefix(Marker.prefix) })
      rollouts = Set([marker.rollout, marker.standby?.rollout].compactMap(\.self))
      pending = marker.pending
      adoption = marker.adoption
    } catch {
      oddity = error.description
    }
  }
}
