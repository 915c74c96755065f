import AuditTrail
import AuditVerification
import GitStore
import KubernetesModel
import ReleaseModel

/// What a verification found, for standard output.
struct VerificationText: ResultText {
  let report: VerificationReport

  var text: String { (headline + [""] + scope + [""] + services + findings + [verdict]).joined(separator: "\n") }

  private var headline: [String] {
    guard let ref = report.ref, let tip = report.tip else { return ["the branch is missing"] }
    let installation = report.installation.map { ", installation \(Word.plain($0))" } ?? ""
    return [
      "\(Word.plain(ref)) at \(tip.hex)",
      "\(Count.words(report.commits, "commit")) verified, \(Count.words(report.records, "record")) in all\(installation)",
    ]
  }

  // MARK: What was asked

  private func row(_ name: String, _ text: String) -> String { "  \(NarrationText.padded(name, 12, left: false)) \(text)" }

  private var scope: [String] {
    var lines = [row("signatures", signatures)]
    lines.append(row("releases", releases))
    if let requests { lines.append(row("requests", requests)) }
    if !report.repeatsPolicy { lines.append(row("policy", "NOT REPEATED: nobody here can read the settings on record")) }
    lines.append(
      row(
        "known head",
        report.knownHead.map { "asked for: \($0.hex.prefix(12))" } ?? "NOT ASKED FOR: a rewritten trail would not show; --head ID"))
    lines.append(
      row("release tags", report.releaseTags.map { "compared with \(Count.words($0, "tag"))" } ?? "not compared; --releases FOLDER"))
    lines += [row("cluster", LiveText(report: report).cluster), row("API log", LiveText(report: report).apiLog)]
    if let continued = report.continued {
      lines.append(row("checkpoint", "the first \(Count.words(continued.records, "record")) are taken on trust\(seal(continued.seal))"))
    }
    if !report.without.isEmpty { lines.append(row("left out", report.without.joined(separator: ", "))) }
    return lines
  }

  private var signatures: String {
    switch report.signatures {
    case .notChecked: return "NOT CHECKED: nothing here says who wrote these records"
    case .checked(let by) where by.isEmpty: return "none that counts"
    case .checked(let by):
      return by.sorted { $0.key < $1.key }.map { "\(Count.words($0.value, "commit")) by \(Word.plain($0.key))" }.joined(separator: ", ")
    }
  }

  private var releases: String {
    guard let vouching = report.vouching else {
      return "NOT ASKED FOR: who may release, and who may ask, is the settings' own word; --trust FILE"
    }
    let by = vouching.releasesVouched
    let unsigned = vouching.releasesUnsigned == 0 ? "" : "; nobody had to sign \(vouching.releasesUnsigned)"
    let apart = report.tellsReleasersApart ? "" : "; the same keys count for commits: --releasers FILE tells them apart"
    return "\(vouched(by)) of \(vouching.releases) vouched for by keys you supplied\(names(by))\(unsigned)\(apart)"
  }

  private var requests: String? {
    guard let vouching = report.vouching, vouching.requests > 0 else { return nil }
    let by = vouching.requestsVouched
    return "\(Count.words(vouching.requests, "request")), with \(Count.words(vouched(by), "signature")) of keys you supplied\(names(by))"
  }

  private func vouched(_ by: [String: Int]) -> Int { by.values.reduce(0, +) }

  private func names(_ by: [String: Int]) -> String {
    by.isEmpty ? "" : " (\(by.sorted { $0.key < $1.key }.map { "\(Word.plain($0.key)) \($0.value)" }.joined(separator: ", ")))"
  }

  private func seal(_ verdict: CommitVerdict) -> String {
    switch verdict {
    case .good(let principal, _): ", as \(Word.plain(principal)) vouches"
    case .unsigned: ": NOBODY VOUCHES for that checkpoint"
    case .bad(let reason): ": its seal does not count (\(Word.line(reason)))"
    }
  }

  private var services: [String] {
    guard !report.services.isEmpty else { return [] }
    let names = report.services.sorted { $0.key < $1.key }
    let width = names.map { Word.plain($0.key).count }.max() ?? 0
    return names.prefix(100).map { name, state in
      let quarantine =
        state.head.quarantine.isEmpty
        ? "" : "; in quarantine: \(state.head.quarantine.keys.sorted().prefix(5).map(Word.plain).joined(separator: ", "))"
      return
        "  \(NarrationText.padded(Word.plain(name), width, left: false))  \(Count.words(state.records, "record")); users are on \(state.live.words)\(quarantine)"
    } + [""]
  }

