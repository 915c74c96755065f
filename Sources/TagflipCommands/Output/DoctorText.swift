import KubernetesModel

/// What the doctor found, for standard output.
struct DoctorText: ResultText {
  let diagnoses: [Diagnosis]

  var text: String {
    let width = min(24, diagnoses.map(\.area.count).max() ?? 0)
    var lines = diagnoses.flatMap { diagnosis -> [String] in
      let mark = Self.mark(diagnosis.verdict)
      let area = diagnosis.area + String(repeating: " ", count: max(0, width - diagnosis.area.count))
      let line = "\(mark)  \(area)  \(diagnosis.detail)"
      return [line] + (diagnosis.next.map { ["\(String(repeating: " ", count: 11 + width))next: \($0)"] } ?? [])
    }
    let failed = diagnoses.count { $0.verdict == .failed }
    let warned = diagnoses.count { $0.verdict == .warning }
    let unknown = diagnoses.count { $0.verdict == .unknown }
    lines.append("")
    let found =
      failed > 0
      ? "\(Count.words(failed, "thing")) in the way of a release"
      : unknown > 0 ? "nothing that was looked at is in the way of a release" : "nothing is in the way of a release"
    let more = [
      unknown > 0 ? "\(Count.words(unknown, "thing")) could not be looked at" : nil, warned > 0 ? Count.words(warned, "warning") : nil,
    ]
    lines.append(([found] + more.compactMap(\.self)).joined(separator: "; "))
    return lines.joined(separator: "\n")
  }

  private static func mark(_ verdict: Diagnosis.Verdict) -> String {
    switch verdict {
    case .ok: "ok     "
    case .warning: "warning"
    case .failed: "FAILED "
    case .unknown: "unknown"
    }
  }

  var json: JSON {
    .array(
      diagnoses.map { diagnosis in
        [
          "area": .string(diagnosis.area), "verdict": .string(diagnosis.verdict.rawValue), "detail": .string(diagnosis.detail),
          "next": diagnosis.next.map { .string($0) } ?? .null,
        ]
      })
  }
}
