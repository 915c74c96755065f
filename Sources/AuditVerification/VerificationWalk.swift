import AuditTrail
import GitStore
import ReleaseModel

/// One verification under way, on the thread that reads.
struct VerificationWalk {
  private let verifier: Verifier
  private let objects: CloneObjects
  private let trail: TrailObjects
  private let tags: ReleaseTags?
  private let checks: [any TrailCheck]
  private let progress: @Sendable (Int, Int) -> Void
  private var log: FindingLog
  private var state: TrailState
  private var report = VerificationReport()
  private var vouched: [String: Int] = [:]
  private var vouching: Vouching?

  init(
    _ verifier: Verifier, objects: CloneObjects, tags: ReleaseTags?, tell: @escaping @Sendable (Finding) -> Void,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) {
    self.verifier = verifier
    self.objects = objects
    self.tags = tags
    self.progress = progress
    trail = TrailObjects(objects)
    checks = verifier.checks(tags)
    log = FindingLog(tell: tell)
    state = verifier.question.checkpoint?.state ?? TrailState()
    vouching = (verifier.releasers ?? verifier.judge).map { _ in Vouching() }
  }

  mutating func run() throws(GitError) -> VerificationReport {
    report.without = verifier.without.sorted()
    report.knownHead = verifier.question.head
    report.releaseTags = tags?.tags.count
    guard let branch = try TrailBranch(verifier.question.branch, in: objects) else { return try missing() }
    (report.ref, report.tip) = (branch.ref.name, branch.tip)
    let checkpoint = verifier.question.checkpoint.flatMap { ObjectID(hex: $0.head) }
    let history = try TrailHistory(from: branch.tip, until: checkpoint, objects: trail, isShallow: objects.isShallow)
    if try begin(history, checkpoint, branch) {
      try follow(history.ids, from: checkpoint)
      try end(branch, history.ids)
    }
    return finished(branch)
  }

  /// A branch that is not there is a finding only for who knows that it was.
  private mutating func missing() throws(GitError) -> VerificationReport {
    let name = verifier.question.branch
    let isKnown = verifier.question.head != nil || verifier.question.checkpoint != nil || verifier.question.count != nil
    guard isKnown, !verifier.without.contains(Verifier.reading) else {
      throw GitError(.notFound, "find the branch", on: name, cause: "the repository has neither the branch nor a remote's")
    }
    log.add(.branchMissing, commit: nil, "there is no branch \(name)")
    return finished(nil)
  }

  /// Whether the trail can be followed from its beginning, or from the checkpoint.
  private mutating func begin(_ history: TrailHistory, _ checkpoint: ObjectID?, _ branch: TrailBranch) throws(GitError) -> Bool {
    if let (commit, reason) = history.broken {
      guard !verifier.without.contains(Verifier.reading) else { return false }
      log.add(.historyBroken, commit: commit, "the commit cannot be read: \(reason)")
      return false
    }
    guard let checkpoint else { return true }
    guard history.reachedEnd else {
      guard !verifier.without.contains(Verifier.reading) else { return false }
      log.add(
        .checkpointNotReached, commit: branch.tip, "\(branch.ref.short) does not lead back to \(checkpoint), where the checkpoint was made")
      return false
    }
    try resume(checkpoint)
    return true
  }

  /// The checkpoint's summary must be that of the commit it names.
  private mutating func resume(_ head: ObjectID) throws(GitError) {
    guard let checkpoint = verifier.question.checkpoint else { return }
    let sealed = try? checkpoint.sealedBytes
    let verdict: CommitVerdict =
      if let seal = verifier.seal {
        if let text = checkpoint.seal, let sealed { seal.verdict(on: sealed, seal: text) } else { .bad(reason: "it bears none") }
      } else {
        .unsigned
      }
    report.continued = .init(head: checkpoint.head, records: checkpoint.records, seal: verdict)
    if case .bad(let reason) = verdict { log.add(.signatureBad, commit: head, "the checkpoint's seal does not count: \(reason)") }
    if verifier.judge != nil, !checkpoint.isJudged {
      log.add(.checkpointUnjudged, commit: head, "nobody judged signatures when the checkpoint at \(head) was made")
    }
    guard let header = CommitHeader(try trail.commit(head)) else { return }
    let files = TreeFiles(root: header.tree, objects: trail)
    for witness in verifier.witnesses { try Recollection(files: files, commit: head).tell(witness, of: state.services) }
    for (service, known) in state.services.sorted(by: { $0.key < $1.key }) {
      let found = try files.value(LedgerHead.self, "services/\(service)/head.json", limit: TreeFiles.headLimit)
      guard found != known.deviation ?? known.head else { continue }
      log.add(.headMismatch, commit: head, "services/\(service)/head.json is not what the checkpoint says of this commit")
    }
  }

