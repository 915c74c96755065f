import Digests
import GitStore
import ReleaseModel

/// Who could have caused a change: for each way to cause one, who it was as far as is known, and how that is known.
package struct Responsibility: Sendable, Hashable, Codable {
  /// How far something is known.
  package enum Ground: String, Sendable, Hashable, Codable {
    /// A key that the auditor trusts says so.
    case evidenced
    /// The bot's account of what somebody else said, the API server: as good as the record itself.
    case recorded
    /// The one it speaks of says so.
    case claimed
    case unknown
  }

  package struct Line: Sendable, Hashable, Codable {
    /// What one had to be able to do.
    package var way: String
    package var who: String
    package var ground: Ground
    /// What shows it, or what is missing.
    package var note: String
  }

  package let change: String
  package let subject: String
  package let lines: [Line]

  /// Nil where the record cannot be read.
  package init?(_ entry: AuditReader.Entry) {
    guard let record = entry.record else { return nil }
    change = "\(ChangeID(service: record.service, sequence: record.sequence))"
    subject = CommitMessage(record, path: entry.path).subject
    lines = [
      Responsibility.request(entry, record), Responsibility.override(entry), Responsibility.tag(entry, record),
      Responsibility.approval(entry, record), Responsibility.actor(record), Responsibility.sources(entry, record),
      Responsibility.writer(entry, record),
    ].compactMap(\.self)
  }

  private static func request(_ entry: AuditReader.Entry, _ record: AuditRecord) -> Line? {
    if OperatorRequest.Action(record.event) != nil {
      return asked("ask for it", record, "\(record.event.rawValue): \(record.reason ?? "no reason given")")
    }
    if let retry = entry.retry {
      return asked("ask for it again", retry, "retry, record \(retry.sequence): \(retry.reason ?? "no reason given")")
    }
    guard record.event == .outcome, entry.plan == nil else { return nil }
    return Line(way: "send users back by hand", who: record.actor, ground: .recorded, note: "the actor is the API server's word")
  }

  private static func override(_ entry: AuditReader.Entry) -> Line? {
    entry.override.map {
      asked("let it begin although a freeze held", $0, "override, record \($0.sequence): \($0.reason ?? "no reason given")")
    }
  }

  /// Whoever signed, else whoever ran the verb.
  private static func asked(_ way: String, _ record: AuditRecord, _ what: String) -> Line {
    guard !record.operators.isEmpty else {
      return Line(way: way, who: record.actor, ground: .recorded, note: "\(what); the actor is the API server's word")
    }
    let keys = record.operators.map(\.key).joined(separator: ", ")
    return Line(
      way: way, who: record.operators.map(\.signer).joined(separator: ", "), ground: .recorded,
      note: "\(what); signed with \(keys), verified by the bot, and run by \(record.actor)")
  }

  private static func tag(_ entry: AuditReader.Entry, _ record: AuditRecord) -> Line? {
    guard let tag = record.tag ?? entry.plan?.tag else { return nil }
    if let signature = tag.signature {
      return Line(
        way: "sign and push the tag \(tag.tag.name)", who: signature.signer, ground: .recorded,
        note: "the bot verified its signature with \(signature.key); whoever holds that key can have made it")
    }
    return Line(
      way: "push the tag \(tag.tag.name)", who: tag.tagger ?? "not named", ground: tag.tagger == nil ? .unknown : .claimed,
      note: tag.isAnnotated
        ? "the tag's own word; whoever may push tags to the release repository can write any name there"
        : "a lightweight tag: the name is that of the commit's author; who tagged is not said anywhere")
  }

  private static func approval(_ entry: AuditReader.Entry, _ record: AuditRecord) -> Line? {
    guard record.event == .outcome || record.event == .plan else { return nil }
    let approval = ChangeFacts(record, entry.plan).approval
    let said = record.approval ?? entry.plan?.approval
    let who = said == AuditRecord.notRequired ? nil : said
    return Line(way: "approve it", who: who ?? "nobody", ground: said == nil ? .unknown : .recorded, note: "approval: \(approval)")
  }

  private static func actor(_ record: AuditRecord) -> Line {
    let isForeign = ForeignHand.manager(in: record.actor) != nil
    return Line(
      way: "act in the cluster", who: record.actor, ground: isForeign ? .claimed : .recorded,
      note: isForeign
        ? "not tagflip: the manager that the Service names for the field, which a client chooses itself"
        : "what the API server says that the caller was; whoever holds its credentials is called the same")
  }

  private static func sources(_ entry: AuditReader.Entry, _ record: AuditRecord) -> Line? {
    guard let sources = record.sources ?? entry.plan?.sources else { return nil }
    let template = sources.template.map { "template \($0.prefix12)" } ?? "no template"
    return Line(
      way: "change settings, template or plan", who: "not on record", ground: .unknown,
      note: "settings \(sources.settings.prefix12), \(template), plan \(sources.plan.prefix12); changed since the record before: "
        + ChangeFacts(record, entry.plan).sourcesChanged)
  }

  private static func writer(_ entry: AuditReader.Entry, _ record: AuditRecord) -> Line {
    let way = "write this record"
    let bot = "tagflip \(record.botVersion)"
    switch entry.verdict {
    case .good(let principal, let fingerprint):
      return Line(way: way, who: "\(bot), key of \(principal)", ground: .evidenced, note: "signed by \(fingerprint), which you trust")
    case .bad(let reason): return Line(way: way, who: "unknown", ground: .unknown, note: "the commit's signature does not count: \(reason)")
    case .unsigned, nil:
      let note = entry.isSigned ? "the commit is signed, and the signature was not checked" : "the commit is not signed"
      return Line(way: way, who: bot, ground: .claimed, note: "\(note); whoever can write to the audit branch could have made it")
    }
  }
}
