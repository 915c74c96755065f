package import ReleaseModel

/// Turns a blueprint into one color's objects. Pure: the same blueprint and color give the same bytes.
package protocol Renderer: Sendable {
  func render(_ blueprint: Blueprint, color: Color) throws(PortError) -> Environment
}

/// The environments in the cluster.
package protocol Environments: Sendable {
  /// Creates the color's objects by server-side apply, each only where nothing is (resourceVersion "1") or where this very rollout made it
  /// before; sizes are by Deployment without the color's suffix. Every object and pod template carries the rollout's id.
  ///
  /// With `atMost` each Deployment begins with so many pods at the most, and its autoscaler's minimum is held there, below the team's own
  /// too. What this rollout has made larger since stays so.
  func apply(
    _ environment: Environment, rollout: RolloutID, sizes: [String: Int], atMost limit: Int?, target: ServiceTarget
  ) async throws(PortError)

  /// Sets the color's Deployments to the sizes given (by name without suffix) through `scale`, and pins the minimum of their
  /// HorizontalPodAutoscalers to them (at least 1), remembering on each what it was before. Each write carries the resourceVersion just
  /// read; what already is as wanted is not written. 0 keeps all objects and stops all pods. A color that the Service selects is never
  /// made smaller: `conflict`.
  ///
  /// With `asOf`, nothing is written unless the marker has just this fence, looked at after what is to be written was read: who was held up
  /// changes nothing of what others have done since. Then it is a `conflict` too.
  func resize(_ color: Color, target: ServiceTarget, sizes: [String: Int], asOf fence: UInt64?) async throws(PortError)

  /// Gives the color's HorizontalPodAutoscalers the minima back that `resize` or `apply` raised.
  func unpin(_ color: Color, target: ServiceTarget) async throws(PortError)

  /// Deletes what the color holds, with uid and resourceVersion, and waits until it is gone; `timedOut` when it is not by then, `conflict`
  /// where the Service selects the color.
  ///
  /// With `sparing`, only what another rollout made is deleted, also in a color that the Service selects: an apply of a killed run that
  /// landed late. What no rollout made stays. `asOf` is as for `resize`.
  func discard(
    _ color: Color, sparing rollout: RolloutID?, target: ServiceTarget, asOf fence: UInt64?, within limit: Duration
  ) async throws(PortError)
}

/// What a color holds.
package protocol ColorObserver: Sendable {
  /// What the color holds now: objects, workloads, pods and what is wrong with them.
  func observe(_ color: Color, target: ServiceTarget) async throws(PortError) -> ColorObservation

  /// What a look at drift asks besides: more reads than ``observe(_:target:)`` needs, so that it is not asked while something is waited for.
  /// - Parameter planned: what the rollout that made the color says of its objects; nil where no plan is known.
  func holdings(of color: Color, planned: PlannedHoldings?, target: ServiceTarget) async throws(PortError) -> ColorHoldings

  /// Who else than the bot wrote a Deployment's size and images last; nobody where nothing tells.
  /// - Parameter deployment: with the color's suffix.
  func hands(on deployment: String, target: ServiceTarget) async throws(PortError) -> ColorHoldings.Hands

  /// Where the color's pods are that the active Service selects, or would select if it were pointed at the color.
  func placement(of color: Color, target: ServiceTarget) async throws(PortError) -> Placement

  /// What else than the Service itself says that a load balancer sends to pods' own addresses, in words: TargetGroupBindings that name the
  /// active Service. Empty where there are none; `forbidden` where they may not be listed.
  func bindings(of target: ServiceTarget) async throws(PortError) -> [String]
}

/// What does not change the cluster: dry runs and room.
package protocol Rehearsals: Sendable {
  /// A server-side dry run of the environment, and how it differs from what users are on.
  func dryRun(_ environment: Environment, sizes: [String: Int], against live: Color?, target: ServiceTarget) async throws(PortError)
    -> DryRun

  /// Whether there is room for the environment at the sizes given, beside what runs and what other rollouts of the cluster reserved.
  func headroom(
    for environment: Environment, sizes: [String: Int], target: ServiceTarget, reserved: [ServiceIndex.Reservation], fixedNodes: Bool
  ) async throws(PortError) -> HeadroomReport
}

