import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// One service's status for people: the present, what is under way, what comes next.
struct StatusText: ResultText {
  let status: StatusQuery.ServiceStatus
  let now: Timestamp

  var text: String {
    ([headline] + drift + left + present + underWay + waiting + next + past + unread).joined(separator: "\n")
  }

  /// One line of the table below the headline.
  private func row(_ name: String, _ text: String) -> String { "  \(NarrationText.padded(name, 9, left: false)) \(text)" }

  private var service: ServiceName { status.target.service }

  private var headline: String {
    switch status.seen {
    case .failure(let error): return "\(service): \(error)"
    case .success(let seen):
      let version = seen.marker.version?.text ?? "nothing released yet"
      switch seen.selection {
      case .color(let color): return "\(service): users are on \(color), \(version)"
      case .both: return "\(service): users reach both colors\(marked(seen))"
      case .nothing, .uncolored, .foreign: return "\(service): \(seen.selection.words)"
      }
    }
  }

  /// What the marker says of both: it speaks for the new one.
  private func marked(_ seen: ActiveService) -> String {
    guard let version = seen.marker.version, let standby = seen.marker.standby else { return "" }
    return ", \(version) on \(standby.color.other) and \(standby.version?.text ?? "what was there before") on \(standby.color)"
  }

  /// What another hand changed, each with what to do about it.
  private var drift: [String] {
    guard let drift = status.drift, !drift.findings.isEmpty else { return elsewhere }
    let since = status.driftSince.map { [row("", "first seen by a run at \($0)")] } ?? []
    return drift.findings.flatMap { finding in
      let blocked = finding.kind == .moved ? "; until then nothing is released" : ""
      return [row("drift", finding.words), row("", "next: \(finding.hint(status.target))\(blocked)")]
    } + since + elsewhere
  }

  /// A consumer that runs in neither color is what a person on call looks for.
  private var left: [String] {
    guard let reason = status.handOverLeft else { return [] }
    return [
      row("left over", "what runs only when active has not followed users: \(reason)"),
      row("", "next: the bot's next run goes on with it (tagflip run, or your schedule's)"),
    ]
  }

  /// A person on call may see less than the bot does.
  private var elsewhere: [String] {
    guard status.open == nil, status.driftSince == nil, let note = status.entry.drift, note.digest != nil else { return [] }
    return [
      row("drift", "what a run first found at \(note.since) is not what is seen from here now; its report is in the log: tagflip audit log")
    ]
  }

  private var present: [String] {
    status.colors.filter { !$0.isEmpty }.map { color in
      row(color.color.rawValue, "\(role(color.color)), \(color.readyPods) of \(Count.words(color.desiredPods, "pod")) ready")
    }
  }

  private func role(_ color: Color) -> String {
    guard case .success(let seen) = status.seen else { return "?" }
    if seen.selection == .color(color) { return "active" }
    if seen.selection == .both { return "active, with the other" }
    guard let standby = seen.marker.standby, standby.color == color else {
      return status.open?.plan.to == color ? "being built" : "unused, kept as evidence"
    }
    return "standby\(standby.version.map { " \($0)" } ?? ""), \(standby.temperature.rawValue)"
  }

  private var underWay: [String] {
    guard let open = status.open, let standing = status.standing else { return [] }
    let last = open.steps.last.map { ", last step: \($0.step) \($0.result.rawValue)" } ?? ""
    let touched = (now - open.touchedAt).words
    let place =
      switch standing {
      case .before: "not exposed yet"
      case .overlapping:
        "users reach both colors, \(Duration.milliseconds(open.cutover?.overlap?.watchedMs ?? 0).words) of "
          + "\(Duration.milliseconds(open.plan.settings.overlapMs ?? 0).words) watched"
      case .exposed:
        "exposed, \(Duration.milliseconds(open.bakedMs).words) of \(Duration.milliseconds(open.plan.settings.bake.durationMs).words) baked"
      case .concluded(let conclusion): "decided: \(conclusion.outcome?.rawValue ?? ""), not yet recorded"
      case .returnedByForeignHand: "pointed back by a foreign hand"
      case .departed(let why, _): why
      case .overtaken: "taken over by another run"
      }
    return [
      row("rollout", "\(open.plan.tag.version) (\(open.id)): \(place)\(last); last sign of life \(touched) ago"),
      row("at work", worker(standing)),
    ]
  }

  /// What the chosen tag waits for, and when that ends.
  private var waiting: [String] {
    guard status.open == nil, let wait = status.entry.waiting else { return [] }
    let end: String
    switch (wait.kind, wait.until) {
    case (.image, let until?):
      end = until > now ? "until \(until) (in \((until - now).words)), then it is refused" : "the next run asks once more, or refuses it"
    case (.freeze, let until?), (.standby, let until?), (.room, let until?):
      end = until > now ? "until \(until) (in \((until - now).words))" : "the next run goes on with it"
    case (_, nil): end = "each run looks again"
    }
    return [row("waits", "\(wait.tag.version), since \(wait.since): \(wait.reason); \(end)")]
  }

  /// Who works on the open rollout. A Lease does not tell a run that was killed from one that works: it says until when that stays open.
  private func worker(_ standing: Standing) -> String {
    if let worker = status.worker {
      return "\(worker.holder), by its Lease; if it was killed, the Lease ends in \((worker.until - now).words) (\(worker.until))"
    }
    switch standing {
    case .overlapping, .exposed: return "nobody: the run that did was killed or stopped, and nobody watches what users are on"
    case .before, .concluded, .returnedByForeignHand, .departed, .overtaken: return "nobody: the run that did was killed or stopped"
    }
  }

