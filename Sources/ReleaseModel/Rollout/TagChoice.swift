/// Which of a service's undecided release tags is released, and what becomes of the others. A pure decision over names and versions.
package struct TagChoice: Sendable, Hashable {
  /// The tag to release; nil where none is.
  package var chosen: ReleaseTag?
  /// Tags that get no rollout for a reason of their own.
  package var refused: [Refusal]
  /// Lower undecided tags that the chosen one's plan supersedes for good.
  package var superseded: [ReleaseTag]

  package struct Refusal: Sendable, Hashable {
    package var tag: ReleaseTag
    package var reason: String
    /// By what the tag's signature was judged, where that is why.
    package var judgement: TagJudgement?

    package init(tag: ReleaseTag, reason: String, judgement: TagJudgement? = nil) {
      self.tag = tag
      self.reason = reason
      self.judgement = judgement
    }
  }

  /// The decision on the tags of one service.
  ///
  /// - Parameters:
  ///   - tags: every release tag of the service that exists now.
  ///   - ledger: what was decided before.
  ///   - live: the version that users are on.
  ///   - prereleases: whether the plan releases prereleases. Without it they are refused.
  package init(tags: [ReleaseTag], ledger: ServiceLedger, live: Version?, prereleases: Bool) {
    chosen = nil
    refused = []
    superseded = []
    var candidates: [ReleaseTag] = []
    // Names settle what precedence leaves open: the order of the listing decides nothing.
    let tags = tags.sorted { $0.version.hasEqualPrecedence(to: $1.version) ? $0.name < $1.name : $0.version < $1.version }
    for tag in tags {
      switch TagChoice.judgement(of: tag, among: tags, ledger: ledger, live: live, prereleases: prereleases) {
      case .decided: continue
      case .refused(let reason): refused.append(Refusal(tag: tag, reason: reason))
      case .candidate: candidates.append(tag)
      }
    }
    chosen = candidates.popLast()
    superseded = candidates
  }

  /// The choice where somebody asked for one tag by a retry: it supersedes the undecided ones below it too; those above it, and refusals, are
  /// left for the next decision.
  package func giving(wayTo tag: ReleaseTag) -> TagChoice {
    var choice = self
    choice.chosen = tag
    choice.refused = []
    choice.superseded = (superseded + [chosen].compactMap(\.self)).filter { $0.version < tag.version }
    return choice
  }

  private enum Judgement {
    case decided
    case refused(String)
    case candidate
  }

  private static func judgement(
    of tag: ReleaseTag, among tags: [ReleaseTag], ledger: ServiceLedger, live: Version?, prereleases: Bool
  ) -> Judgement {
    if let decision = ledger.decisions[tag.name] {
      if decision.isSettled(naming: tag.object) { return .decided }
      if let gone = decision.gone { return .refused("the tag was gone at \(gone) and was pushed again; push a new version") }
      return .refused("the tag moved: it named \(decision.object.prefix(12)) when it was first seen and names \(tag.object.prefix(12)) now")
    }
    if let twin = tags.first(where: { $0.name != tag.name && $0.version.hasEqualPrecedence(to: tag.version) }) {
      return .refused("\(twin.name) has equal precedence (build metadata has no order); push a version that is higher than both")
    }
    if let reason = ledger.quarantine[tag.version] { return .refused("\(tag.version) is quarantined: \(reason)") }
    if tag.version.isPrerelease && !prereleases {
      return .refused("\(tag.version) is a prerelease and the plan does not say prereleases: true")
    }
    if let live, !(live < tag.version) {
      return .refused("not above what is live (\(live)); to bring it back all the same: tagflip retry \(tag.service) \(tag.version)")
    }
    return .candidate
  }
}
