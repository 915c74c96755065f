/// What a record says to people.
struct RecordStory {
  let record: AuditRecord

  init(_ record: AuditRecord) { self.record = record }

  // MARK: Subject

  var subject: String {
    let name = [record.service.text, record.version?.text].compactMap(\.self).joined(separator: " ")
    switch record.event {
    case .noted:
      return "Note \(record.service): \(record.tags.count) \(record.tags.count == 1 ? "tag exists" : "tags exist"), none released"
    case .plan: return "Plan \(name): \(colors)"
    case .outcome: return outcomeSubject(name)
    case .refused: return "Refuse \(name): \(record.reason ?? "")"
    case .superseded: return "Supersede \(name): \(record.reason ?? "")"
    case .retired: return "Retire \(name)\(record.conclusion?.from.map { " (\($0))" } ?? ""): the standby is cold"
    case .adopted: return "Adopt \(name): the running pods are \(to?.rawValue ?? "a color") now"
    case .left: return "Leave \(name): the Service is as it was before it was adopted"
    case .settled: return "Settle \(name): users are on \(to?.rawValue ?? Marker.noColor)"
    case .retry: return "Retry \(name): \(record.reason ?? "")"
    case .override: return "Override the freeze for \(name): \(record.reason ?? "")"
    case .deleted:
      let names = record.tags.prefix(3).map(\.name).joined(separator: ", ")
      let more = record.tags.count > 3 ? " and \(record.tags.count - 3) more" : ""
      return "Miss \(record.tags.count == 1 ? "a tag" : "\(record.tags.count) tags") of \(record.service): \(names)\(more)"
    case .drift: return driftSubject(name)
    case .resealed:
      return "Reseal \(name): the audit branch was rewritten\(record.reseal.map { " after \($0.lost.records) records" } ?? "")"
    }
  }

  private func outcomeSubject(_ name: String) -> String {
    switch record.outcome {
    case .promoted: "Promote \(name): \(colors)\(duration)"
    case .rolledBack: "Roll back \(name): \(back)\(duration)"
    case .failed: "Fail \(name): \(reason), users never saw it"
    case .failedExposed: "Fail \(name), exposed: \(reason)"
    case .rollbackFailed: "Fail to roll back \(name): \(reason)"
    case .rejected: "Reject \(name): \(reason)"
    case .aborted: "Abort \(name): \(reason)"
    case nil: "End \(name)"
    }
  }

  private var reason: String { PlainText.line(record.reason ?? "", longest: 60) }
  private var from: Color? { record.plan?.from ?? record.conclusion?.from }
  private var to: Color? { record.plan?.to ?? record.conclusion?.to }
  private var colors: String { "\(from?.rawValue ?? Marker.noColor) → \(to?.rawValue ?? Marker.noColor)" }
  private var back: String { "\(to?.rawValue ?? Marker.noColor) → \(from?.rawValue ?? Marker.noColor)" }

  /// How long it took from the first step to the decision; nothing where that is not known.
  private var duration: String {
    guard let start = record.steps.first?.startedAt, let end = record.conclusion?.decidedAt else { return "" }
    return " in \((end - start).words)"
  }

  // MARK: Body

  var paragraphs: [String] {
    let blocks = [story, driftBlock, reasonBlock, operatorBlock, tagBlock, stepBlock, checkBlock, noteBlock].filter { !$0.isEmpty }
    return Array(blocks.joined(separator: [""]))
  }

