import KubernetesModel
import ReleaseModel

/// Who wrote which fields of an object last, as its managedFields tell.
///
/// A client chooses its name there itself, and whoever may write the object may empty the list: it shows a hand that did not hide, and
/// never that there was none (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
struct FieldHand: Sendable, Hashable {
  /// The bot's own name.
  static let bot = "tagflip"
  /// What the control plane calls itself: it numbers revisions, and sizes what an autoscaler governs.
  static let controlPlane = "kube-controller-manager"

  let manager: String
  let subresource: String?
  let at: Timestamp?
  private let fields: JSON

  private init(_ entry: JSON) {
    manager = PlainText.line(entry["manager"]?.string ?? "somebody without a name", longest: 80)
    subresource = entry["subresource"]?.string.flatMap { $0.isEmpty ? nil : PlainText.line($0, longest: 80) }
    at = entry["time"]?.string.flatMap { Timestamp($0) }
    fields = entry["fieldsV1"] ?? .null
  }

  static func all(of object: JSON) -> [FieldHand] { (object["metadata", "managedFields"]?.array ?? []).map(FieldHand.init) }

  var isBot: Bool { manager == Self.bot }

  /// Whether the field at a path, or any below it, is this hand's.
  func owns(_ path: String...) -> Bool { fields[path: path.map { "f:\($0)" }[...]] != nil }

  /// The names of the fields right below a path.
  func names(below path: String...) -> [String] {
    let members = fields[path: path.map { "f:\($0)" }[...]]?.object ?? [:]
    return members.keys.filter { $0.hasPrefix("f:") }.map { PlainText.line(String($0.dropFirst(2)), longest: 80) }.sorted()
  }

  /// `kubectl-patch`, or `kubectl (scale)`.
  var name: String { subresource.map { "\(manager) (\($0))" } ?? manager }
  /// ` at 2026-…`, where the list says when.
  var time: String { at.map { " at \($0)" } ?? "" }
}
