import ReleaseEngine
import ReleaseModel

/// How one version behaves wherever it runs.
struct ReleaseScript: Sendable {
  /// How long its pods take until they are ready.
  var startup: Duration = .milliseconds(300)
  /// Something that keeps its pods from getting ready, for good or until so long after the color was made.
  var problem: (kind: PodProblem.Kind, until: Duration?)?
  /// What keeps the pods that it is grown by from getting ready.
  var growthProblem: PodProblem.Kind?
  /// What its checks say on the preview Service.
  var smoke: CheckResult.Verdict = .passed
  /// How long after users came its checks begin to fail on the active Service.
  var degradesAfter: Duration?
  /// How long after its pods started they all stop being ready.
  var losesPodsAfter: Duration?
  /// Whether the color that users are on fails its checks while this one runs beside it.
  var harmsLive = false
  /// What the API server says when its objects are applied.
  var applyError: PortError?
  /// How long the Job that runs first takes, and whether it fails then.
  var job: (takes: Duration, fails: Bool) = (.milliseconds(200), false)
  /// How long its consumer's pods take to end.
  var consumerEnds = Duration.milliseconds(700)
  /// Whether its consumer never gets ready.
  var consumerIsBroken = false
  /// What acts without the Service is a CronJob.
  var consumerIsSchedule = false
  /// The nodes that the scheduler puts its pods on, in turn.
  var nodes = ["node-1", "node-2", "node-3"]
  /// How long after users came a load balancer opens its pods' readiness gates; nil where they have none.
  var targetsFollowAfter: Duration?
  /// Whether pods that take another's place never get ready.
  var successorsFail = false
  /// What its containers report to run; nil for the digest that they were told to run.
  var reports: String?
}