  private var story: [String] {
    switch record.event {
    case .noted: wrapped("\(record.service) is seen for the first time. What existed then is on record and is never released by itself.")
    case .plan: wrapped(planStory)
    case .outcome: wrapped(outcomeStory)
    case .refused: wrapped("The tag gets no rollout. Nothing was changed in the cluster.")
    case .superseded: wrapped("The tag gets no rollout: a higher one was chosen. It is never released by itself any more.")
    case .retired:
      wrapped(
        "The color that was kept warm for a rollback is scaled to 0. Its objects stay until the color is needed; a rollback to it now takes a pod start."
      )
    case .adopted:
      wrapped(
        "The Service selects just the pods that ran before, which stand for \(to?.rawValue ?? "a color"). No pod was restarted. "
          + "The first release is built beside them and can go back to them. Until then their Deployment must not be changed: pods of another "
          + "template would not be reached."
      )
    case .left:
      wrapped(
        "The Service selects what it selected before it was adopted. Nothing can be released to it until it is adopted again or made "
          + "blue-green; its Deployment was never changed but in size."
      )
    case .settled: wrapped("Another hand than tagflip's had moved the Service, and a person said what is right. Releases go on from here.")
    case .retry: wrapped("The version is let in once more. The next run releases it through all gates.")
    case .override: wrapped("The version may begin although a freeze holds. Everything else that is asked of a release is asked of it too.")
    case .deleted: wrapped(deletedStory)
    case .resealed: wrapped(resealStory)
    case .drift: wrapped(driftStory)
    }
  }

  private var deletedStory: String {
    "What was decided on them stands. Somebody deleted them from the release repository, or somebody rewrote it; one that is pushed again is "
      + "refused, whatever it names then. What they were is in the records that decided on them."
  }

  private var resealStory: String {
    guard let reseal = record.reseal else { return "A person accepted the branch as it is." }
    let lost = "The cluster remembers \(reseal.lost.records) records at commit \(reseal.lost.commit). "
    let found =
      reseal.found.map { "The branch was found at \($0.commit) with \($0.records) records, which does not lead back there. " }
      ?? "The branch was found to be gone. "
    return lost + found + "Somebody rewrote, reset or deleted it, and a person accepted it as it is. "
      + "What the lost records said must be looked for in clones and notices."
  }

  private var planStory: String {
    let was = record.plan?.fromVersion.map { "Users are on \(from?.rawValue ?? Marker.noColor) (\($0)). " } ?? "This is the first release. "
    return was + "\(to?.rawValue ?? "") is built beside it, smoke-tested, and then takes over \(takeover). "
      + "Nothing had been changed when this was committed."
  }

  private var takeover: String {
    guard let plan = record.plan, plan.overlaps, let overlapMs = plan.settings.overlapMs else {
      return "by one flip of the Service's selector"
    }
    return "by an overlap, which is not atomic: users reach both colors for \(Duration.milliseconds(overlapMs).words), and then it alone"
  }

  private var outcomeStory: String {
    let exposed = record.conclusion?.exposed ?? false
    switch record.outcome {
    case .promoted: return "Users are on \(to?.rawValue ?? "") now. \(standby)"
    case .rolledBack:
      let seen = exposed ? "Users had seen it\(exposure)" : "Users had not seen it"
      return
        "\(seen); they are back on \(from.map { "\($0)" } ?? "nothing")\(record.conclusion?.fromVersion.map { " (\($0))" } ?? "").\(quarantine)"
    case .failed: return "It was never exposed: users stayed where they were.\(quarantine)"
    case .failedExposed: return "There was nothing to go back to: users are still on it. Somebody has to act.\(quarantine)"
    case .rollbackFailed: return "Users are still on it, since the standby could not serve either. Somebody has to act.\(quarantine)"
    case .rejected: return "It was not let through.\(quarantine)"
    case .aborted: return exposed ? "Users had seen it." : "Users had not seen it."
    case nil: return ""
    }
  }

  private var standby: String {
    from.map { "\($0) is kept warm for a rollback: tagflip rollback \(record.service)" } ?? "There is no standby yet."
  }

  private var quarantine: String {
    guard record.conclusion?.quarantines == true, let version = record.version else { return " The version is not quarantined." }
    return " \(version) stays out until: tagflip retry \(record.service) \(version)"
  }

