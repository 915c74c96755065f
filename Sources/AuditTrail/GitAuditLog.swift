import GitStore
package import ReleaseEngine
package import ReleaseModel

/// The audit branch, in Git terms: one commit for each record, made without a work tree, pushed with compare-and-swap, rebuilt on the new tip
/// when the race is lost.
package struct GitAuditLog: AuditLog {
  let remote: GitRemote
  let branch: String
  let author: (name: String, email: String)
  /// Signs each commit and attestation; nil leaves them unsigned.
  let signer: AuditSigner?
  /// Seconds since 1970 for records that carry no time.
  let now: @Sendable () -> Int64

  package init(
    remote: GitRemote, settings: AuditSettings, signer: AuditSigner? = nil, now: @escaping @Sendable () -> Int64
  ) {
    self.remote = remote
    branch = settings.branch
    author = (settings.authorName, settings.authorEmail)
    self.signer = signer
    self.now = now
  }

  package func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger {
    let snapshot = try await snapshot()
    let head = try await snapshot.head(service)
    guard head.sequence > 0 else { return ServiceLedger() }
    var decisions: [String: TagDecision] = [:]
    let first = try await snapshot.value([String: String].self, AuditTree.noted(service))
    let noted = first ?? [:]
    for tag in tags {
      if let decision = try await snapshot.value(TagDecision.self, AuditTree.tag(service, tag.name)) {
        decisions[tag.name] = decision
      } else if let object = noted[tag.name] {
        decisions[tag.name] = TagDecision(kind: .noted, object: object, firstSeen: nil, sequence: 1)
      }
    }
    return ServiceLedger(
      sequence: head.sequence, isNoted: first != nil, last: head.last, decisions: decisions,
      quarantine: Dictionary(head.quarantine.compactMap { text, reason in Version(text).map { ($0, reason) } }) { first, _ in first },
      retries: head.retries, overrides: head.overrides, lastPlan: head.lastPlan, lastPlanHasOutcome: head.lastPlanHasOutcome,
      drift: head.drift)
  }

  package func last(of service: ServiceName) async throws(PortError) -> AuditRecord? {
    let snapshot = try await snapshot()
    let head = try await snapshot.head(service)
    return try await snapshot.value(AuditRecord.self, AuditTree.record(service, head.sequence))
  }

  package func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding {
    let snapshot = try await snapshot()
    let isIntact = if let anchor { try await snapshot.leadsBack(to: anchor) } else { true }
    return AuditStanding(head: try await snapshot.anchor(), isIntact: isIntact)
  }

  package func append(
    _ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?
  ) async throws(PortError) -> AppendResult {
    var own = UnsettledEntries()
    var refusals = 0
    for attempt in 0..<10 {
      let snapshot = try await snapshot(after: own)
      if let anchor, try await !snapshot.leadsBack(to: anchor) {
        throw AuditKeeper.rewritten(anchor, now: try await snapshot.anchor(), in: "append to \(branch)")
      }
      let draft = try await draft(records, expecting: sequence, on: snapshot)
      guard let commit = draft.tip, commit != snapshot.tip else { return own.settled(draft.result(head: snapshot.tip)) }
      switch try await push(commit, expecting: snapshot.tip) {
      case .settled(.updated): return own.settled(draft.result(head: commit))
      case .settled(.rejected(let reason)):
        refusals += 1
        guard refusals < 3 else { throw refused(reason) }
        // A lock that another push holds for a moment is refused as a closed branch is: only asking again tells the two apart.
        try? await Task.sleep(for: .milliseconds(100 * refusals))
      case .settled(.lostRace):
        // Somebody else's records come first; what was to be appended is built anew on top of them.
        if attempt > 2 { try? await Task.sleep(for: .milliseconds(50 * attempt)) }
      case .unknown(let error): own.add(draft, because: error)
      }
    }
    throw PortError(.conflict, attempted: "push \(branch)", reason: "ten other pushes came first", hint: "the next run tries again")
  }

  private func refused(_ reason: String) -> PortError {
    PortError(
      .forbidden, attempted: "push \(branch)", reason: "the remote refused: \(reason)",
      hint: "let the bot push to this branch, or name another remote: audit.remote")
  }

  private enum Push {
    case settled(PushResult)
    /// Nobody knows yet whether it arrived: the next look at the tip tells.
    case unknown(PortError)
  }

  private func push(_ commit: ObjectID, expecting tip: ObjectID?) async throws(PortError) -> Push {
    do throws(GitError) {
      return .settled(try await remote.store.push(commit, to: try ref(), of: remote.access, expecting: tip, deadline: remote.deadline))
    } catch  where error.kind == .outcomeUnknown {
      return .unknown(PortError(error))
    } catch {
      throw PortError(error)
    }
  }

  /// The tip after pushes whose outcome is not known: where nobody can look, it stays unknown.
  private func snapshot(after own: UnsettledEntries) async throws(PortError) -> AuditSnapshot {
    do throws(PortError) {
      return try await snapshot()
    } catch {
      guard let doubt = own.doubt, error.isPassing else { throw error }
      throw PortError(
        .unknown, attempted: "push \(branch)", reason: "\(doubt.reason), and looking again failed: \(error.reason)",
        hint: "the next run looks again, and records nothing twice")
    }
  }

  private func ref() throws(GitError) -> RefName {
    guard let ref = RefName.branch(branch) else { throw GitError(.invalid, "name", on: branch, cause: "it is no branch name") }
    return ref
  }

  /// The branch as it is on the remote now.
  func snapshot() async throws(PortError) -> AuditSnapshot {
    let tip = try await asPort { () throws(GitError) -> ObjectID? in
      let ref = try ref()
      let listed = try await remote.store.listRefs(remote.access, prefixes: [ref.name], deadline: remote.deadline)
      guard let there = listed.refs[ref]?.target else { return nil }
      if try await remote.store.contains(there) { return there }
      return try await remote.store.fetch(remote.access, ref: ref, deadline: remote.deadline)
    }
    return AuditSnapshot(store: remote.store, tip: tip)
  }
}
