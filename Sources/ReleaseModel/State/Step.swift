/// The steps of a rollout, in the order in which they can occur.
package enum Step: String, Sendable, Hashable, Codable, CaseIterable {
  case verify
  case headroom
  case plan
  case deploy
  case smoke
  case approve
  case cutover
  case bake
  case promote
  case rollback
  case retire
}

extension Step: CustomStringConvertible {
  package var description: String { rawValue }
}

/// What one step did, and how long it took.
package struct StepRecord: Sendable, Hashable, Codable {
  package enum Result: String, Sendable, Hashable, Codable {
    case passed
    case failed
    /// Not evidenced either way; never counted as passed.
    case unknown
    case skipped
  }

  package var step: Step
  package var startedAt: Timestamp
  /// Milliseconds, measured by the local monotonic clock.
  package var ms: Int
  package var result: Result
  /// For people: one line.
  package var detail: String
  /// What the gate's checks found.
  package var checks: [CheckResult]

  package init(step: Step, startedAt: Timestamp, ms: Int, result: Result, detail: String, checks: [CheckResult] = []) {
    self.step = step
    self.startedAt = startedAt
    self.ms = ms
    self.result = result
    self.detail = detail
    self.checks = checks
  }
}

/// An image as pods report it (`imageID` of a container's status), not as a manifest names it.
package struct RunningImage: Sendable, Hashable, Codable {
  /// The Deployment, without the color's suffix.
  package var workload: String
  /// `registry.example/web@sha256:…`.
  package var id: String

  package init(workload: String, id: String) {
    self.workload = workload
    self.id = id
  }

  /// The image's digest, 64 hexadecimal digits; nil where the id has none.
  package var sha256: String? {
    guard let mark = id.ranges(of: "sha256:").last else { return nil }
    let hex = id[mark.upperBound...]
    return hex.utf8.count == 64 && hex.allSatisfy(\.isHexDigit) ? hex.lowercased() : nil
  }
}

/// What the flip measured. Where users reached both colors first, `at` and `patchMs` are of the PATCH that opened the overlap.
package struct CutoverRecord: Sendable, Hashable, Codable {
  /// When the PATCH was acknowledged, by the API server's clock: users reach the new color from then on.
  package var at: Timestamp
  /// From sending the PATCH to its answer, in milliseconds.
  package var patchMs: Int
  /// From sending the PATCH (the one that left the new color alone) until every EndpointSlice held exactly the new color's pods, in
  /// milliseconds; nil when that was not seen.
  package var convergedMs: Int?
  /// The addresses that the slices held then.
  package var endpoints: Int?
  /// How established connections were moved, where the plan asks for it and the bake came to its end; nil otherwise.
  package var connections: ConnectionsMoved?
  /// How long users reached both colors, and what was seen meanwhile; nil for one atomic flip.
  @Indirect package var overlap: OverlapRecord?

  package init(
    at: Timestamp, patchMs: Int, convergedMs: Int? = nil, endpoints: Int? = nil, connections: ConnectionsMoved? = nil,
    overlap: OverlapRecord? = nil
  ) {
    self.at = at
    self.patchMs = patchMs
    self.convergedMs = convergedMs
    self.endpoints = endpoints
    self.connections = connections
    self.overlap = overlap
  }

  /// From when on users were to reach the new color alone, as far as that is known.
  package var aloneAt: Timestamp { overlap?.narrowedAt ?? at }
}

/// How established connections were moved: by replacing the pods of the color that was left.
package struct ConnectionsMoved: Sendable, Hashable, Codable {
  /// Pods that began after the flip.
  package var replaced: Int
  /// All pods of the color.
  package var pods: Int
  /// Why it ended before all were replaced; nil where all were.
  package var stopped: String?

  package init(replaced: Int, pods: Int, stopped: String? = nil) {
    self.replaced = replaced
    self.pods = pods
    self.stopped = stopped
  }
}

/// What a release tag says about itself. Nothing in it is trusted: without a verified signature it is a claim.
package struct TagFacts: Sendable, Hashable, Codable {
  package var tag: ReleaseTag
  package var commit: String
  package var isAnnotated: Bool
  /// `Name <email>`, as the tag object, or the commit of a lightweight tag, claims.
  package var tagger: String?
  package var taggedAt: Timestamp?
  /// Bounded and free of control characters.
  package var message: String
  /// Who signed it, where the settings asked for a signature and it was verified; nil otherwise, whatever the tag claims.
  package var signature: TagSignature?
  /// By what it was judged; nil where no rule of the settings holds for the service, or it was not judged yet.
  @Indirect package var judgement: TagJudgement?

  package init(
    tag: ReleaseTag, commit: String, isAnnotated: Bool, tagger: String?, taggedAt: Timestamp?, message: String,
    signature: TagSignature? = nil, judgement: TagJudgement? = nil
  ) {
    self.tag = tag
    self.commit = commit
    self.isAnnotated = isAnnotated
    self.tagger = tagger
    self.taggedAt = taggedAt
    self.message = message
    self.signature = signature
    self.judgement = judgement
  }
}
