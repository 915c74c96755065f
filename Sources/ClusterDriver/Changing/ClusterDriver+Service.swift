import KubernetesClient
import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension ClusterDriver: ActiveServices {
  package func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService {
    do throws(PortError) {
      let json = try await asPort { () throws(KubernetesError) in
        try await client.get(.service, namespace: target.namespace, name: target.activeService)
      }
      return try ServiceReading(json: json).activeService(target)
    } catch  where error.kind == .notFound {
      var error = error
      error.hint = "make it: \(CreateLine(target).text)"
      throw error
    }
  }

  package func change(
    _ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker
  ) async throws(PortError) -> ChangeResult {
    let patch = try ServicePatch(seen: seen, selector: selector, marker: marker)
    let clock = ContinuousClock()
    let start = clock.now
    let json: JSON
    do throws(KubernetesError) {
      json = try await client.patch(.service, namespace: target.namespace, name: target.activeService, patch.operations)
    } catch {
      // A test that fails is a bare 422, and so is much else: what is there now tells them apart.
      guard error.kind == .invalid || error.kind == .conflict else { throw PortError(error) }
      let now = try await read(target)
      guard now != seen else { throw PortError(error) }
      return .refused(now)
    }
    return .applied(try ServiceReading(json: json).activeService(target), patchMs: (clock.now - start).milliseconds)
  }

  package func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    try await asPort { () throws(KubernetesError) in
      let active = try await client.get(.service, namespace: target.namespace, name: target.activeService)
      let applied = try await client.apply(.service, namespace: target.namespace, PreviewService(target, active, color, rollout).json)
      return ServiceReading(json: applied).address
    }
  }

  package func traffic(_ target: ServiceTarget, to color: Color, within limit: Duration) async throws(PortError) -> TrafficReport {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      let report = try await asPort { () throws(KubernetesError) in try await slices(target, color) }
      let waited = clock.now - start
      if report.converged || waited >= limit { return report }
      // Controllers follow within milliseconds; what takes longer is looked at less often.
      do { try await Task.sleep(for: waited < .seconds(1) ? .milliseconds(10) : .milliseconds(200)) } catch {
        throw PortError(.cancelled, attempted: "watch the endpoints of \(target.activeService)", reason: "told to stop")
      }
    }
  }

  /// One look at every slice of the Service, beside the pods that the color has.
  private func slices(_ target: ServiceTarget, _ color: Color) async throws(KubernetesError) -> TrafficReport {
    let slices = try await client.list(
      .endpointSlice, namespace: target.namespace, labels: "kubernetes.io/service-name=\(target.activeService)"
    ).items
    let pods = try await client.list(.pod, namespace: target.namespace, labels: target.selector(color)).items
    return EndpointsReading(slices: slices, pods: pods, color: color).report
  }
}

/// The line that makes an active Service for a first release. `create`, not `apply`: what was applied would be applied again, selector and
/// all.
struct CreateLine {
  let text: String

  init(_ target: ServiceTarget) {
    let selector = "{\"app\":\"\(target.service)\",\"\(Label.color)\":\"\(Marker.noColor)\"}"
    text =
      "kubectl -n \(target.namespace) create service clusterip \(target.activeService) --tcp=80:8080 && kubectl -n \(target.namespace) "
      + "patch service \(target.activeService) --type=merge -p '{\"spec\":{\"selector\":\(selector)}}'"
  }
}

/// The preview Service: the active one's ports, with the selector on one color. Pure.
struct PreviewService {
  let json: JSON

  init(_ target: ServiceTarget, _ active: JSON, _ color: Color, _ rollout: RolloutID) {
    var selector = active["spec", "selector"] ?? [:]
    selector[Label.color] = .string(color.rawValue)
    let ports = (active["spec", "ports"]?.array ?? []).map { port -> JSON in
      var port = port
      // Given by the cluster to the active Service alone.
      port["nodePort"] = nil
      return port
    }
    json = [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": .string(target.previewService), "namespace": .string(target.namespace),
        "labels": [
          Label.managedBy: "tagflip", Label.service: .string(target.service.text), Marker.prefix + "role": "preview",
          Label.rollout: .string(rollout.text),
        ],
      ],
      "spec": ["selector": selector, "ports": .array(ports)],
    ]
  }
}
