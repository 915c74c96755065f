import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What the doctor says of one thing.
struct Diagnosis: Sendable, Hashable {
  enum Verdict: String, Sendable, Hashable, CaseIterable {
    case ok
    /// It works, and somebody should know.
    case warning
    /// A release, or a rollback, would fail by it.
    case failed
    /// It could not be looked at.
    case unknown
  }

  /// What was looked at: `release repo`, `cluster`, `rights`.
  var area: String
  var verdict: Verdict
  var detail: String
  /// What to do about it.
  var next: String?

  init(_ area: String, _ verdict: Verdict, _ detail: String, next: String? = nil) {
    self.area = area
    self.verdict = verdict
    self.detail = PlainText.line(detail, longest: 600)
    self.next = next
  }

  /// What kept it from being looked at, or is wrong.
  init(_ area: String, _ error: PortError) {
    let place = error.location.map { "\($0): " } ?? ""
    self.init(area, .failed, "\(place)could not \(error.attempted): \(error.reason)", next: error.hint)
  }
}
