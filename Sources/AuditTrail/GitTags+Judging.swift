import GitStore
package import ReleaseEngine
package import ReleaseModel
import Signatures

// What the settings ask of a tag.
extension GitTags {
  package func judge(_ facts: TagFacts, by rule: TagRule, at now: Timestamp) async throws(PortError) -> TagVerdict {
    let tag = facts.tag
    guard let object = ObjectID(hex: tag.object), let commit = ObjectID(hex: facts.commit) else {
      throw PortError(.invalid, attempted: "judge tag \(tag.name)", reason: "its object id is malformed")
    }
    if rule.requirement != .any && !facts.isAnnotated {
      return .refused(
        "\(tag.name) is a lightweight tag, which nobody vouches for: the settings ask for \(rule.requirement.words)", TagJudgement(at: now))
    }
    if rule.onBranch, try await !isOnBranch(commit) {
      return .refused("commit \(facts.commit.prefix(12)) is not on \(branch), which the settings ask for", TagJudgement(at: now))
    }
    guard rule.requirement == .signed || rule.signedCommit else { return .accepted(nil, TagJudgement(at: now)) }
    let raw = try await asPort { () throws(GitError) in (try await rawTag(object), try await remote.store.rawCommit(commit)) }
    return try await remote.store.wait { () throws(PortError) -> TagVerdict in
      let judge = try TagJudge(rule, at: now)
      var signature: TagSignature?
      if rule.requirement == .signed {
        // What is no tag object has been refused above.
        switch try judge.verdict(on: SignedObject(tag: raw.0 ?? []), called: "tag \(tag.name)") {
        case .success(let found): signature = found
        case .failure(let refusal): return .refused(refusal.reason, judge.judgement)
        }
      }
      if rule.signedCommit,
        case .failure(let refusal) = try judge.verdict(
          on: SignedObject(commit: raw.1), called: "commit \(facts.commit.prefix(12))")
      {
        return .refused(refusal.reason, judge.judgement)
      }
      return .accepted(signature, judge.judgement)
    }
  }

  private func rawTag(_ id: ObjectID) async throws(GitError) -> [UInt8]? {
    if case .annotated(let tag) = try await remote.store.tag(id) { tag.raw } else { nil }
  }

  private func isOnBranch(_ commit: ObjectID) async throws(PortError) -> Bool {
    guard let ref = RefName.branch(branch) else {
      throw PortError(.invalid, attempted: "look for a commit on \(branch)", reason: "it is no branch name")
    }
    return try await asPort { () throws(GitError) in
      let listed = try await remote.store.listRefs(remote.access, prefixes: [ref.name], deadline: remote.deadline)
      guard let tip = listed.refs[ref]?.target else { return false }
      if try await !remote.store.contains(tip) {
        _ = try await remote.store.fetch(remote.access, ref: ref, deadline: remote.deadline)
      }
      return try await remote.store.descends(tip, from: commit)
    }
  }
}

extension TagRule.Requirement {
  fileprivate var words: String {
    switch self {
    case .any: "any tag"
    case .annotated: "annotated ones"
    case .signed: "signed ones"
    }
  }
}
