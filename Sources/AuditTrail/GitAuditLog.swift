package import GitStore
package import ReleaseEngine
package import ReleaseModel

/// The audit branch, in Git terms: one commit for each record, made without a work tree, pushed with compare-and-swap, rebuilt on the new tip
/// when the race is lost.
package struct GitAuditLog: AuditLog {
  let remote: GitRemote
  let branch: String
  let author: (name: String, email: String)
  /// Signs each commit; nil leaves them unsigned.
  let sign: GitStore.Signer?
  /// Seconds since 1970 for records that carry no time.
  let now: @Sendable () -> Int64

  package init(
    remote: GitRemote, settings: AuditSettings, sign: GitStore.Signer? = nil, now: @escaping @Sendable () -> Int64
  ) {
    self.remote = remote
    branch = settings.branch
    author = (settings.authorName, settings.authorEmail)
    self.sign = sign
    self.now = now
  }

  package func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger {
    let snapshot = try await snapshot()
    let head = try await snapshot.head(service)
    guard head.sequence > 0 else { return ServiceLedger() }
    var decisions: [String: TagDecision] = [:]
    let noted = try await snapshot.value([String: String].self, AuditTree.noted(service)) ?? [:]
    for tag in tags {
      if let decision = try await snapshot.value(TagDecision.self, AuditTree.tag(service, tag.name)) {
        decisions[tag.name] = decision
      } else if let object = noted[tag.name] {
        decisions[tag.name] = TagDecision(kind: .noted, object: object, firstSeen: nil, sequence: 1)
      }
    }
    return ServiceLedger(
      sequence: head.sequence, last: head.last, decisions: decisions,
      quarantine: Dictionary(head.quarantine.compactMap { text, reason in Version(text).map { ($0, reason) } }) { first, _ in first },
      retries: head.retries, lastPlan: head.lastPlan, lastPlanHasOutcome: head.lastPlanHasOutcome)
  }

  package func last(of service: ServiceName) async throws(PortError) -> AuditRecord? {
    let snapshot = try await snapshot()
    let head = try await snapshot.head(service)
    return try await snapshot.value(AuditRecord.self, AuditTree.record(service, head.sequence))
  }

  package func append(_ records: [AuditRecord], expecting sequence: Int?) async throws(PortError) -> AppendResult {
    for attempt in 0..<10 {
      let snapshot = try await snapshot()
      let draft = try await draft(records, expecting: sequence, on: snapshot)
      guard let commit = draft.tip, commit != snapshot.tip else { return draft.result(head: snapshot.tip) }
      switch try await push(commit, expecting: snapshot.tip) {
      case .updated: return draft.result(head: commit)
      case .rejected(let reason):
        throw PortError(
          .forbidden, attempted: "push \(branch)", reason: "the remote refused: \(reason)",
          hint: "let the bot push to this branch, or name another remote: audit.remote")
      case .lostRace:
        // Somebody else's records come first; what was to be appended is built anew on top of them.
        if attempt > 2 { try? await Task.sleep(for: .milliseconds(50 * attempt)) }
      }
    }
    throw PortError(.conflict, attempted: "push \(branch)", reason: "ten other pushes came first", hint: "the next run tries again")
  }

  /// A push whose outcome is unknown is a lost race: the next look at the tip tells whether the records are there.
  private func push(_ commit: ObjectID, expecting tip: ObjectID?) async throws(PortError) -> PushResult {
    do throws(GitError) {
      return try await remote.store.push(commit, to: try ref(), of: remote.access, expecting: tip, deadline: remote.deadline)
    } catch  where error.kind == .outcomeUnknown {
      return .lostRace(current: nil)
    } catch {
      throw PortError(error)
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