  private var exposure: String {
    guard let start = record.conclusion?.flippedAt, let end = record.conclusion?.decidedAt else { return "" }
    return " for \((end - start).words)"
  }

  private var reasonBlock: [String] {
    guard let reason = record.reason, !reason.isEmpty else { return [] }
    return wrapped("Why: \(PlainText.line(reason, longest: 600))", indent: "  ")
  }

  private var operatorBlock: [String] {
    record.operators.flatMap { signature in
      wrapped("Asked for by \(PlainText.line(signature.signer, longest: 100)) (signature verified, key \(signature.key))", indent: "  ")
    }
  }

  private var tagBlock: [String] {
    if record.event == .deleted {
      let lines = record.tags.prefix(20).map { "  \(PlainText.line($0.name, longest: 120)) named \($0.object)" }
      return record.tags.count > 20 ? lines + ["  and \(record.tags.count - 20) more, which the record names"] : lines
    }
    guard let tag = record.tag, [.plan, .refused, .retry, .override].contains(record.event) else { return [] }
    let kind = tag.isAnnotated ? "annotated" : "lightweight"
    let claimed = tag.tagger.map { ", tagged by \(PlainText.line($0, longest: 100)) (claimed, not verified)" } ?? ""
    let by = tag.signature.map { ", signed by \(PlainText.line($0.signer, longest: 100)) (verified, key \($0.key))" } ?? claimed
    let message = PlainText.block(tag.message, longest: 200, lines: 10).map { "> \($0)" }
    return wrapped("Tag \(PlainText.line(tag.tag.name, longest: 120)), \(kind)\(by)", indent: "  ")
      + (message.isEmpty ? [] : [""] + message)
  }

  private var stepBlock: [String] {
    record.steps.map { step in
      let name = padded(step.step.rawValue, 9)
      let time = padded(Duration.milliseconds(step.ms).words, 10, left: true)
      return "  \(name) \(time)  \(padded(step.result.rawValue, 7))  \(PlainText.line(step.detail, longest: 160))"
    }
  }

  private var checkBlock: [String] {
    let all = record.steps.flatMap(\.checks)
    let bad = all.filter { $0.verdict != .passed }
    var lines = bad.prefix(10).map { check in
      "  \(check.verdict.rawValue): \(PlainText.line(check.name, longest: 60)): \(PlainText.line(check.detail, longest: 120))"
    }
    if all.contains(where: { $0.route == .api }) {
      lines.append("  Checks went through the API server: they say nothing about the data plane.")
    }
    return lines
  }

  private var noteBlock: [String] {
    var lines = interruptions
    if let cutover = record.cutover {
      let moved = cutover.convergedMs.map { "; the EndpointSlices held exactly the new pods after \($0) ms" } ?? ""
      let flip =
        cutover.overlap.map { overlapped(cutover, $0, moved) }
        ?? "Cutover at \(cutover.at), acknowledged in \(cutover.patchMs) ms\(moved)."
      lines += wrapped("\(flip) \(established(cutover))")
    }
    lines += doubling
    if !record.changed.isEmpty { lines += wrapped("Changed since the record before: \(record.changed.joined(separator: ", ")).") }
    for step in record.claimed {
      lines += wrapped(
        "Claimed, not evidence: \(step.step) \(step.result.rawValue), \(PlainText.line(step.detail, longest: 160))", indent: "  ")
    }
    lines += record.remarks.flatMap { wrapped("Note: \(PlainText.line($0, longest: 400))", indent: "  ") }
    return lines
  }

