package import GitStore
import ReleaseModel

/// Gathers findings: the first of them whole, all of them counted, so that a trail that is wrong everywhere fills no memory.
package struct FindingLog: Sendable {
  /// How many findings are kept whole.
  static let limit = 1000

  private(set) var kept: [Finding] = []
  private(set) var counts: [FindingCode: Int] = [:]
  private(set) var weights: [Finding.Severity: Int] = [:]
  private let tell: @Sendable (Finding) -> Void

  init(tell: @escaping @Sendable (Finding) -> Void) { self.tell = tell }

  /// Notes a finding.
  ///
  /// - Parameter what: may hold text of the repository, which is made safe to show.
  package mutating func add(
    _ code: FindingCode, _ severity: Finding.Severity? = nil, commit: ObjectID? = nil, record: String? = nil, _ what: String
  ) {
    let finding = Finding(
      code: code, severity: severity ?? code.severity, commit: commit?.hex, record: record.map { PlainText.line($0, longest: 200) },
      what: PlainText.line(what, longest: 400))
    counts[code, default: 0] += 1
    weights[finding.severity, default: 0] += 1
    if kept.count < Self.limit { kept.append(finding) }
    tell(finding)
  }

  /// Notes a finding on the record that a commit adds, or on the commit.
  package mutating func add(_ code: FindingCode, _ severity: Finding.Severity? = nil, in commit: TrailCommit, _ what: String) {
    add(code, severity, commit: commit.id, record: commit.record?.path, what)
  }
}
