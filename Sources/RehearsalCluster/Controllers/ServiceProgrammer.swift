import KubernetesModel

/// The kube-proxy's eyes: tells the forwarder which endpoints each ClusterIP Service has, whenever that changes.
package struct ServiceProgrammer: Controller {
  private struct Pending {
    var due: Duration
    var routes: [ServiceRoute]
  }

  private let forwarder: ServiceForwarder
  /// How long after its objects a change reaches the data plane, as in a large cluster.
  private let lag: Duration
  private var seen: [ServiceRoute]?
  private var pending: [Pending] = []

  package init(forwarder: ServiceForwarder, lag: Duration = .zero) {
    self.forwarder = forwarder
    self.lag = lag
  }

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let routes = Self.routes(objects)
    if routes != seen {
      seen = routes
      pending.append(Pending(due: now.uptime + lag, routes: routes))
    }
    while let first = pending.first, first.due <= now.uptime {
      pending.removeFirst()
      forwarder.program(first.routes)
    }
    return pending.first?.due
  }

  /// One route for each TCP port of each Service that has a ClusterIP.
  static func routes(_ objects: any ClusterObjects) -> [ServiceRoute] {
    let slices = Dictionary(grouping: objects.list(.endpointSlices)) {
      "\($0.namespaceText)/\($0.labels[EndpointsController.serviceName] ?? "")"
    }
    return objects.list(.services).flatMap { service -> [ServiceRoute] in
      guard let address = service["spec", "clusterIP"]?.string, address != "None", !address.isEmpty else { return [] }
      let key = "\(service.namespaceText)/\(service.name)"
      return (service["spec", "ports"]?.array ?? []).filter { $0["protocol"]?.string ?? "TCP" == "TCP" }.compactMap { port in
        guard let number = port["port"]?.int else { return nil }
        let endpoints = endpoints(slices[key] ?? [], port: port["name"]?.string ?? "")
        return ServiceRoute(name: "\(key):\(number)", front: Endpoint(address: address, port: number), endpoints: endpoints)
      }
    }
  }

  /// The ready endpoints; if there is none, those that still serve while they end.
  private static func endpoints(_ slices: [JSON], port name: String) -> [Endpoint] {
    var ready: Set<Endpoint> = []
    var draining: Set<Endpoint> = []
    for slice in slices where slice["addressType"]?.string == "IPv4" {
      guard let port = slice["ports"]?.array?.first(where: { $0["name"]?.string ?? "" == name })?["port"]?.int else { continue }
      for endpoint in slice["endpoints"]?.array ?? [] {
        let found = (endpoint["addresses"]?.array ?? []).compactMap(\.string).map { Endpoint(address: $0, port: port) }
        let conditions = endpoint["conditions"]
        if conditions?["ready"]?.bool ?? true {
          ready.formUnion(found)
        } else if conditions?["serving"]?.bool == true && conditions?["terminating"]?.bool == true {
          draining.formUnion(found)
        }
      }
    }
    return (ready.isEmpty ? draining : ready).sorted()
  }
}
