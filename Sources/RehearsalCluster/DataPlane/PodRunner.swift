package import NIOCore
import KubernetesModel
import Synchronization

/// The cluster's kubelets: every pod that is bound to a node lives here, as a real server on an address of its own.
package struct PodRunner: Controller {
  /// The way to pods' logs.
  package let logs = PodLogs()
  private let surroundings: PodSurroundings
  private var lives: [String: PodLife] = [:]
  private var addresses: PodAddresses
  private var random: SeededGenerator

  /// - Parameters:
  ///   - seed: decides which of the pods' requests fail.
  ///   - wake: called from any thread when a pod has something to report; a tick is to follow soon.
  package init(
    plan: AddressPlan, group: any EventLoopGroup, clock: ClusterClock, seed: UInt64, wake: @escaping @Sendable () -> Void
  ) {
    surroundings = PodSurroundings(plan: plan, group: group, clock: clock, wake: wake)
    addresses = PodAddresses(plan: plan)
    random = SeededGenerator(seed: seed)
  }

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let pods = objects.list(.pods).filter { !($0["spec", "nodeName"]?.string ?? "").isEmpty }
    forget(except: Set(pods.map(\.uidText)))
    return pods.compactMap { pod in
      let context = PodContext(
        pod: pod, objects: objects, now: now, surroundings: surroundings, log: logs.log(for: pod.uidText, surroundings.clock))
      var life = lives.removeValue(forKey: pod.uidText) ?? begin(context)
      let due = life.step(context)
      lives[pod.uidText] = life
      return due
    }.min()
  }

  /// Ends all pods at once.
  package mutating func shutdown() { forget(except: []) }

  private mutating func begin(_ context: PodContext) -> PodLife {
    let node = context.objects.get(.nodes, namespace: "", name: context.pod["spec", "nodeName"]?.string ?? "")
    let internalAddress = node?["status", "addresses"]?.array?.first { $0["type"]?.string == "InternalIP" }
    let hostIP = internalAddress?["address"]?.string ?? surroundings.plan.nodeAddress(1)
    return PodLife(context, podIP: addresses.take(for: context.pod.uidText), hostIP: hostIP, seed: random.next())
  }

  private mutating func forget(except living: Set<String>) {
    for (uid, life) in lives where !living.contains(uid) {
      life.abandon()
      lives[uid] = nil
      addresses.giveBack(of: uid)
      logs.forget(uid)
    }
  }
}

/// Which pod has which address; one that was given back is used again only after all others.
struct PodAddresses {
  private let plan: AddressPlan
  private var taken: [String: Int] = [:]
  private var next = 0

  init(plan: AddressPlan) { self.plan = plan }

  mutating func take(for uid: String) -> String {
    let used = Set(taken.values)
    while used.contains(next % AddressPlan.capacity) { next += 1 }
    let index = next % AddressPlan.capacity
    taken[uid] = index
    next += 1
    return plan.podAddress(index)
  }

  mutating func giveBack(of uid: String) { taken[uid] = nil }
}

/// The logs of the pods that live.
package final class PodLogs: PodAccess {
  private let logs = Mutex<[String: PodLog]>([:])

  package func log(ofPod uid: String) -> PodLog? { logs.withLock { $0[uid] } }

  func log(for uid: String, _ clock: ClusterClock) -> PodLog {
    logs.withLock { logs in
      if let known = logs[uid] { return known }
      let fresh = PodLog(clock: clock)
      logs[uid] = fresh
      return fresh
    }
  }

  func forget(_ uid: String) { logs.withLock { $0[uid] = nil } }
}
