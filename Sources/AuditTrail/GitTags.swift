import Digests
import GitStore
package import ReleaseEngine
package import ReleaseModel

/// The release repo's tags, in Git terms.
package struct GitTags: TagSource {
  let remote: GitRemote
  let branch: String
  private let auditBranch: String?
  /// Where the audit branch lives; nil for the same repository.
  private let auditRemote: GitRemote?

  /// - Parameter auditRemote: where the audit branch lives, unless it is the release repo.
  package init(remote: GitRemote, branch: String, auditBranch: String?, auditRemote: GitRemote? = nil) {
    self.remote = remote
    self.branch = branch
    self.auditBranch = auditBranch
    self.auditRemote = auditRemote
  }

  package func listing() async throws(PortError) -> ReleaseEngine.RefListing {
    async let elsewhere = tipElsewhere()
    let heads = ["refs/heads/\(branch)"] + (auditBranch.map { ["refs/heads/\($0)"] } ?? [])
    let listed = try await asPort { () throws(GitError) in
      try await remote.store.listRefs(remote.access, prefixes: ["refs/tags/"] + heads, deadline: remote.deadline)
    }
    func tip(_ name: String) -> String? { RefName.branch(name).flatMap { listed.refs[$0]?.target.hex } }
    let tags = listed.refs.compactMap { name, entry -> ReleaseEngine.RefListing.Tag? in
      name.name.hasPrefix("refs/tags/") ? .init(name: String(name.name.dropFirst(10)), object: entry.target.hex) : nil
    }.sorted { $0.name < $1.name }
    let branchTip = tip(branch)
    // The audit branch's tip is left out: the bot's own commits are no news.
    var lines = tags.map { "\($0.object) \($0.name)" }
    lines.append("\(branchTip ?? "none") \(branch)")
    let auditTip = auditRemote == nil ? auditBranch.flatMap(tip) : try await elsewhere.get()
    return ReleaseEngine.RefListing(
      tags: tags, branchTip: branchTip, auditTip: auditTip, digest: Digest(of: Array(lines.joined(separator: "\n").utf8)))
  }

  /// The audit branch's tip in a repository of its own. Whether somebody rewrote it cannot wait for the next release.
  private func tipElsewhere() async -> Result<String?, PortError> {
    guard let auditRemote, let ref = auditBranch.flatMap(RefName.branch) else { return .success(nil) }
    do throws(GitError) {
      let listed = try await auditRemote.store.listRefs(auditRemote.access, prefixes: [ref.name], deadline: auditRemote.deadline)
      return .success(listed.refs[ref]?.target.hex)
    } catch {
      return .failure(PortError(error))
    }
  }

  package func facts(of tag: ReleaseTag) async throws(PortError) -> TagFacts {
    guard let ref = RefName.tag(tag.name), let wanted = ObjectID(hex: tag.object) else {
      throw PortError(.invalid, attempted: "read tag \(tag.name)", reason: "its name or object id is malformed")
    }
    let object = try await fetched(ref, wanted)
    guard object == wanted else {
      throw PortError(
        .invalid, attempted: "read tag \(tag.name)", reason: "it moved from \(wanted.hex.prefix(12)) to \(object.hex.prefix(12)) just now")
    }
    return try await asPort { () throws(GitError) in
      switch try await remote.store.tag(object) {
      case .lightweight(let commit): return try await lightweight(tag, commit)
      case .annotated(let annotated): return try await facts(tag, annotated)
      }
    }
  }

  private func fetched(_ ref: RefName, _ wanted: ObjectID) async throws(PortError) -> ObjectID {
    try await asPort { () throws(GitError) in
      if try await remote.store.contains(wanted) { return wanted }
      return try await remote.store.fetch(remote.access, ref: ref, deadline: remote.deadline)
    }
  }

  private func lightweight(_ tag: ReleaseTag, _ id: ObjectID) async throws(GitError) -> TagFacts {
    let commit = try await remote.store.commit(id)
    return TagFacts(
      tag: tag, commit: id.hex, isAnnotated: false, tagger: commit.author.words, taggedAt: commit.author.timestamp,
      message: PlainText.line(commit.subject, longest: 200).bounded(bytes: 800))
  }

  private func facts(_ tag: ReleaseTag, _ annotated: TagObject) async throws(GitError) -> TagFacts {
    guard annotated.name == tag.name else {
      throw GitError(.invalid, "read tag", on: tag.name, cause: "the tag object says that it is \(annotated.name)")
    }
    guard annotated.targetType == .commit else {
      throw GitError(.invalid, "read tag", on: tag.name, cause: "it tags a \(annotated.targetType.rawValue), not a commit")
    }
    let message =
      annotated.signature.map { String(annotated.message.dropLast(min($0.count, annotated.message.count))) } ?? annotated.message
    return TagFacts(
      tag: tag, commit: annotated.target.hex, isAnnotated: true, tagger: annotated.tagger?.words, taggedAt: annotated.tagger?.timestamp,
      message: PlainText.block(message, longest: 300, lines: 40).joined(separator: "\n").bounded(bytes: 16 << 10))
  }
}

extension Authorship {
  fileprivate var words: String { PlainText.line("\(name) <\(email)>", longest: 200).bounded(bytes: 800) }

  /// Nil for a date that no calendar has: whoever tags can claim any number of seconds.
  fileprivate var timestamp: Timestamp? {
    (0...253_402_300_799).contains(seconds) ? Timestamp(milliseconds: seconds * 1000) : nil
  }
}

extension String {
  /// The beginning that fits into so many bytes: one character can have any number of marks, so that counting characters bounds nothing.
  fileprivate func bounded(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var kept = UnicodeScalarView()
    var left = limit - "…".utf8.count
    for scalar in unicodeScalars {
      left -= UTF8.width(scalar)
      guard left >= 0 else { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}
