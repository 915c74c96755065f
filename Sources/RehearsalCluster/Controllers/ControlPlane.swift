package import NIOCore
import KubernetesModel

/// Everything that acts on objects by itself: all controllers, the scheduler, the kubelets and the kube-proxy of one embedded cluster.
///
/// The main loop ticks it after every change of an object, when it asked to be woken, and when the time it named has come.
package struct ControlPlane {
  /// What tells one cluster from another.
  package struct Settings: Sendable {
    package var size = ClusterSize()
    /// How long after its objects a change reaches the data plane, as in a large cluster.
    package var programmingLag = Duration.zero
    /// What pods find in `kube-root-ca.crt`, in PEM.
    package var certificateAuthority = ""
    /// Decides which requests fail and which endpoints are chosen.
    package var seed: UInt64 = 1

    package init() {}
  }

  /// The Services' listeners and their counters.
  package let forwarder: ServiceForwarder
  /// The way to pods' logs.
  package var pods: any PodAccess { runner.logs }
  private var before: [any Controller]
  private var runner: PodRunner
  private var after: [any Controller]

  /// - Parameter wake: called from any thread when a pod has something to report; a tick is to follow soon.
  package init(
    _ settings: Settings, plan: AddressPlan, group: any EventLoopGroup, clock: ClusterClock, wake: @escaping @Sendable () -> Void
  ) {
    forwarder = ServiceForwarder(plan: plan, group: group, seed: settings.seed)
    before = [
      NodeController(size: settings.size, plan: plan), NamespaceController(certificateAuthority: settings.certificateAuthority),
      AutoscalerController(), DeploymentController(), ReplicaSetController(), JobController(), Scheduler(),
    ]
    runner = PodRunner(plan: plan, group: group, clock: clock, seed: settings.seed, wake: wake)
    // What follows from pods comes after them; the data plane comes last, so that a flip reaches users in the round that saw it.
    after = [
      GarbageCollector(), EventExpiry(), QuotaController(), DisruptionBudgetController(), EndpointsController(),
      ServiceProgrammer(forwarder: forwarder, lag: settings.programmingLag),
    ]
  }

  /// Does one round of everything.
  /// - Returns: the uptime at which the next round is due although nothing changes; nil if none is.
  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    var dues: [Duration?] = []
    for index in before.indices { dues.append(before[index].tick(objects, now: now)) }
    dues.append(runner.tick(objects, now: now))
    for index in after.indices { dues.append(after[index].tick(objects, now: now)) }
    return dues.compactMap { $0 }.min()
  }

  /// Ends all pods at once and closes all ports.
  package mutating func shutdown() async {
    runner.shutdown()
    await forwarder.shutdown()
  }
}

/// The names under which the control plane's parts write, as they show in `managedFields`.
enum ManagerName {
  static let controllers = "kube-controller-manager"
  static let scheduler = "kube-scheduler"
  static let kubelet = "kubelet"
}

extension ClusterObjects {
  /// Replaces a status, unless it is the same already.
  func writeStatus(_ status: JSON, of resource: Resource, _ object: JSON, by manager: String = ManagerName.controllers) {
    guard object["status"] != status else { return }
    var changed = object
    changed["status"] = status
    _ = try? updateStatus(resource, changed, by: manager)
  }

  /// Deletes an object and, later, what it owns.
  func remove(_ resource: Resource, _ object: JSON) {
    try? delete(resource, object, gracePeriod: nil, propagation: .background, by: ManagerName.controllers)
  }
}
