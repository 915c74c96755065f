package import ReleaseModel

/// The Services that users reach: read, and changed by one conditional PATCH.
package protocol ActiveServices: Sendable {
  /// The active Service as it is now.
  func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService

  /// Sets the selector (where one is given; that of an adopted color narrows it to what was adopted) and the marker in one PATCH that tests uid,
  /// resourceVersion, what the selector says of colors and the marker as `seen` has them.
  ///
  /// A lost answer is `PortError.Kind.unknown`: the caller reads again, the marker tells.
  func change(_ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker) async throws(PortError)
    -> ChangeResult

  /// Watches the Service's EndpointSlices until all of them together hold exactly the colors' ready pods, or the limit has passed.
  func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport

  /// Points the preview Service at a color, creating it where it is missing, and says where it is reached.
  func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress
}

/// The active Service at one instant.
package struct ActiveService: Sendable, Hashable {
  package var uid: String
  package var resourceVersion: String
  package var selection: Selection
  /// All labels by which it chooses its pods, the color's among them.
  package var selector: [String: String]
  package var marker: Marker
  package var address: ServiceAddress
  /// The field manager that last wrote the selector, from managedFields; nil where it cannot be told.
  package var selectorManager: String?
  /// Whether the object has annotations at all: a patch must make the map where there is none.
  package var isAnnotated: Bool
  /// Why the Service cannot be released to as it is (headless, ExternalName, publishNotReadyAddresses, …); nil where nothing speaks against it.
  package var objection: String?
  /// The fields by which users of a node reach only pods of that node: `externalTrafficPolicy`, `internalTrafficPolicy`.
  package var localPolicies: [String]
  /// What says that a load balancer in front of it sends to pods' own addresses and so follows a flip late: annotations, in words.
  package var podBalancers: [String]

  package init(
    uid: String, resourceVersion: String, selection: Selection, selector: [String: String] = [:], marker: Marker, address: ServiceAddress,
    selectorManager: String? = nil, isAnnotated: Bool = false, objection: String? = nil, localPolicies: [String] = [],
    podBalancers: [String] = []
  ) {
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.selection = selection
    self.selector = selector
    self.marker = marker
    self.address = address
    self.selectorManager = selectorManager
    self.isAnnotated = isAnnotated
    self.objection = objection
    self.localPolicies = localPolicies
    self.podBalancers = podBalancers
  }
}

/// Where a Service is reached from inside the cluster.
package struct ServiceAddress: Sendable, Hashable {
  package struct Port: Sendable, Hashable {
    package var name: String?
    package var number: Int

    package init(name: String?, number: Int) {
      self.name = name
      self.number = number
    }
  }

  package var namespace: String
  package var name: String
  package var clusterIP: String?
  package var ports: [Port]

  package init(namespace: String, name: String, clusterIP: String?, ports: [Port]) {
    self.namespace = namespace
    self.name = name
    self.clusterIP = clusterIP
    self.ports = ports
  }
}

/// What the selector is set to.
package enum SelectorChange: Sendable, Hashable {
  case color(Color)
  /// The pods of both colors of a service, by its label in place of the color's.
  case both(ServiceName)
  /// `none`: users reach nothing (a first release that is withdrawn).
  case nothing
  /// The whole selector: as it was before the Service was adopted.
  case whole([String: String])
}

/// What became of a conditional change.
package enum ChangeResult: Sendable, Hashable {
  /// It was made; `patchMs` is from sending to the answer.
  case applied(ActiveService, patchMs: Int)
  /// A precondition did not hold; this is what is there now.
  case refused(ActiveService)
}

/// Where new connections go.
package struct TrafficReport: Sendable, Hashable {
  /// Whether every slice was read and they held exactly the colors' ready pods.
  package var converged: Bool
  package var endpoints: Int
  /// What was seen instead, for people.
  package var detail: String

  package init(converged: Bool, endpoints: Int, detail: String) {
    self.converged = converged
    self.endpoints = endpoints
    self.detail = detail
  }
}
