/// Where a pod listens.
package struct Endpoint: Sendable, Hashable, Comparable {
  /// The pod's address.
  package var address: String
  /// The port as the EndpointSlice says it.
  package var port: Int

  package init(address: String, port: Int) {
    self.address = address
    self.port = port
  }

  package static func < (left: Endpoint, right: Endpoint) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}

/// One port of one Service: what users connect to, and which endpoints take new connections.
package struct ServiceRoute: Sendable, Hashable {
  /// `namespace/name:port`, as counters name it.
  package var name: String
  /// The ClusterIP and the Service's port.
  package var front: Endpoint
  /// The ready endpoints; where none is, those that still serve while they end. Empty: connections are refused.
  package var endpoints: [Endpoint]

  package init(name: String, front: Endpoint, endpoints: [Endpoint]) {
    self.name = name
    self.front = front
    self.endpoints = endpoints
  }
}

/// How many connections one port of a Service has seen; both numbers only rise, also over the loss of all endpoints.
package struct ServiceCounters: Sendable, Hashable {
  /// Connections that an endpoint took.
  package var connections = 0
  /// Connections that were accepted and then reset, since no endpoint took them. What the kernel refuses while a Service has no endpoints
  /// never reaches this process and is not counted.
  package var refused = 0
}