  private mutating func follow(_ ids: [ObjectID], from checkpoint: ObjectID?) throws(GitError) {
    var parentTree = try checkpoint.flatMap { (id) throws(GitError) in CommitHeader(try trail.commit(id))?.tree }
    for (offset, id) in ids.reversed().enumerated() {
      if Task.isCancelled { throw GitError(.cancelled, "verify", on: id.hex) }
      if offset.isMultiple(of: 500) { progress(offset, ids.count) }
      trail.beginCommit()
      parentTree = try inspect(id, parentTree)
    }
    progress(ids.count, ids.count)
  }

  /// Asks every check about one commit, and answers its tree.
  private mutating func inspect(_ id: ObjectID, _ parentTree: ObjectID?) throws(GitError) -> ObjectID? {
    report.commits += 1
    var tree = parentTree
    do throws(GitError) {
      let raw = try trail.commit(id)
      guard let header = CommitHeader(raw) else {
        throw GitError(.corrupt, "read commit", on: id.hex, cause: "it is no commit as git writes them")
      }
      tree = header.tree
      let verdict = verifier.judge?.verdict(on: raw)
      if case .good(let principal, _) = verdict { vouched[principal, default: 0] += 1 }
      let commit = try TrailCommit(
        id, number: state.commits + 1, raw: raw, header: header, parentTree: parentTree, objects: trail, verdict: verdict)
      for check in checks { try ask(check, commit) }
      if let record = commit.entry {
        for witness in verifier.witnesses { witness.hear(record, at: RecordAddress(commit: id, path: commit.record?.path ?? "")) }
      }
      try vouch(commit)
      try state.take(commit)
    } catch {
      try damaged(error, in: id, record: nil)
      state.skip()
    }
    return tree
  }

  private mutating func ask(_ check: any TrailCheck, _ commit: TrailCommit) throws(GitError) {
    do throws(GitError) {
      try check.inspect(commit, after: state, &log)
    } catch {
      try damaged(error, in: commit.id, record: commit.record?.path)
    }
  }

  private mutating func vouch(_ commit: TrailCommit) throws(GitError) {
    guard let judge = verifier.releasers ?? verifier.judge else { return }
    do throws(GitError) {
      try vouching?.take(commit, by: judge)
    } catch {
      try damaged(error, in: commit.id, record: commit.record?.path)
    }
  }

  /// What cannot be read is a finding; what keeps everything from being read is not.
  private mutating func damaged(_ error: GitError, in id: ObjectID, record: String?) throws(GitError) {
    switch error.kind {
    case .notFound, .corrupt, .tooLarge, .invalid, .protocol:
      guard !verifier.without.contains(Verifier.reading) else { return }
      // Several checks may need the same object.
      let what = "it cannot be read whole: \(error)"
      guard log.kept.last?.code != .objectDamaged || log.kept.last?.commit != id.hex else { return }
      log.add(.objectDamaged, commit: id, record: record, what)
    case .unreachable, .authentication, .emptyRepository, .timedOut, .cancelled, .rejected, .foreignOwner, .storage, .unsigned,
      .outcomeUnknown:
      throw error
    }
  }

  private mutating func end(_ branch: TrailBranch, _ ids: [ObjectID]) throws(GitError) {
    guard let header = CommitHeader(try trail.commit(branch.tip)) else { return }
    let objects = objects
    let end = TrailEnd(
      branch: branch, state: state, files: TreeFiles(root: header.tree, objects: trail), vouching: vouching, objects: objects,
      leadsTo: { (id) throws(GitError) in
        if ids.contains(id) { return true }
        guard (try? objects.header(of: id).kind) == .commit else { return false }
        return try objects.descends(branch.tip, from: id)
      })
    for ending in verifier.endings(tags) {
      do throws(GitError) {
        try ending.inspect(end, &log)
      } catch {
        try damaged(error, in: branch.tip, record: nil)
      }
    }
  }

  private mutating func finished(_ branch: TrailBranch?) -> VerificationReport {
    report.records = state.records
    report.services = state.services
    report.installation = state.installation
    if verifier.judge != nil { report.signatures = .checked(vouched) }
    (report.vouching, report.repeatsPolicy) = (vouching, verifier.policy != nil)
    report.tellsReleasersApart = verifier.releasers != nil
    (report.findings, report.counts, report.weights) = (log.kept, log.counts, log.weights)
    if let branch, log.counts[.historyBroken] == nil, log.counts[.checkpointNotReached] == nil {
      var counts = verifier.question.checkpoint?.findings ?? [:]
      for (code, count) in log.counts where code.severity > .notice { counts[code.rawValue, default: 0] += count }
      let isJudged = verifier.judge != nil && verifier.question.checkpoint?.isJudged ?? true
      report.checkpoint = Checkpoint(head: branch.tip, state: state, findings: counts, isJudged: isJudged)
    }
    return report
  }
}
