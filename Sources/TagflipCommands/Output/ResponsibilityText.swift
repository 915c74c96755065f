import AuditVerification
import KubernetesModel
import ReleaseModel

/// Who could have caused a change, for standard output.
struct ResponsibilityText: ResultText {
  let responsibility: Responsibility

  var text: String {
    let lines = responsibility.lines.flatMap { line in
      [
        "", "  to \(Word.line(line.way))", "    \(NarrationText.padded(mark(line.ground), 9, left: false))  \(Word.line(line.who))",
        "               \(Word.line(line.note))",
      ]
    }
    return (["\(responsibility.change)  \(responsibility.subject)"] + lines).joined(separator: "\n")
  }

  private func mark(_ ground: Responsibility.Ground) -> String {
    switch ground {
    case .evidenced: "evidenced"
    case .recorded: "on record"
    case .claimed: "claimed"
    case .unknown: "not known"
    }
  }

  var json: JSON {
    [
      "change": .string(responsibility.change), "subject": .string(responsibility.subject),
      "ways": .array(
        responsibility.lines.map {
          ["way": .string($0.way), "who": .string($0.who), "ground": .string($0.ground.rawValue), "note": .string($0.note)]
        }),
    ]
  }
}
