/// Something that is wrong with the trail: where, what, and what that means for whoever relies on it.
package struct Finding: Sendable, Hashable, Codable {
  /// How much it matters.
  package enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Nothing is wrong; a reader should know it all the same.
    case notice
    /// Odd, and explained by things that happen; somebody should look.
    case warning
    /// The trail cannot be relied upon here.
    case error

    private var weight: Int {
      switch self {
      case .notice: 0
      case .warning: 1
      case .error: 2
      }
    }

    package static func < (left: Severity, right: Severity) -> Bool { left.weight < right.weight }
  }

  package var code: FindingCode
  package var severity: Severity
  /// The commit, in hexadecimal; nil where none is at fault.
  package var commit: String?
  /// The record's path, where one is concerned.
  package var record: String?
  /// What is wrong, in one line.
  package var what: String

  package init(code: FindingCode, severity: Severity, commit: String?, record: String?, what: String) {
    self.code = code
    self.severity = severity
    self.commit = commit
    self.record = record
    self.what = what
  }

  /// What it means for the auditor.
  package var meaning: String { code.meaning }
}
