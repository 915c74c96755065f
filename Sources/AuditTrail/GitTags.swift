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
      case .annotated(let annotated): return try facts(tag, annotated)
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
    guard let header = CommitHeader(try await remote.store.rawCommit(id)) else {
      throw GitError(.invalid, "read tag", on: tag.name, cause: "what it names is no commit as git writes them")
    }
    return TagFacts(tag, commit: id, header)
  }

  private func facts(_ tag: ReleaseTag, _ annotated: TagObject) throws(GitError) -> TagFacts {
    guard let header = TagHeader(annotated.raw) else {
      throw GitError(.invalid, "read tag", on: tag.name, cause: "it is no tag as git writes them")
    }
    guard header.name == Array(tag.name.utf8) else {
      throw GitError(
        .invalid, "read tag", on: tag.name, cause: "the tag object says that it is \(String(decoding: header.name, as: UTF8.self))")
    }
    guard header.targetType == .commit else {
      throw GitError(.invalid, "read tag", on: tag.name, cause: "it tags a \(header.targetType.rawValue), not a commit")
    }
    return TagFacts(tag, header)
  }
}