  // MARK: Findings

  private var findings: [String] {
    var lines = report.findings.flatMap(Self.lines)
    let all = report.counts.values.reduce(0, +)
    if all > report.findings.count { lines += ["… and \(all - report.findings.count) more", ""] }
    return lines
  }

  static func lines(_ finding: Finding) -> [String] {
    let mark =
      switch finding.severity {
      case .error: "ERROR"
      case .warning: "WARNING"
      case .notice: "notice"
      }
    let places = [finding.record, finding.commit.map { "commit \($0)" }].compactMap(\.self)
    return ["\(mark)  \(finding.code.rawValue)"] + places.map { "  at     \($0)" } + [
      "  what   \(finding.what)", "  means  \(finding.meaning)", "",
    ]
  }

  private var verdict: String {
    let counts = Finding.Severity.allCases.reversed().compactMap { severity in
      report.weights[severity].map { Count.words($0, severity.rawValue) }
    }.joined(separator: ", ")
    if report.findings.isEmpty { return "nothing was found" }
    return report.isClean ? "nothing is wrong; \(counts)" : "found: \(counts)"
  }

  var json: JSON {
    [
      "clean": .bool(report.isClean), "ref": report.ref.map { .string($0) } ?? .null, "tip": report.tip.map { .string($0.hex) } ?? .null,
      "commits": .int(Int64(report.commits)), "records": .int(Int64(report.records)),
      "installation": report.installation.map { .string($0) } ?? .null,
      "services": .object(
        report.services.mapValues { state in
          [
            "records": .int(Int64(state.records)), "live": .string(state.live.words),
            "quarantine": .array(state.head.quarantine.keys.sorted().map { .string($0) }),
          ]
        }),
      "checked": [
        "signatures": .bool(report.signatures != .notChecked), "policy": .bool(report.repeatsPolicy),
        "signers": .bool(report.vouching != nil), "head": .bool(report.knownHead != nil),
        "releaseTags": .bool(report.releaseTags != nil), "fromCheckpoint": report.continued.map { .string($0.head) } ?? .null,
        "without": .array(report.without.map { .string($0) }),
        "cluster": LiveText(report: report).clusterJSON, "apiLog": LiveText(report: report).apiLogJSON,
      ],
      "vouched": report.vouching.map(Self.json) ?? .null,
      "counts": .object(Dictionary(uniqueKeysWithValues: report.counts.map { ($0.key.rawValue, .int(Int64($0.value))) })),
      "findings": .array(report.findings.map(Self.json)),
    ]
  }

  private static func json(_ vouching: Vouching) -> JSON {
    func counts(_ by: [String: Int]) -> JSON { .object(by.mapValues { .int(Int64($0)) }) }
    return [
      "releases": .int(Int64(vouching.releases)), "releasesBy": counts(vouching.releasesVouched),
      "releasesUnsigned": .int(Int64(vouching.releasesUnsigned)), "requests": .int(Int64(vouching.requests)),
      "requestSignaturesBy": counts(vouching.requestsVouched),
    ]
  }

  private static func json(_ finding: Finding) -> JSON {
    [
      "code": .string(finding.code.rawValue), "severity": .string(finding.severity.rawValue),
      "commit": finding.commit.map { .string($0) } ?? .null, "record": finding.record.map { .string($0) } ?? .null,
      "what": .string(finding.what), "meaning": .string(finding.meaning),
    ]
  }
}

/// How far a verification is, on one line that is written over; nothing where nobody watches.
struct VerificationProgress: Sendable {
  private let output: TextOutput

  init(_ output: TextOutput) { self.output = output }

  func tell(_ done: Int, _ all: Int) {
    guard all >= 2000, output.columns() != nil else { return }
    output.narrateRaw("\r\u{1B}[Kverifying \(done) of \(all) commits")
  }

  func finish() {
    guard output.columns() != nil else { return }
    output.narrateRaw("\r\u{1B}[K")
  }
}
