import AuditTrail
import ReleaseModel

extension ServiceState {
  /// What the service's state is after one more record.
  mutating func take(_ entry: TrailRecord, _ record: AuditRecord, headFile: LedgerHead?) {
    let expected = deviation.map { before in
      var next = before
      next.take(record, entry.digest)
      return next
    }
    records += 1
    head.take(record, entry.digest)
    // What a tampered head file goes on saying was told when it began.
    deviation = headFile == head ? nil : headFile ?? expected
    isUncertain = false
    follow(record)
    if let plan = record.plan { cluster = cluster ?? plan.cluster }
    if record.event != .retry, record.event != .override, let at = record.at { lastAt = max(lastAt ?? at, at) }
  }

  /// A record that cannot be read keeps its place in the chain; what it did is not known.
  mutating func pass(_ entry: TrailRecord, headFile: LedgerHead?) {
    records += 1
    head = headFile ?? head
    head.sequence = entry.sequence
    head.last = entry.digest
    deviation = nil
    live = .unknown
    standby = .unknown
    open = nil
    isUncertain = true
  }

  /// Several records at once: the head file is taken at its word, so that one fault is told once.
  mutating func adopt(_ headFile: LedgerHead?) {
    records = headFile?.sequence ?? records
    head = headFile ?? head
    deviation = nil
    live = .unknown
    standby = .unknown
    open = nil
    lastAt = nil
    isUncertain = true
  }

  private mutating func follow(_ record: AuditRecord) {
    switch record.event {
    case .plan:
      if live == .unknown, let plan = record.plan { live = LivePlace(plan.from, plan.fromVersion) }
      open = record.rollout.map { OpenPlan(rollout: $0, sequence: record.sequence) }
    case .outcome:
      if open?.rollout == record.rollout { open = nil }
      if let conclusion = record.conclusion { follow(conclusion) }
    // What was lost is not known.
    case .resealed: (live, standby, open) = (.unknown, .unknown, nil)
    case .adopted, .left, .settled:
      let place = record.conclusion.flatMap { $0.to == nil ? nil : LivePlace($0.to, $0.version) }
      (live, standby) = (place ?? .unknown, .unknown)
    case .noted, .refused, .superseded, .retired, .retry, .override, .deleted, .drift: break
    }
  }

  private mutating func follow(_ conclusion: Conclusion) {
    let (from, to) = (LivePlace(conclusion.from, conclusion.fromVersion), LivePlace(conclusion.to, conclusion.version))
    switch conclusion.outcome {
    case .promoted, .rollbackFailed: (live, standby) = (to, from)
    case .failedExposed: (live, standby) = (to, .unknown)
    case .rolledBack: (live, standby) = (from, .unknown)
    // The world changed under it: the record says so, and where users are after that is told by the next plan.
    case .aborted: if conclusion.tellsOfAnotherHand { (live, standby) = (.unknown, .unknown) }
    case .failed, .rejected, nil: break
    }
  }
}

extension Conclusion {
  /// Whether somebody who is not tagflip moved the Service.
  var tellsOfAnotherHand: Bool { exposed || ForeignHand.manager(in: actor) != nil || reason.hasPrefix("the Service") }
}