  /// What the run that comes next will do with the open rollout, and when that is.
  private func continuation(_ open: OpenRollout, _ standing: Standing) -> String {
    let when = status.worker == nil ? "the next run (tagflip run, or your schedule's)" : "whoever is at work, or the first run after that"
    let plan = open.plan
    switch standing {
    case .before: return "\(when) brings \(plan.to) up as planned, smoke-tests it and flips; users are where they were"
    case .overlapping:
      let watched = open.cutover?.overlap?.watchedMs ?? 0
      let left = Duration.milliseconds(max(0, (plan.settings.overlapMs ?? 0) - watched)).words
      let back = plan.from.map { "goes back to \($0)" } ?? "ends it"
      return
        "\(when) watches the \(left) that are left of the overlap and leaves users \(plan.to) alone, or \(back) at once if it is unhealthy"
    case .exposed:
      let left = Duration.milliseconds(max(0, plan.settings.bake.durationMs - open.bakedMs)).words
      let back = plan.from.map { "goes back to \($0) at once if it is unhealthy" } ?? "ends it as failed if it is unhealthy"
      return "\(when) watches the \(left) that are left of the bake and promotes, or \(back)"
    case .concluded: return "\(when) tidies up and records it"
    case .returnedByForeignHand, .departed: return "\(when) writes down what the hand did and closes the rollout"
    case .overtaken: return "the other run goes on with it"
    }
  }

  private var next: [String] {
    if let open = status.open {
      return [row("next", status.standing.map { continuation(open, $0) } ?? "not known while the Service cannot be read")]
    }
    guard case .success(let seen) = status.seen else { return [] }
    var lines: [String] = []
    if let standby = seen.marker.standby, let until = standby.warmUntil {
      let left = until > now ? "in \((until - now).words)" : "with the next run"
      lines.append(row("next", "\(standby.color) goes cold \(left) (\(until)); until then: tagflip rollback \(service)"))
    }
    let pending = seen.marker.pending.count
    if pending > 0 { lines.append(row("next", "\(Count.words(pending, "record")) still to be pushed to Git, by the next run")) }
    return lines
  }

  private var past: [String] {
    guard let record = status.lastRecord else { return [] }
    let message = CommitMessage(record, path: "")
    return [row("last", "\(message.subject)\(record.at.map { " (\($0))" } ?? "")")]
  }

  private var unread: [String] { status.unread.map { row("unread", "\($0)") } }

  var json: JSON {
    var json: JSON = [
      "service": .string(service.text), "namespace": .string(status.target.namespace), "colors": .array(status.colors.map(Self.json)),
      "worker": status.worker.map { ["holder": .string($0.holder), "until": .string($0.until.description)] } ?? .null,
      "due": status.entry.due.map { .string($0.description) } ?? .null, "unread": .array(status.unread.map(\.json)),
    ]
    switch status.seen {
    case .failure(let error): json["error"] = error.json
    case .success(let seen):
      json["selection"] = .string(seen.selection.words)
      json["version"] = seen.marker.version.map { .string($0.text) } ?? .null
      json["fence"] = .int(Int64(clamping: seen.marker.fence))
      json["standby"] = seen.marker.standby.map(Self.json) ?? .null
      json["pending"] = .int(Int64(seen.marker.pending.count))
    }
    json["drift"] = status.drift.map { .array($0.lines.map { .string($0) }) } ?? .null
    json["driftSince"] = status.driftSince.map { .string($0.description) } ?? .null
    json["handOverLeft"] = status.handOverLeft.map { .string($0) } ?? .null
    json["waiting"] = status.entry.waiting.map(Self.json) ?? .null
    json["rollout"] = status.open.map(Self.json) ?? .null
    json["last"] = status.lastRecord.map(Self.json) ?? .null
    return json
  }

  private static func json(_ color: ColorObservation) -> JSON {
    ["color": .string(color.color.rawValue), "ready": .int(Int64(color.readyPods)), "desired": .int(Int64(color.desiredPods))]
  }

  private static func json(_ standby: Marker.Standby) -> JSON {
    [
      "color": .string(standby.color.rawValue), "version": standby.version.map { .string($0.text) } ?? .null,
      "temperature": .string(standby.temperature.rawValue), "warmUntil": standby.warmUntil.map { .string($0.description) } ?? .null,
    ]
  }

  private static func json(_ wait: ServiceIndex.Wait) -> JSON {
    [
      "for": .string(wait.kind.rawValue), "version": .string(wait.tag.version.text), "reason": .string(wait.reason),
      "since": .string(wait.since.description), "until": wait.until.map { .string($0.description) } ?? .null,
    ]
  }

  private static func json(_ open: OpenRollout) -> JSON {
    [
      "id": .string(open.id.text), "version": .string(open.plan.tag.version.text), "bakedMs": .int(Int64(open.bakedMs)),
      "steps": .array(
        open.steps.map { ["step": .string($0.step.rawValue), "result": .string($0.result.rawValue), "ms": .int(Int64($0.ms))] }),
    ]
  }

  private static func json(_ record: AuditRecord) -> JSON {
    [
      "event": .string(record.event.rawValue), "sequence": .int(Int64(record.sequence)),
      "version": record.version.map { .string($0.text) } ?? .null, "outcome": record.outcome.map { .string($0.rawValue) } ?? .null,
      "subject": .string(CommitMessage(record, path: "").subject), "at": record.at.map { .string($0.description) } ?? .null,
    ]
  }
}
