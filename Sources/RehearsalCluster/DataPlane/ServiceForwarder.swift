package import NIOCore
import Synchronization

/// The cluster's kube-proxy: a real listener on each ClusterIP and port, and behind it a choice among the endpoints for each new connection.
///
/// An established connection stays with its pod whatever becomes of the Service, as with conntrack. Programming is atomic: a connection
/// that is accepted after ``program(_:)`` returned goes to the new endpoints, whichever Service it belongs to.
package final class ServiceForwarder: Sendable {
  private struct State {
    var ports: [Endpoint: ForwardedPort] = [:]
    var isShutDown = false
  }

  private let state = Mutex(State())
  private let table: ForwardingTable
  private let plan: AddressPlan
  private let group: any EventLoopGroup

  /// - Parameter seed: decides which endpoint each connection gets.
  package init(plan: AddressPlan, group: any EventLoopGroup, seed: UInt64) {
    self.plan = plan
    self.group = group
    table = ForwardingTable(plan: plan, seed: seed)
  }

  /// Replaces all routes. Ports open and close a moment later, see ``settled()``; which pods new connections reach changes at once.
  package func program(_ routes: [ServiceRoute]) {
    table.replace(with: routes)
    let serving = Set(routes.filter { !$0.endpoints.isEmpty }.map(\.front))
    state.withLock { state in
      guard !state.isShutDown else { return }
      for front in serving where state.ports[front] == nil {
        state.ports[front] = ForwardedPort(front: front, table: table, plan: plan, group: group)
      }
      for (front, port) in state.ports { port.want(open: serving.contains(front)) }
    }
  }

  /// The counters of every port that ever was, by the routes' names.
  package var counters: [String: ServiceCounters] { table.counters }

  /// Why ports that should be open are not, by the routes' names; empty when all is well.
  package var failures: [String: String] {
    let failing = state.withLock { $0.ports.compactMapValues(\.failure) }
    return Dictionary(failing.map { (table.name(of: $0.key), $0.value) }) { first, _ in first }
  }

  /// Waits until every port is as the last programming wants it.
  package func settled() async {
    for port in state.withLock({ Array($0.ports.values) }) { await port.settled() }
  }

  /// Closes all ports for good; established connections go on until either side ends them.
  package func shutdown() async {
    program([])
    state.withLock { $0.isShutDown = true }
    await settled()
  }
}

/// The routes in force, and what was counted on them; shared by the ports' event loops.
final class ForwardingTable: Sendable {
  private struct State {
    var routes: [Endpoint: ServiceRoute] = [:]
    var names: [Endpoint: String] = [:]
    var counters: [String: ServiceCounters] = [:]
    var generator: SeededGenerator
  }

  private let state: Mutex<State>
  private let plan: AddressPlan

  init(plan: AddressPlan, seed: UInt64) {
    self.plan = plan
    state = Mutex(State(generator: SeededGenerator(seed: seed)))
  }

  var counters: [String: ServiceCounters] { state.withLock { $0.counters } }

  func name(of front: Endpoint) -> String { state.withLock { $0.names[front] } ?? "\(front.address):\(front.port)" }

  func replace(with routes: [ServiceRoute]) {
    state.withLock { state in
      state.routes = Dictionary(routes.map { ($0.front, $0) }) { first, _ in first }
      for route in routes {
        state.names[route.front] = route.name
        state.counters[route.name, default: ServiceCounters()] = state.counters[route.name] ?? ServiceCounters()
      }
    }
  }

  /// Where a new connection goes, with the port that is really bound there; nil when there is nothing.
  func pick(for front: Endpoint) -> Endpoint? {
    state.withLock { state in
      guard let endpoint = state.routes[front]?.endpoints.randomElement(using: &state.generator) else { return nil }
      return Endpoint(address: endpoint.address, port: plan.listeningPort(endpoint.port))
    }
  }

  func count(_ counter: WritableKeyPath<ServiceCounters, Int>, for front: Endpoint) {
    state.withLock { state in
      guard let name = state.names[front] else { return }
      state.counters[name, default: ServiceCounters()][keyPath: counter] += 1
    }
  }
}
