import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: Leases {
  package func hold(_ service: ServiceName, holder: String, for span: Duration) async throws(PortError) -> LeaseResult {
    for _ in 0..<5 {
      let there = try await api.find(.lease, stateNamespace, leaseName(service))
      let now = try await now()
      if let there, let rival = Self.holder(there, now), rival.holder != holder { return .busy(rival) }
      if try await write(there, service, holder, now, span) { return .held(until: now + span) }
    }
    throw PortError(.conflict, attempted: "take the Lease of \(service)", reason: "others keep writing it", hint: "run again")
  }

  package func holder(of service: ServiceName) async throws(PortError) -> LeaseHolder? {
    guard let there = try await api.find(.lease, stateNamespace, leaseName(service)) else { return nil }
    return Self.holder(there, try await now())
  }

  package func release(_ service: ServiceName, holder: String) async throws(PortError) {
    guard var there = try await api.find(.lease, stateNamespace, leaseName(service)), there["spec", "holderIdentity"]?.string == holder
    else { return }
    there["spec", "holderIdentity"] = ""
    do throws(PortError) {
      _ = try await api.update(.lease, stateNamespace, there)
    } catch  where error.kind == .conflict {
      // Somebody has taken it since.
    }
  }

  private func leaseName(_ service: ServiceName) -> String { "tagflip-\(service)" }

  /// Who holds it, by the server's clock; nil where nobody does.
  private static func holder(_ lease: JSON, _ now: Timestamp) -> LeaseHolder? {
    let spec = lease["spec"] ?? .null
    guard let holder = spec["holderIdentity"]?.string, !holder.isEmpty,
      let renewed = spec["renewTime"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    let until = renewed + .seconds(spec["leaseDurationSeconds"]?.int ?? 0)
    return until > now ? LeaseHolder(holder: holder, until: until) : nil
  }

  /// False where somebody wrote in between.
  private func write(
    _ there: JSON?, _ service: ServiceName, _ holder: String, _ now: Timestamp, _ span: Duration
  ) async throws(PortError) -> Bool {
    let isNew = there?["spec", "holderIdentity"]?.string != holder
    let time = JSON.string(now.micro)
    var lease: JSON =
      there ?? [
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": [
          "name": .string(leaseName(service)), "namespace": .string(stateNamespace), "labels": [Label.managedBy: .string(Label.bot)],
        ],
      ]
    lease["spec", "holderIdentity"] = .string(holder)
    lease["spec", "leaseDurationSeconds"] = JSON(max(1, span.milliseconds / 1000))
    lease["spec", "renewTime"] = time
    if isNew {
      lease["spec", "acquireTime"] = time
      lease["spec", "leaseTransitions"] = JSON(there == nil ? 0 : (lease["spec", "leaseTransitions"]?.int ?? 0) + 1)
    }
    do throws(PortError) {
      if there == nil {
        _ = try await api.create(.lease, stateNamespace, lease)
      } else {
        _ = try await api.update(.lease, stateNamespace, lease)
      }
      return true
    } catch  where error.kind == .conflict || error.kind == .unknown || (error.kind == .notFound && there != nil) {
      return false
    }
  }
}

extension Timestamp {
  /// RFC 3339 with microseconds, as `metav1.MicroTime` wants.
  fileprivate var micro: String { String(description.dropLast()) + "000Z" }
}