/// What a server-side dry run said.
package struct DryRun: Sendable, Hashable {
  /// What the API server would refuse, object by object; empty where it would take everything.
  package var objections: [String]
  /// Lines of a readable diff against the live color.
  package var difference: [String]

  package init(objections: [String], difference: [String]) {
    self.objections = objections
    self.difference = difference
  }
}

/// Whether a second environment has room.
package struct HeadroomReport: Sendable, Hashable {
  /// What is missing, in words; empty where everything fits.
  package var shortages: [String]
  /// What a person should know and nothing is refused for: that an autoscaler's maximum would not fit, what could not be counted.
  package var cautions: [String]
  /// What was counted and what was not checked, for the record: one line.
  package var detail: String
  /// What the environment asks for.
  package var pods: Int
  package var milliCPU: Int
  package var memoryBytes: Int
  /// What one pod of each Deployment asks for, by its name without the color's suffix.
  package var perPod: [String: ResourceRequests]

  package init(
    shortages: [String], cautions: [String] = [], detail: String, pods: Int, milliCPU: Int, memoryBytes: Int,
    perPod: [String: ResourceRequests] = [:]
  ) {
    self.shortages = shortages
    self.cautions = cautions
    self.detail = detail
    self.pods = pods
    self.milliCPU = milliCPU
    self.memoryBytes = memoryBytes
    self.perPod = perPod
  }
}

extension HeadroomReport {
  /// What the environment asks for at some size.
  package func requests(at sizes: [String: Int]) -> ResourceRequests {
    sizes.reduce(.zero) { $0 + (perPod[$1.key] ?? .zero) * $1.value }
  }

  /// The most that two colors cost if a plan is carried out; nil for a first release.
  package func forecast(of plan: CutoverPlan, sizes: [String: Int]) -> DoublingCost? {
    plan.longestDoubling(preview: requests(at: plan.settings.previewSizes(sizes)), full: requests(at: sizes))
  }

  /// All of it in one line, for the step's record: what is short, what was counted, what else should be known.
  package var words: String {
    let short = shortages.isEmpty ? [] : ["short: \(shortages.joined(separator: "; "))"]
    return (short + [detail] + cautions).joined(separator: "; ")
  }
}

/// What one color holds at one instant.
package struct ColorObservation: Sendable, Hashable {
  package var color: Color
  package var workloads: [WorkloadObservation]
  /// Deployments that act without the Service, and only while users are on the color.
  package var apart: [WorkloadObservation]
  /// How many objects carry the color, pods and ReplicaSets apart.
  package var objects: Int
  /// The ids of the rollouts that made those objects and pods.
  package var rollouts: Set<RolloutID>
  /// Objects that carry the color but no rollout's id.
  package var strangers: [String]
  /// The readiness gates of its pods that load balancers open which send to pods' own addresses, by condition type.
  package var targetGates: Set<String>

  package init(
    color: Color, workloads: [WorkloadObservation] = [], apart: [WorkloadObservation] = [], objects: Int = 0, rollouts: Set<RolloutID> = [],
    strangers: [String] = [], targetGates: Set<String> = []
  ) {
    self.color = color
    self.workloads = workloads
    self.apart = apart
    self.objects = objects
    self.rollouts = rollouts
    self.strangers = strangers
    self.targetGates = targetGates
  }

  package var isEmpty: Bool { objects == 0 && workloads.isEmpty }
  package var desiredPods: Int { workloads.reduce(0) { $0 + $1.desired } }
  package var readyPods: Int { workloads.reduce(0) { $0 + $1.ready } }
  package var restarts: Int { workloads.reduce(0) { $0 + $1.restarts } }
  package var problems: [PodProblem] { workloads.flatMap(\.problems) }
  /// Whether every Deployment has been seen by its controller and has every pod it wants, updated and ready, and none besides.
  package var isFullyReady: Bool { !workloads.isEmpty && workloads.allSatisfy(\.isFullyReady) }
  /// What its pods ask for, as they are; nil where nobody asked.
  package var requests: ResourceRequests? {
    guard !workloads.isEmpty else { return nil }
    return workloads.reduce(.zero) { sum, workload in sum.flatMap { sum in workload.requests.map { sum + $0 } } }
  }
  /// What its pods report to run, by Deployment.
  package var images: [RunningImage] {
    workloads.flatMap { workload in workload.imageIDs.map { RunningImage(workload: workload.name, id: $0) } }
  }
  /// What its Deployments ask for, those that act without the Service too, by name without the color's suffix and by container.
  package var asked: [String: [String: String]] {
    Dictionary((workloads + apart).map { ($0.name, $0.asked) }) { first, _ in first }
  }
  /// The sizes by Deployment, without the color's suffix.
  package var sizes: [String: Int] { Dictionary(workloads.map { ($0.name, $0.desired) }) { first, _ in first } }
}