  /// The two halves of a cutover that is not atomic.
  private func overlapped(_ cutover: CutoverRecord, _ overlap: OverlapRecord, _ moved: String) -> String {
    let served: String
    if let ms = overlap.servedMs {
      served = "both colors served for \(Duration.milliseconds(ms).words)"
    } else {
      served =
        record.outcome == .rollbackFailed && overlap.narrowedAt == nil
        ? "both colors still serve" : "how long both colors served is not known"
    }
    let both = overlap.convergedMs.map { "; the EndpointSlices held the pods of both after \($0) ms" } ?? ""
    let opened = "Cutover, not atomic: \(served). Users reached both from \(cutover.at), acknowledged in \(cutover.patchMs) ms\(both)."
    guard let at = overlap.narrowedAt else { return "\(opened) They never reached the new color alone." }
    let alone = overlap.patchMs.map { "\(at), acknowledged in \($0) ms" } ?? "\(at) at the latest, by \(hand(overlap))"
    return "\(opened) They reached the new color alone from \(alone)\(moved)."
  }

  private func hand(_ overlap: OverlapRecord) -> String {
    overlap.hand.map { "\(PlainText.line($0, longest: 80)), not by tagflip" } ?? "a run that did not see the answer"
  }

  /// What became of connections that the flip does not move.
  private func established(_ cutover: CutoverRecord) -> String {
    guard from != nil else { return "It moves new connections." }
    let left = from?.rawValue ?? ""
    guard let moved = cutover.connections else {
      return "It moves new connections; established ones stay where they are, and that they have moved since is not evidenced."
    }
    guard let stopped = moved.stopped else {
      return "It moves new connections; established ones were moved by replacing the \(moved.pods) pods of \(left) one at a time."
    }
    return
      "It moves new connections; of \(left)'s \(moved.pods) pods \(moved.replaced) \(moved.replaced == 1 ? "was" : "were") replaced to move established ones, then it was "
      + "given up (\(PlainText.line(stopped, longest: 300))): that these have moved is not evidenced."
  }

  /// What two colors cost, or may.
  private var doubling: [String] {
    guard let doubling = record.doubling else { return [] }
    func within(_ cost: DoublingCost) -> String { Duration.milliseconds(cost.ms).words }
    guard let actual = doubling.actual else {
      return doubling.forecast.map { wrapped("Doubling costs at most \($0.words) (\(within($0))).") } ?? []
    }
    let forecast = doubling.forecast.map { " (forecast at most \($0.words))" } ?? ""
    let more = record.event == .retired ? " more" : ""
    return wrapped("Doubled for \(within(actual))\(more): \(actual.words)\(forecast).")
  }

  /// The gaps in which nobody worked on it; of many only how many, how long in all and the longest.
  private var interruptions: [String] {
    let gaps = record.interruptions
    guard gaps.count > 3, let longest = gaps.max(by: { $0.ms < $1.ms }) else {
      return gaps.flatMap { wrapped("Continued after an interruption of \(Duration.milliseconds($0.ms).words) during \($0.step).") }
    }
    let total = Duration.milliseconds(gaps.reduce(0) { $0 + $1.ms }).words
    return wrapped(
      "Continued after \(gaps.count) interruptions, \(total) in all; the longest was \(Duration.milliseconds(longest.ms).words) during \(longest.step)."
    )
  }

  // MARK: Layout

  private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }

  /// Lines of at most 72 characters, broken between words.
  func wrapped(_ text: String, indent: String = "") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > 72 {
        lines.append(line)
        line = indent + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Duration {
  /// `41 s`, `2 min 5 s`, `340 ms`.
  package var words: String {
    let ms = milliseconds
    switch ms {
    case ..<1000: return "\(ms) ms"
    case ..<10_000: return ms % 1000 < 100 ? "\(ms / 1000) s" : "\(ms / 1000).\(ms % 1000 / 100) s"
    case ..<120_000: return "\(ms / 1000) s"
    case ..<7_200_000: return ms / 1000 % 60 == 0 ? "\(ms / 60_000) min" : "\(ms / 60_000) min \(ms / 1000 % 60) s"
    default: return ms / 60_000 % 60 == 0 ? "\(ms / 3_600_000) h" : "\(ms / 3_600_000) h \(ms / 60_000 % 60) min"
    }
  }
}
