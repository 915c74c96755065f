import FoundationEssentials
import KubernetesModel

/// How far a Job is, and what is to be done: a pure judgement over the Job and its pods.
struct JobProgress {
  enum Step: Hashable {
    case suspend
    /// So many pods are to be made.
    case run(missing: Int)
    case complete
    case fail(reason: String, message: String)
  }

  let step: Step
  /// Pods that run or will, oldest first.
  let active: [JSON]
  private let job: JSON
  private let now: Moment
  private let pods: [JSON]
  private let parallelism: Int

  init(_ job: JSON, pods: [JSON], now: Moment) {
    let spec = job["spec"]
    let active = pods.filter(\.isActivePod).sorted { ($0.creationTimestamp, $0.name) < ($1.creationTimestamp, $1.name) }
    let succeeded = pods.count { $0.phase == "Succeeded" }
    // A pod whose container may restart counts its exits; one that was thrown out while it ran has failed too.
    let failures = pods.count { $0.phase == "Failed" } + pods.reduce(0) { $0 + $1.restartCount }
    let parallelism = spec?["parallelism"]?.int ?? 1
    let completions = spec?["completions"]?.int
    let isDone = completions.map { succeeded >= $0 } ?? (succeeded > 0 && active.isEmpty)
    (self.job, self.now, self.pods, self.active, self.parallelism) = (job, now, pods, active, parallelism)
    if isDone {
      step = .complete
    } else if spec?["suspend"]?.bool == true {
      step = .suspend
    } else if Self.isLate(job, now) {
      step = .fail(reason: "DeadlineExceeded", message: "Job was active longer than specified deadline")
    } else if failures > spec?["backoffLimit"]?.int ?? 6 {
      step = .fail(reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit")
    } else {
      let wanted = min(parallelism, completions.map { $0 - succeeded } ?? (succeeded > 0 ? active.count : parallelism))
      step = .run(missing: max(0, wanted - active.count))
    }
  }

  /// How many pods there are beyond what may run at once.
  var surplus: Int { max(0, active.count - parallelism) }

  private static func deadline(_ job: JSON) -> Date? {
    guard let seconds = job["spec", "activeDeadlineSeconds"]?.int, let start = job["status", "startTime"]?.instant else { return nil }
    return start.addingTimeInterval(Double(seconds))
  }

  private static func isLate(_ job: JSON, _ now: Moment) -> Bool { deadline(job).map { $0 <= now.date } ?? false }

  /// When the Job will have run for too long.
  var deadline: Duration? {
    if case .run = step { Self.deadline(job).map { now.uptime(at: $0) } } else { nil }
  }

  var status: JSON {
    var status: JSON = [
      "terminating": .int(Int64(pods.count { $0.isDeleting && !$0.hasFinished })), "uncountedTerminatedPods": [:],
      "ready": .int(Int64(hasEnded ? 0 : active.count(where: \.isReadyPod))),
    ]
    if step != .suspend { status["startTime"] = job["status", "startTime"] ?? .string(now.timestamp) }
    let numbers = [
      "active": hasEnded || step == .suspend ? 0 : active.count + missing, "succeeded": pods.count { $0.phase == "Succeeded" },
      "failed": pods.count { $0.phase == "Failed" },
    ]
    for (name, number) in numbers where number > 0 { status[name] = .int(Int64(number)) }
    switch step {
    case .run: status["conditions"] = resumed
    case .suspend: status["conditions"] = [condition("Suspended", "JobSuspended", "Job suspended")]
    case .complete:
      let message = "Reached expected number of succeeded pods"
      status["conditions"] = .array(["SuccessCriteriaMet", "Complete"].map { condition($0, "CompletionsReached", message) })
      status["completionTime"] = .string(now.timestamp)
    case .fail(let reason, let message):
      status["conditions"] = .array(["FailureTarget", "Failed"].map { condition($0, reason, message) })
    }
    return status
  }

  private var missing: Int { if case .run(let missing) = step { missing } else { 0 } }

  private var hasEnded: Bool {
    switch step {
    case .complete, .fail: true
    case .run, .suspend: false
    }
  }

  /// A Job that was suspended says that it no longer is.
  private var resumed: JSON? {
    guard job.condition("Suspended") != nil else { return job["status", "conditions"] }
    return [condition("Suspended", "JobResumed", "Job resumed", status: "False")]
  }

  private func condition(_ type: String, _ reason: String, _ message: String, status: String = "True") -> JSON {
    let old = job.condition(type)
    let isSame = old?["status"]?.string == status
    let time = isSame ? old?["lastTransitionTime"] ?? .string(now.timestamp) : .string(now.timestamp)
    return [
      "type": .string(type), "status": .string(status), "lastProbeTime": time, "lastTransitionTime": time, "reason": .string(reason),
      "message": .string(message),
    ]
  }
}