/// One Deployment of a color at one instant.
package struct WorkloadObservation: Sendable, Hashable {
  /// Without the color's suffix.
  package var name: String
  /// What its spec asks for.
  package var desired: Int
  /// Its ready pods that carry the present pod template.
  package var ready: Int
  /// Whether the controller has seen the present spec and no pod of another template is left.
  package var isSettled: Bool
  package var isPaused: Bool
  /// Container restarts of its present pods.
  package var restarts: Int
  /// What its pods are made of, as the pods really report it (`imageID`).
  package var imageIDs: [String]
  /// The same by container, as far as the Deployment itself names it: what was injected into its pods is none of the plan's.
  package var containers: [ContainerImage]
  /// What its pod template asks for, by container, those that only run first included.
  package var asked: [String: String]
  package var problems: [PodProblem]
  /// What its pods ask for together, as they were admitted; nil where nobody asked.
  package var requests: ResourceRequests?
  /// Which object it is; nil where nobody asked.
  package var identity: Identity?

  /// What tells one Deployment, and one state of it, from another.
  package struct Identity: Sendable, Hashable {
    /// With the color's suffix.
    package var name: String
    package var uid: String
    package var resourceVersion: String
    /// `deployment.kubernetes.io/revision`.
    package var revision: String?

    package init(name: String, uid: String, resourceVersion: String, revision: String?) {
      self.name = name
      self.uid = uid
      self.resourceVersion = resourceVersion
      self.revision = revision
    }

    func observed(in namespace: String) -> ObservedObject {
      ObservedObject(
        kind: "apps/v1/Deployment", name: "\(namespace)/\(name)", uid: uid, resourceVersion: resourceVersion, revision: revision)
    }
  }

  package init(
    name: String, desired: Int, ready: Int, isSettled: Bool, isPaused: Bool = false, restarts: Int = 0, imageIDs: [String] = [],
    containers: [ContainerImage] = [], asked: [String: String] = [:], problems: [PodProblem] = [], requests: ResourceRequests? = nil,
    identity: Identity? = nil
  ) {
    self.name = name
    self.desired = desired
    self.ready = ready
    self.isSettled = isSettled
    self.isPaused = isPaused
    self.restarts = restarts
    self.imageIDs = imageIDs
    self.containers = containers
    self.asked = asked
    self.problems = problems
    self.requests = requests
    self.identity = identity
  }

  package var isFullyReady: Bool { isSettled && !isPaused && ready == desired }
}

/// What one container of a pod reports to be made of.
package struct ContainerImage: Sendable, Hashable {
  package var container: String
  /// As the container runtime spells it: `registry.example/web@sha256:…`, `docker-pullable://…`, `sha256:…`; empty while it is not known.
  package var imageID: String

  package init(container: String, imageID: String) {
    self.container = container
    self.imageID = imageID
  }
}

/// Something wrong with pods of a color.
package struct PodProblem: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    /// Crashing again and again: deploy fails at once.
    case crashLoop
    /// The image cannot be pulled (yet): waited for as long as `images.wait` says.
    case imagePull
    /// The container cannot be created: a missing ConfigMap or Secret, a bad name.
    case configuration
    /// No node takes the pod.
    case unschedulable
    /// The pod could not even be created: quota, admission, a missing ServiceAccount.
    case notCreated
    /// The Deployment's own progress deadline has passed.
    case deadline
  }

  package var kind: Kind
  /// The pod or the Deployment.
  package var subject: String
  /// In Kubernetes' words, bounded.
  package var reason: String

  package init(kind: Kind, subject: String, reason: String) {
    self.kind = kind
    self.subject = subject
    self.reason = reason
  }
}
