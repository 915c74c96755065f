package import Digests

/// One service's journal, a ConfigMap: where the service lives, how it goes back, and the open rollout with its steps.
///
/// Together with the marker it holds all that bake, rollback and the record need; Git is not asked for any of it.
package struct Journal: Sendable, Hashable, Codable {
  @Indirect package var target: ServiceTarget
  package var rollback: RollbackRules
  package var standby: StandbyRules
  /// The plan of what is live, for a rollback to a cold standby and for the standby's smoke checks; nil before the first promotion.
  @Indirect package var live: LiveRelease?
  @Indirect package var open: OpenRollout?
  /// Why what acts without the Service has not followed users yet, who went back: it may be of a release that nothing else here tells of. Nil where
  /// it has, or there was nothing.
  package var handOverLeft: String?

  package init(target: ServiceTarget, rollback: RollbackRules, standby: StandbyRules, live: LiveRelease? = nil, open: OpenRollout? = nil) {
    self.target = target
    self.rollback = rollback
    self.standby = standby
    self.live = live
    self.open = open
  }
}

/// Where a service is found.
package struct ServiceTarget: Sendable, Hashable, Codable {
  package var service: ServiceName
  package var cluster: String
  package var namespace: String
  package var activeService: String
  package var previewService: String

  package init(service: ServiceName, cluster: String, namespace: String, activeService: String, previewService: String) {
    self.service = service
    self.cluster = cluster
    self.namespace = namespace
    self.activeService = activeService
    self.previewService = previewService
  }
}

/// What the last promoted rollout left: all that going back from it needs.
package struct LiveRelease: Sendable, Hashable, Codable {
  package var rollout: RolloutID
  @Indirect package var plan: CutoverPlan
  /// The manifests' replicas by Deployment; nil where that is unknown, since the journal was built anew.
  package var replicas: [String: Int]?
  /// The sizes that the standby had when it was left, by Deployment.
  package var standbySizes: [String: Int]
  /// The sizes that it was left with itself, by Deployment; nil where that is unknown.
  package var sizes: [String: Int]?
  /// What its Deployments asked for when all their pods were ready, by Deployment and container; nil where that is unknown.
  package var images: [String: [String: String]]?
  /// The rollout and plan that were live before: what the standby is.
  @Indirect package var before: Before?
  /// What the warm standby costs since the outcome; nil where that is unknown, or there is none.
  @Indirect package var doubling: DoublingMeter?

  package init(
    rollout: RolloutID, plan: CutoverPlan, replicas: [String: Int]?, standbySizes: [String: Int], sizes: [String: Int]? = nil,
    images: [String: [String: String]]? = nil, before: Before?, doubling: DoublingMeter? = nil
  ) {
    self.rollout = rollout
    self.plan = plan
    self.replicas = replicas
    self.standbySizes = standbySizes
    self.sizes = sizes
    self.images = images
    self.before = before
    self.doubling = doubling
  }

  /// What its standby has cost until an instant; nil where that is not known.
  /// - Parameter rollout: the one that the marker says is live.
  package func doubled(until end: Timestamp, as rollout: RolloutID?) -> DoublingCost? {
    rollout == self.rollout ? doubling?.total(until: end)?.rounded : nil
  }

  /// A release that is not live any more.
  package struct Before: Sendable, Hashable, Codable {
    package var rollout: RolloutID
    @Indirect package var plan: CutoverPlan
    package var replicas: [String: Int]?
    /// As of the live release.
    package var images: [String: [String: String]]?

    package init(rollout: RolloutID, plan: CutoverPlan, replicas: [String: Int]?, images: [String: [String: String]]? = nil) {
      self.rollout = rollout
      self.plan = plan
      self.replicas = replicas
      self.images = images
    }
  }
}

/// The rollout that is under way.
package struct OpenRollout: Sendable, Hashable, Codable {
  package var id: RolloutID
  @Indirect package var plan: CutoverPlan
  package var planDigest: Digest
  package var announcedAt: Timestamp
  /// The commit on the audit branch that holds the plan; nil until it is pushed.
  package var planCommit: String?
  /// What was released, in the tag's words.
  @Indirect package var facts: TagFacts
  package var steps: [StepRecord]
  /// The active color's present sizes that the new color was given, by Deployment without the color's suffix.
  package var sizes: [String: Int]
  /// How much of the bake was watched, in milliseconds.
  package var bakedMs: Int
  package var cutover: CutoverRecord?
  /// What the new color's pods really ran when all of them were ready.
  package var images: [RunningImage]
  /// What the new color's Deployments asked for then, by Deployment and container; nil where that was not seen.
  package var asked: [String: [String: String]]?
  /// The spans in which nobody watched, for the record.
  package var interruptions: [Interruption]
  /// When the process that works on it last wrote; the gap to the next one's start is an interruption.
  package var touchedAt: Timestamp
  /// The manifests' replicas by Deployment, to tell later whether a release changes them; nil where that is unknown.
  package var replicas: [String: Int]?
  /// The sizes of the color that is left, as they were just before the flip.
  package var standbySizes: [String: Int]
  /// Lower tags that the plan supersedes once it is committed, by whichever run.
  package var superseded: [ReleaseTag]
  /// The sequence of the service's records on which the decision rested.
  package var sequence: Int
  /// What happened to it that its record must tell besides: a journal that was built anew, leftovers that were taken away.
  package var remarks: [String]
  /// The digest of the record of the override that lets it begin although a freeze holds.
  package var override: String?
  /// Steps of a journal that did not bear the installation's seal and was built anew.
  package var claimed: [StepRecord]
  /// What two colors cost; nil for a first release, and where the journal was built anew.
  @Indirect package var doubling: DoublingMeter?

  package init(
    id: RolloutID, plan: CutoverPlan, planDigest: Digest, announcedAt: Timestamp, facts: TagFacts, sequence: Int, superseded: [ReleaseTag]
  ) {
    self.id = id
    self.plan = plan
    self.planDigest = planDigest
    self.announcedAt = announcedAt
    self.planCommit = nil
    self.facts = facts
    self.steps = []
    self.sizes = [:]
    self.bakedMs = 0
    self.cutover = nil
    self.images = []
    self.asked = nil
    self.interruptions = []
    self.touchedAt = announcedAt
    self.replicas = [:]
    self.standbySizes = [:]
    self.superseded = superseded
    self.sequence = sequence
    self.remarks = []
    self.override = nil
    self.claimed = []
    self.doubling = nil
  }
}

/// A span of a rollout in which no process worked on it.
package struct Interruption: Sendable, Hashable, Codable {
  package var step: Step
  package var ms: Int

  package init(step: Step, ms: Int) {
    self.step = step
    self.ms = ms
  }
}
