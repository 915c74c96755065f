/// What a finding is, for machines: codes are added, never renamed.
package enum FindingCode: String, Sendable, Hashable, Codable, CaseIterable {
  // History
  case historyBroken = "history-broken"
  case historyCut = "history-cut"
  case mergeCommit = "merge-commit"
  case noRecord = "no-record"
  case severalRecords = "several-records"
  case fileModified = "file-modified"
  case fileDeleted = "file-deleted"
  case unexpectedFile = "unexpected-file"
  case objectDamaged = "object-damaged"
  // The commit's words
  case messageDiffers = "message-differs"
  case trailersDiffer = "trailers-differ"
  case unexpectedHeader = "unexpected-header"
  case authorDiffers = "author-differs"
  case commitTimeDiffers = "commit-time-differs"
  case signatureMissing = "signature-missing"
  case signatureBad = "signature-bad"
  case signerChanged = "signer-changed"
  // The record
  case recordUnreadable = "record-unreadable"
  case recordNotCanonical = "record-not-canonical"
  case trailResealed = "trail-resealed"
  case attestationDiffers = "attestation-differs"
  case attestationBad = "attestation-bad"
  case unknownSchema = "unknown-schema"
  case recordInconsistent = "record-inconsistent"
  case planDigestMismatch = "plan-digest-mismatch"
  case serviceMismatch = "service-mismatch"
  case serviceNameInvalid = "service-name-invalid"
  case installationDiffers = "installation-differs"
  case clusterDiffers = "cluster-differs"
  case timeBackwards = "time-backwards"
  // The chain
  case sequenceGap = "sequence-gap"
  case sequenceReused = "sequence-reused"
  case previousMismatch = "previous-mismatch"
  case headMismatch = "head-mismatch"
  case countMismatch = "count-mismatch"
  case keyMismatch = "key-mismatch"
  case recordedTwice = "recorded-twice"
  case changedMismatch = "changed-mismatch"
  // Rollouts
  case outcomeWithoutPlan = "outcome-without-plan"
  case outcomeTwice = "outcome-twice"
  case outcomeMissing = "outcome-missing"
  case outcomeDiffers = "outcome-differs"
  case fromMismatch = "from-mismatch"
  case rolloutOpen = "rollout-open"
  // Decisions on tags
  case tagDecisionMismatch = "tag-decision-mismatch"
  case notedMismatch = "noted-mismatch"
  case quarantinedPlanned = "quarantined-planned"
  case decidedBefore = "decided-before"
  case supersededPlanned = "superseded-planned"
  case movedTagPlanned = "moved-tag-planned"
  case retryUnknown = "retry-unknown"
  // What records rest on
  case exhibitMissing = "exhibit-missing"
  case exhibitLost = "exhibit-lost"
  case exhibitAltered = "exhibit-altered"
  case environmentMismatch = "environment-mismatch"
  // The tag's own bytes
  case tagObjectMismatch = "tag-object-mismatch"
  case tagObjectMalformed = "tag-object-malformed"
  case tagNameMismatch = "tag-name-mismatch"
  case tagTargetMismatch = "tag-target-mismatch"
  case tagFactsMismatch = "tag-facts-mismatch"
  // Policy, repeated
  case settingsMismatch = "settings-mismatch"
  case settingsUnreadable = "settings-unreadable"
  case settingsChanged = "settings-changed"
  case keysChanged = "keys-changed"
  case tagRequirementBroken = "tag-requirement-broken"
  case tagJudgementMismatch = "tag-judgement-mismatch"
  case tagSignerMismatch = "tag-signer-mismatch"
  case tagRefusalMismatch = "tag-refusal-mismatch"
  case tagNotJudged = "tag-not-judged"
  case freezeBroken = "freeze-broken"
  case overrideUnknown = "override-unknown"
  case overrideNeedless = "override-needless"
  case floorBroken = "floor-broken"
  case namespaceForbidden = "namespace-forbidden"
  // What operators asked for
  case requestMissing = "request-missing"
  case requestUnreadable = "request-unreadable"
  case requestMismatch = "request-mismatch"
  case requestOutdated = "request-outdated"
  case requestSignatureBad = "request-signature-bad"
  case requestShortage = "request-shortage"
  case requestNotJudged = "request-not-judged"
  case operatorsMismatch = "operators-mismatch"
  case wishUncounted = "wish-uncounted"
  // What the record tells of by itself
  case stepsClaimed = "steps-claimed"
  case tagsDeleted = "tags-deleted"
  // Against what the auditor has elsewhere
  case tagSignerUnknown = "tag-signer-unknown"
  case operatorUnknown = "operator-unknown"
  case branchMissing = "branch-missing"
  case headNotReached = "head-not-reached"
  case countBelow = "count-below"
  case checkpointNotReached = "checkpoint-not-reached"
  case checkpointUnjudged = "checkpoint-unjudged"
  case tagMoved = "tag-moved"
  case tagDeleted = "tag-deleted"
  case tagCommitDiffers = "tag-commit-differs"
  case refsDiffer = "refs-differ"
  case objectsReplaced = "objects-replaced"
  // Against the cluster as it is
  case anchorNotReached = "anchor-not-reached"
  case liveDiffers = "live-differs"
  case liveBypass = "live-bypass"
  case liveEdited = "live-edited"
  case liveUnrecorded = "live-unrecorded"
  case livePending = "live-pending"
  case liveUnreadable = "live-unreadable"
  // Against logs of the API server
  case writeUnrecorded = "write-unrecorded"
  case writeForeign = "write-foreign"
  case flipUnlogged = "flip-unlogged"
  case logUnreadable = "log-unreadable"

  /// How much it matters where nothing else is said.
  package var severity: Finding.Severity {
    switch self {
    case .rolloutOpen, .refsDiffer, .livePending, .settingsChanged, .keysChanged, .tagsDeleted, .tagSignerUnknown, .operatorUnknown: .notice
    case .timeBackwards, .objectsReplaced, .unknownSchema, .signerChanged, .exhibitMissing, .tagNotJudged, .requestNotJudged,
      .wishUncounted, .stepsClaimed, .liveUnreadable, .logUnreadable:
      .warning
    default: .error
    }
  }
}
