import AuditVerification
import Digests
import GitStore
import KubernetesModel
import ReleaseModel

/// One record with its story and evidence, for standard output.
struct AuditRecordText: ResultText {
  let entry: AuditReader.Entry

  var text: String {
    guard let record = entry.record else {
      return "\(Word.plain(entry.path)): this record cannot be read\n" + row("commit", entry.commit.hex) + "\n  next: tagflip audit verify"
    }
    let message = CommitMessage(record, path: entry.path)
    let blocks = [
      ["\(record.service)/\(record.sequence)  \(message.subject)"] + place(record), message.body.map { $0.isEmpty ? "" : "  \($0)" },
      evidence(record),
    ]
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private func row(_ name: String, _ text: String) -> String { "  \(NarrationText.padded(name, 11, left: false)) \(Word.line(text))" }

  private func place(_ record: AuditRecord) -> [String] {
    [
      row("at", record.at.map { "\($0)" } ?? "not known"),
      row("by", "\(record.actor) (the API server's word), tagflip \(record.botVersion)"),
      row("commit", entry.commit.hex), row("signature", signature), row("record", entry.path),
      row("digest", "\(entry.digest)"), row("previous", record.previous.map { "\($0)" } ?? "none: it is the service's first"),
    ]
  }

  private var signature: String {
    switch entry.verdict {
    case .good(let principal, let fingerprint): "counts: by \(principal), \(fingerprint)"
    case .bad(let reason): "DOES NOT COUNT: \(reason)"
    case .unsigned: "NONE: nobody vouches for this record"
    case nil: entry.isSigned ? "not checked; --trust FILE" : "none"
    }
  }

  private func evidence(_ record: AuditRecord) -> [String] {
    var lines: [String] = []
    if let tag = record.tag ?? entry.plan?.tag {
      lines.append(row("tag", "\(tag.tag.name), object \(tag.tag.object)"))
      lines.append(row("source", "commit \(tag.commit)"))
    }
    lines.append(row("asked by", entry.requester))
    if let approval = record.approval { lines.append(row("approval", approval)) }
    if let override = entry.override {
      lines.append(row("override", "\(override.service)/\(override.sequence), \(override.askedBy): \(override.reason ?? "")"))
    }
    if let retry = entry.retry { lines.append(row("retry", "\(retry.service)/\(retry.sequence): \(retry.reason ?? "")")) }
    if let plan = entry.plan, plan.sequence != record.sequence { lines.append(row("plan", "\(plan.service)/\(plan.sequence)")) }
    if let digest = record.planDigest { lines.append(row("plan digest", "\(digest)")) }
    if let outcome = entry.outcome {
      lines.append(row("outcome", "\(outcome.service)/\(outcome.sequence), \(outcome.outcome?.rawValue ?? "")"))
    }
    if let sources = record.sources {
      let template = sources.template.map { ", template \($0.prefix12)" } ?? ""
      lines.append(row("sources", "settings \(sources.settings.prefix12)\(template), plan \(sources.plan.prefix12)"))
    }
    for image in record.plan?.images ?? [] { lines.append(row("image", image)) }
    for object in record.plan?.objects ?? [] { lines.append(row("object", "\(object.kind) \(object.name) \(object.digest.prefix12)")) }
    for exhibit in record.exhibits { lines.append(row("exhibit", "\(exhibit.kind.rawValue) \(exhibit.name) \(exhibit.digest)")) }
    for step in record.steps {
      for check in step.checks {
        lines.append(row("\(step.step)", "\(check.verdict.rawValue): \(check.name): \(check.detail) (\(check.route.rawValue))"))
      }
    }
    return lines
  }

  var json: JSON {
    func value(_ record: AuditRecord?) -> JSON {
      record.flatMap { try? CanonicalJSON.bytes(of: $0) }.flatMap { try? JSON(parsing: $0) } ?? .null
    }
    return [
      "commit": .string(entry.commit.hex), "path": .string(entry.path), "digest": .string("\(entry.digest)"),
      "signed": .bool(entry.isSigned), "signature": signatureJSON,
      "record": value(entry.record), "plan": value(entry.record?.event == .plan ? nil : entry.plan), "outcome": value(entry.outcome),
      "retry": value(entry.retry), "override": value(entry.override),
    ]
  }
  private var signatureJSON: JSON {
    switch entry.verdict {
    case .good(let principal, let fingerprint): ["counts": true, "by": .string(principal), "key": .string(fingerprint)]
    case .bad(let reason): ["counts": false, "reason": .string(reason)]
    case .unsigned: ["counts": false, "reason": "the commit is not signed"]
    case nil: .null
    }
  }
}
