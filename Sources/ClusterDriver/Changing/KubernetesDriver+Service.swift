import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: ActiveServices {
  package func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService {
    do throws(PortError) {
      return try ServiceReading(json: try await api.get(.service, target.namespace, target.activeService)).activeService(target)
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
    let sent = clock.elapsed
    let json: JSON
    do throws(PortError) {
      json = try await api.patch(.service, target.namespace, target.activeService, patch.operations)
    } catch {
      // A test that fails is a bare 422, and so is much else: what is there now tells them apart.
      guard error.kind == .invalid || error.kind == .conflict else { throw error }
      let now = try await read(target)
      guard now.uid != seen.uid || now.resourceVersion != seen.resourceVersion else { throw error }
      return .refused(now)
    }
    return .applied(try ServiceReading(json: json).activeService(target), patchMs: (clock.elapsed - sent).milliseconds)
  }

  package func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    let active = try await api.get(.service, target.namespace, target.activeService)
    let selector = try await reach(color, through: ServiceReading(json: active), target) ?? [Label.color: color.rawValue]
    for _ in 0..<5 {
      let there = try await api.find(.service, target.namespace, target.previewService)
      if let there { try demandOwn(there, target) }
      var json = PreviewService(target, active: active, selector: selector, rollout: rollout).json
      json["metadata", "resourceVersion"] = there?["metadata", "resourceVersion"] ?? "1"
      do throws(PortError) {
        return ServiceReading(json: try await api.apply(.service, target.namespace, json)).address
      } catch  where error.kind == .conflict && !error.reason.contains("Apply failed") {
        // Written since it was read: look again.
      }
    }
    throw PortError(
      .conflict, attempted: "apply Service \(target.namespace)/\(target.previewService)", reason: "somebody keeps changing it",
      hint: "see who: kubectl -n \(target.namespace) get service \(target.previewService) --show-managed-fields -o yaml")
  }

  /// The preview Service is the bot's own: one that somebody else made is not taken over.
  private func demandOwn(_ service: JSON, _ target: ServiceTarget) throws(PortError) {
    guard service.labels[Label.managedBy] != Label.bot || service.labels[Label.service] != target.service.text else { return }
    throw PortError(
      .invalid, attempted: "apply Service \(target.namespace)/\(target.previewService)",
      reason: "it exists, and is not the preview Service of \(target.service)",
      hint: "name another one in the plan (previewService), or delete it: kubectl -n \(target.namespace) delete service \(service.name)")
  }
}

/// The line that makes an active Service for a first release. `create`, not `apply`: what was applied would be applied again, selector and
/// all.
struct CreateLine: Sendable {
  let text: String

  init(_ target: ServiceTarget) {
    text =
      "kubectl -n \(target.namespace) create service clusterip \(target.activeService) --tcp=80:8080 --dry-run=client -o json | "
      + "jq '.spec.selector={\"app\":\"\(target.service)\",\"\(Label.color)\":\"\(Marker.noColor)\"}' | kubectl create -f -"
  }
}

/// The preview Service: the active one's ports, with the selector on one color. Pure.
struct PreviewService: Sendable {
  let json: JSON

  init(_ target: ServiceTarget, active: JSON, selector: [String: String], rollout: RolloutID) {
    let ports = (active["spec", "ports"]?.array ?? []).map { port -> JSON in
      var port = port
      // Given by the cluster to the active Service alone.
      port["nodePort"] = nil
      return port
    }
    // No color label: it belongs to no color, and must outlive both.
    json = [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": .string(target.previewService), "namespace": .string(target.namespace),
        "labels": [
          Label.managedBy: .string(Label.bot), Label.service: .string(target.service.text), Label.rollout: .string(rollout.text),
        ],
      ],
      "spec": ["selector": .object(selector.mapValues { .string($0) }), "ports": .array(ports), "type": "ClusterIP"],
    ]
  }
}
