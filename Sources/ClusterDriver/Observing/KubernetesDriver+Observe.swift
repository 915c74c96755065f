import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: ColorObserver {
  /// Two lists where everything is as it should be; more where something unusual has to be told apart.
  package func observe(_ color: Color, target: ServiceTarget) async throws(PortError) -> ColorObservation {
    try await reading(of: color, target).observation
  }

  package func placement(of color: Color, target: ServiceTarget) async throws(PortError) -> Placement {
    Placement(pods: try await selected(by: target.activeService, target, color: color).map(PodReading.init).filter(\.isLive).map(\.placed))
  }

  package func bindings(of target: ServiceTarget) async throws(PortError) -> [String] {
    do throws(PortError) {
      return PodBalancerSigns.bindings(try await api.list(.targetGroupBinding, target.namespace), of: target.activeService)
    } catch  where error.kind == .notFound {
      // The cluster does not know the kind.
      return []
    }
  }

  /// The pods that a Service selects, or would select, in a color: going and unready ones too.
  func selected(by service: String, _ target: ServiceTarget, color: Color) async throws(PortError) -> [JSON] {
    guard let selector = try await selector(of: service, target, color: color) else { return [] }
    let query = LabelQuery(labels: selector)
    // Of an adopted color the selector is all there is to tell its pods by.
    let labels = selector[Label.color] == nil ? nil : "\(Label.color)=\(color)"
    return try await api.list(.pod, target.namespace, labels: labels).filter { query.matches($0.labels) }
  }

  func reading(of color: Color, _ target: ServiceTarget) async throws(PortError) -> ColorReading {
    let deployments = try await api.list(.deployment, target.namespace, labels: Label.holdings(color, of: target.service))
    // All pods of the color, not only this service's: one that the selector would match without belonging here must be seen.
    let pods = try await api.list(.pod, target.namespace, labels: "\(Label.color)=\(color)")
    var reading = ColorReading(color: color, service: target.service, deployments: deployments, pods: pods)
    if reading.hasForeignPods || deployments.isEmpty { try await addHandMade(to: &reading, color, target) }
    if reading.isMixed { reading.replicaSets = try await api.list(.replicaSet, target.namespace) }
    // A color with Deployments is not empty, and what it holds besides was made with them, in order: only where there are none does
    // the rest have to be asked for.
    if deployments.isEmpty { reading.others = try await leftovers(color, target) }
    return reading
  }

  /// An environment that somebody made by hand is what users may be on when the first release comes: it is told by the selector alone.
  private func addHandMade(to reading: inout ColorReading, _ color: Color, _ target: ServiceTarget) async throws(PortError) {
    guard let selector = try await selector(of: target.activeService, target, color: color) else { return }
    reading.selector = LabelQuery(labels: selector)
    if reading.deployments.isEmpty, let adopted = try await adopted(color, target) {
      let query = LabelQuery(labels: selector)
      let pods = try await api.list(.pod, target.namespace).filter { query.matches($0.labels) }
      // Scaled to 0 it is its owner's again: nothing of the color is there.
      guard adopted["spec", "replicas"]?.int != 0 || !pods.isEmpty else { return }
      reading.take(adopted, pods)
      return
    }
    guard reading.hasForeignSelected || reading.deployments.isEmpty else { return }
    reading.deployments += reading.handMade(in: try await api.list(.deployment, target.namespace))
  }

  /// The labels by which a Service reaches a color; nil where there is no Service, or it selects nothing but by color.
  func selector(of service: String, _ target: ServiceTarget, color: Color) async throws(PortError) -> [String: String]? {
    let isPreview = service == target.previewService
    guard let service = try await api.find(.service, target.namespace, service).map(ServiceReading.init) else { return nil }
    // The preview Service of what was adopted has no color's key, and no marker that says why.
    if isPreview, !service.selector.isEmpty, service.selector[Label.color] == nil { return service.selector }
    return try await reach(color, through: service, target)
  }

  /// The labels by which an active Service reaches a color: what narrows it to an adopted Deployment, unless the color is being built anew.
  func reach(_ color: Color, through active: ServiceReading, _ target: ServiceTarget) async throws(PortError) -> [String: String]? {
    if let adoption = active.adoption, adoption.color == color,
      try await api.list(.deployment, target.namespace, labels: Label.holdings(color, of: target.service)).isEmpty
    {
      return adoption.narrowed
    }
    return active.selector(of: color)
  }

  /// Objects of the color that are neither Deployments nor pods.
  private func leftovers(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> [JSON] {
    var items: [JSON] = []
    for kind in EnvironmentKind.allCases where kind != .deployment {
      items += try await api.list(kind.resource, target.namespace, labels: Label.holdings(color, of: target.service))
    }
    return items
  }
}
