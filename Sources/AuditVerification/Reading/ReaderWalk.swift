import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// A trail that is being read, on the thread that reads.
struct ReaderWalk {
  let branch: TrailBranch
  private let objects: TrailObjects

  init(_ name: String, _ objects: CloneObjects) throws(GitError) {
    guard let branch = try TrailBranch(name, in: objects) else {
      throw GitError(.notFound, "find the branch", on: name, cause: "the repository has neither the branch nor a remote's")
    }
    self.branch = branch
    self.objects = TrailObjects(objects)
  }

  /// A commit with its parent's tree.
  struct Step {
    let id: ObjectID
    let raw: [UInt8]
    let header: CommitHeader
    var parentTree: ObjectID?
  }

  /// Calls with each commit, newest first, until told to stop.
  func forEach(_ body: (Step) throws(GitError) -> Bool) throws(GitError) {
    var next: Step? = try step(branch.tip)
    while let step = next {
      if Task.isCancelled { throw GitError(.cancelled, "read", on: step.id.hex) }
      objects.beginCommit()
      next = try step.header.parents.first.map { (parent) throws(GitError) in try self.step(parent) }
      var whole = step
      whole.parentTree = next?.header.tree
      guard try body(whole) else { return }
    }
  }

  private func step(_ id: ObjectID) throws(GitError) -> Step {
    let raw = try objects.commit(id)
    guard let header = CommitHeader(raw) else {
      throw GitError(.corrupt, "read commit", on: id.hex, cause: "it is no commit as git writes them")
    }
    return Step(id: id, raw: raw, header: header)
  }

  private func tipFiles() throws(GitError) -> TreeFiles { TreeFiles(root: try step(branch.tip).header.tree, objects: objects) }

  /// The record that a commit adds, with what belongs to it; nil where it adds none that is wanted.
  func entry(_ step: Step, ifWanted filter: AuditReader.Filter) throws(GitError) -> AuditReader.Entry? {
    let commit = try self.commit(step)
    guard let entry = commit.record else { return nil }
    switch entry.content {
    case .readable(let record): guard filter.wants(record) else { return nil }
    case .unknownSchema, .unreadable:
      // What cannot be read may be what is looked for.
      guard filter.services.isEmpty || filter.services.contains(where: { $0.text == entry.folder }) else { return nil }
    }
    return try self.entry(commit, entry)
  }

  /// The record of a change id: found by its path, then the commit that added it.
  func entry(_ change: ChangeID) throws(GitError) -> AuditReader.Entry? {
    let path = AuditTree.record(change.service, change.sequence)
    guard try tipFiles().item(path) != nil else { return nil }
    var found: AuditReader.Entry?
    try forEach { (step) throws(GitError) in
      // Records are never deleted: it was added by the first commit, going back, whose parent lacks it.
      guard try TreeFiles(root: step.parentTree, objects: objects).item(path) == nil else { return true }
      let commit = try self.commit(step)
      if let record = commit.record { found = try entry(commit, record) }
      return false
    }
    return found
  }

  private func commit(_ step: Step) throws(GitError) -> TrailCommit {
    try TrailCommit(
      step.id, number: 1, raw: step.raw, header: step.header, parentTree: step.parentTree, objects: objects, verdict: nil)
  }

  private func entry(_ commit: TrailCommit, _ entry: TrailRecord) throws(GitError) -> AuditReader.Entry {
    let record = entry.record
    var (plan, outcome, retry, override): (AuditRecord?, AuditRecord?, AuditRecord?, AuditRecord?)
    if let record, let rollout = record.rollout {
      plan = record.event == .plan ? record : try commit.after.record(.plan(of: rollout), of: record.service)
      if record.event == .plan {
        outcome = try tipFiles().record(.outcome(of: rollout), of: record.service)
      }
      if let plan {
        if let attempt = plan.plan?.attempt, attempt != CutoverPlan.firstAttempt { retry = try wish(attempt, of: plan, commit) }
        if let named = plan.override { override = try wish(named, of: plan, commit) }
      }
    }
    return AuditReader.Entry(
      commit: commit.id, path: entry.path, digest: entry.digest, content: entry.content, message: commit.header.message, raw: commit.raw,
      isSigned: commit.header.isSigned, plan: plan, outcome: outcome, retry: retry, override: override)
  }

  /// The retry or override that a plan names by its digest: among the records before it, the last ones first.
  private func wish(_ digest: String, of plan: AuditRecord, _ commit: TrailCommit) throws(GitError) -> AuditRecord? {
    for sequence in stride(from: plan.sequence - 1, to: max(0, plan.sequence - 1000), by: -1) {
      guard let bytes = try commit.after.bytes(AuditTree.record(plan.service, sequence), limit: TrailRecord.limit) else { return nil }
      let entry = TrailRecord(path: "", folder: plan.service.text, sequence: sequence, bytes: bytes)
      if entry.digest.description == digest { return entry.record }
    }
    return nil
  }
}
