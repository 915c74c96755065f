import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// A trail that is being read, on the thread that reads.
struct ReaderWalk {
  let branch: TrailBranch
  private let objects: TrailObjects
  private let judge: (any CommitJudge)?
  private var line: CommitLine

  /// - Parameter judge: who says whose signatures count; nil to ask nobody.
  init(_ name: String, _ objects: CloneObjects, judge: (any CommitJudge)?) throws(GitError) {
    guard let branch = try TrailBranch(name, in: objects) else {
      throw GitError(.notFound, "find the branch", on: name, cause: "the repository has neither the branch nor a remote's")
    }
    self.branch = branch
    self.objects = TrailObjects(objects)
    self.judge = judge
    line = CommitLine(from: branch.tip, objects: self.objects, isShallow: objects.isShallow)
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

  /// The record of a change id: found by its path, then the commit that brought it by halving the history; nil where the branch has no such record.
  mutating func entry(_ change: ChangeID) throws(GitError) -> AuditReader.Entry? {
    let path = AuditTree.record(change.service, change.sequence)
    guard try tipFiles().item(path) != nil else { return nil }
    let objects = objects
    let distance = try line.distance(bringing: { (tree) throws(GitError) in
      objects.beginCommit()
      return try TreeFiles(root: tree, objects: objects).item(path) != nil
    })
    guard let found = try line.entry(at: distance) else { return nil }
    let commit = try self.commit(found.id, before: try line.entry(at: distance + 1)?.tree)
    return try commit.record.map { (record) throws(GitError) in try entry(commit, record) }
  }

  private func commit(_ id: ObjectID, before parentTree: ObjectID?) throws(GitError) -> TrailCommit {
    objects.beginCommit()
    var step = try self.step(id)
    step.parentTree = parentTree
    return try commit(step)
  }

  /// The records of what a text names: a rollout, a tag, or the beginning of a commit's id. Oldest first of each service.
  mutating func changes(named text: String) throws(GitError) -> [ChangeID] {
    try changes(holding: text) + changes(ofCommit: text)
  }

  /// Records that name a rollout or tag, of the tip's own files: as many are read as there are records, and only those that hold the text are taken apart.
  private func changes(holding text: String) throws(GitError) -> [ChangeID] {
    guard let needle = try? CanonicalJSON.bytes(of: text) else { return [] }
    let files = try tipFiles()
    var found: [ChangeID] = []
    for folder in try files.children(of: "services") where folder.kind == .directory {
      guard let service = ServiceName(String(decoding: folder.name, as: UTF8.self)) else { continue }
      try files.forEach(under: "services/\(service)/records") { (path, item) throws(GitError) in
        if Task.isCancelled { throw GitError(.cancelled, "read", on: path) }
        guard case .record(_, let sequence) = TrailPath(Array(path.utf8)), item.kind == .file else { return }
        let bytes = try objects.blob(item.id, limit: TrailRecord.limit)
        guard bytes.hold(needle), case .readable(let record) = TrailRecord.content(bytes) else { return }
        let names = [record.rollout?.text, record.tag?.tag.name].compactMap(\.self)
        if names.contains(text) { found.append(ChangeID(service: service, sequence: sequence)) }
      }
    }
    return found
  }

  /// The record that a commit adds whose id begins so, in seven digits at least.
  private mutating func changes(ofCommit text: String) throws(GitError) -> [ChangeID] {
    guard (7...40).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      return []
    }
    var (distance, found): (Int, [ChangeID]) = (0, [])
    while let entry = try line.entry(at: distance) {
      distance += 1
      guard entry.id.hex.hasPrefix(text) else { continue }
      let commit = try commit(entry.id, before: try line.entry(at: distance)?.tree)
      guard let record = commit.record, let service = ServiceName(record.folder) else { continue }
      found.append(ChangeID(service: service, sequence: record.sequence))
    }
    return found.reversed()
  }

  private func commit(_ step: Step) throws(GitError) -> TrailCommit {
    try TrailCommit(
      step.id, number: 1, raw: step.raw, header: step.header, parentTree: step.parentTree, objects: objects,
      verdict: judge?.verdict(on: step.raw))
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
      commit: commit.id, path: entry.path, digest: entry.digest, content: entry.content, message: commit.header.message,
      isSigned: commit.header.isSigned, verdict: commit.verdict, plan: plan, outcome: outcome, retry: retry, override: override)
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

extension [UInt8] {
  /// Whether other bytes are among these, one after the other.
  fileprivate func hold(_ other: [UInt8]) -> Bool {
    guard let first = other.first, other.count <= count else { return other.isEmpty }
    for start in 0...(count - other.count) where self[start] == first {
      if self[start..<start + other.count].elementsEqual(other) { return true }
    }
    return false
  }
}
