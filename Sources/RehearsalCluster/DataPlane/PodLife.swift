import KubernetesModel

/// One pod's life on its node, from its first round to its last: a state machine that rounds drive and that owns the pod's server.
///
/// A round does all that is due. Sockets work in between; when something came of them they ask for a round.
struct PodLife {
  /// What the pod is at; each case holds what only matters then.
  private enum Stage {
    /// The image is being pulled.
    case pulling(until: Duration)
    /// The pull failed and is tried again; `failures` counts.
    case pullFailed(failures: Int, until: Duration)
    /// Something that the container needs is missing.
    case missing
    /// The pod stays Pending for good.
    case held
    case serving(ServingRun)
    case working(WorkingRun)
    /// The container ended and will be started again.
    case resting(until: Duration)
    case terminating(PodTermination)
    /// The containers ended for good.
    case ended
  }

  private var stage: Stage
  private var report: PodReport
  private var readiness: Readiness
  private var exits = 0
  private let podIP: String
  private var random: SeededGenerator

  private static let firstRestart = Duration.milliseconds(200)
  private static let longestBackoff = Duration.seconds(300)
  private static let pullRetries: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)]

  init(_ context: PodContext, podIP: String, hostIP: String, seed: UInt64) {
    let behaviour = PodBehaviour(pod: context.pod, environment: [:])
    stage = context.pod.hasFinished ? .ended : .pulling(until: context.now.uptime + behaviour.startDelay)
    report = PodReport(hostIP: hostIP, startTime: context.now.timestamp)
    readiness = Readiness(pod: context.pod)
    self.podIP = podIP
    random = SeededGenerator(seed: seed)
    guard !context.pod.hasFinished else { return }
    context.normal("Pulling", "Pulling image \"\(context.image)\"")
  }

  /// Does what is due; answers when something is due next although nothing changes.
  mutating func step(_ context: PodContext) -> Duration? {
    if context.pod.isDeleting { beginTermination(context) }
    let due = advance(context)
    if !context.pod.hasFinished || !isEnded { write(context) }
    if case .terminating(let termination) = stage, termination.isOver { remove(context) }
    return due
  }

  /// Ends everything at once: the object is gone.
  func abandon() {
    switch stage {
    case .serving(let run): run.server.kill()
    case .terminating(let termination): termination.server?.kill()
    case .pulling, .pullFailed, .missing, .held, .working, .resting, .ended: break
    }
  }

  private var isEnded: Bool { if case .ended = stage { true } else { false } }

  private mutating func advance(_ context: PodContext) -> Duration? {
    while true {
      switch stage {
      case .pulling(let until), .pullFailed(_, let until), .resting(let until):
        guard until <= context.now.uptime else { return until }
        start(context)
      case .missing:
        start(context)
        if case .missing = stage { return nil }
      case .serving(var run):
        let due = run.advance(context, readiness: &readiness)
        stage = .serving(run)
        report.containersReady = readiness.isReady
        guard let exit = run.exit else {
          open(run, context)
          return due
        }
        run.server.kill()
        finish(exit, since: run.since, context)
      case .working(var run):
        let due = run.advance(context)
        stage = .working(run)
        guard let exit = run.exit else { return due }
        finish(exit, since: run.since, context)
      case .terminating(var termination):
        let due = termination.advance(context)
        stage = .terminating(termination)
        return due
      case .held, .ended: return nil
      }
    }
  }

  // MARK: Starting

  private mutating func start(_ context: PodContext) {
    var behaviour = PodBehaviour(pod: context.pod, environment: Self.plainEnvironment(context))
    if behaviour.pending { return stage = .held }
    if behaviour.imagePullError { return failPull(context) }
    let environment: [String: String]
    do {
      environment = try ContainerEnvironment(
        pod: context.pod, objects: context.objects, podIP: podIP, hostIP: report.hostIP
      ).resolve()
    } catch {
      return lack(error, context)
    }
    behaviour = PodBehaviour(pod: context.pod, environment: environment)
    context.log.beginRun()
    if !behaviour.problems.isEmpty {
      context.log.say("knobs that do not exist, or values that do not fit: \(behaviour.problems.joined(separator: ", "))")
    }
    if exits > 0 { report.restarts += 1 }
    context.normal("Pulled", "Container image \"\(context.image)\" already present on machine")
    context.normal("Created", "Container created")
    report.podIP = podIP
    if context.restartPolicy == "Always" { serve(behaviour, environment, context) } else { work(behaviour, context) }
  }

  /// What can be known of the environment before other objects are looked at.
  private static func plainEnvironment(_ context: PodContext) -> [String: String] {
    let variables = (context.container?["env"]?.array ?? []).filter { $0["value"]?.string != nil }
    return Dictionary(variables.map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") }) { _, last in last }
  }

  private mutating func failPull(_ context: PodContext) {
    let failures = if case .pullFailed(let failures, _) = stage { failures + 1 } else { 1 }
    let isFirst = failures == 1
    let message = isFirst ? "failed to pull image \"\(context.image)\": not found" : "Back-off pulling image \"\(context.image)\""
    report.state = .waiting(reason: isFirst ? "ErrImagePull" : "ImagePullBackOff", message: message)
    if isFirst {
      context.warning("Failed", "Failed to pull image \"\(context.image)\": not found")
    } else {
      context.normal("BackOff", message)
    }
    let wait = Self.pullRetries[min(failures, Self.pullRetries.count) - 1]
    stage = .pullFailed(failures: failures, until: context.now.uptime + wait)
  }

  private mutating func lack(_ missing: ContainerEnvironment.Missing, _ context: PodContext) {
    let isNew = report.state != .waiting(reason: missing.reason, message: missing.message)
    report.state = .waiting(reason: missing.reason, message: missing.message)
    stage = .missing
    guard isNew else { return }
    if missing.reason == "ContainerCreating" {
      context.warning("FailedMount", "MountVolume.SetUp failed for volume: \(missing.message)")
    } else {
      context.warning("Failed", "Error: \(missing.message)")
    }
  }

  private mutating func serve(_ behaviour: PodBehaviour, _ environment: [String: String], _ context: PodContext) {
    let configuration = PodServer.Configuration(
      pod: context.pod.name, behaviour: behaviour, environment: environment, probePaths: readiness.probePaths, seed: random.next())
    let shared = context.surroundings
    let server = PodServer(configuration, clock: shared.clock, group: shared.group, log: context.log, wake: shared.wake)
    server.listen(address: podIP, ports: context.ports(environment: environment).map(shared.plan.listeningPort))
    stage = .serving(ServingRun(server: server, behaviour: behaviour, address: podIP, since: context.now.timestamp))
  }

  /// Notes that the container runs, once its ports are open.
  private mutating func open(_ run: ServingRun, _ context: PodContext) {
    guard run.isOpen, !report.state.isRunning else { return }
    context.normal("Started", "Container started")
    report.state = .running(since: run.since)
    report.phase = "Running"
  }

  private mutating func work(_ behaviour: PodBehaviour, _ context: PodContext) {
    let run = WorkingRun(JobCommand(container: context.container, behaviour: behaviour), context)
    context.normal("Started", "Container started")
    report.state = .running(since: run.since)
    report.phase = "Running"
    report.containersReady = true  // a container without a readiness probe is ready while it runs
    stage = .working(run)
  }

  // MARK: Ending

  private mutating func finish(_ exit: ContainerExit, since: String, _ context: PodContext) {
    readiness.stopped()
    report.containersReady = false
    report.phase = "Running"  // also when the ports never opened
    let id = report.containerID(of: context.pod.uidText)
    let ended = ContainerState.terminated(exit, since: since, at: context.now.timestamp, id: id)
    report.state = ended
    if context.restartPolicy == "Never" || context.restartPolicy == "OnFailure" && exit.code == 0 {
      report.phase = exit.code == 0 ? "Succeeded" : "Failed"
      stage = .ended
      return
    }
    exits += 1
    report.lastState = ended
    let wait = backoff(context)
    if exits > 1 {
      let subject =
        "restarting failed container=\(context.containerName) pod=\(context.pod.name)_\(context.pod.namespaceText)(\(context.pod.uidText))"
      report.state = .waiting(reason: "CrashLoopBackOff", message: "back-off \(wait.components.seconds)s \(subject)")
      context.warning("BackOff", "Back-off \(subject)")
    }
    stage = .resting(until: context.now.uptime + wait)
  }

  /// Short after the first exit, then what the knob says, doubling.
  private func backoff(_ context: PodContext) -> Duration {
    guard exits > 1 else { return Self.firstRestart }
    let base = PodBehaviour(pod: context.pod, environment: Self.plainEnvironment(context)).backoff
    return min(base * (1 << min(exits - 2, 20)), Self.longestBackoff)
  }

  private mutating func beginTermination(_ context: PodContext) {
    switch stage {
    case .terminating: return
    case .serving(let run):
      context.normal("Killing", "Stopping container \(context.containerName)")
      stage = .terminating(PodTermination(server: run.server, behaviour: run.behaviour, since: run.since, context))
    case .pulling, .pullFailed, .missing, .held, .working, .resting, .ended:
      stage = .terminating(PodTermination(context))
    }
  }

  private mutating func remove(_ context: PodContext) {
    let pod = context.objects.get(.pods, namespace: context.pod.namespaceText, name: context.pod.name)
    guard let pod, pod.uidText == context.pod.uidText else { return }
    try? context.objects.delete(.pods, pod, gracePeriod: 0, propagation: .background, by: ManagerName.kubelet)
  }

  private mutating func write(_ context: PodContext) {
    if case .terminating(let termination) = stage {
      // While it drains, an app still serves, and its endpoint says so; only its end changes that.
      if let exit = termination.exit, report.state.isRunning {
        let id = report.containerID(of: context.pod.uidText)
        report.state = .terminated(exit, since: termination.since, at: context.now.timestamp, id: id)
        report.phase = exit.code == 0 ? "Succeeded" : "Failed"
        report.containersReady = false
      }
    }
    context.objects.writeStatus(
      report.status(of: context.pod, at: context.now), of: .pods, context.pod, by: ManagerName.kubelet)
  }
}
