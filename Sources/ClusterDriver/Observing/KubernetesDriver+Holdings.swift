import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// What a look at drift asks: a list for each kind, and each planned object that no list has.
extension KubernetesDriver {
  /// Kinds that the caller may not see are told as such, and are no reason to see nothing.
  package func holdings(
    of color: Color, planned: PlannedHoldings?, target: ServiceTarget
  ) async throws(PortError) -> ColorHoldings {
    var reading = HoldingsReading(reading: try await reading(of: color, target), planned: planned)
    reading.scalers = try await seen(.horizontalPodAutoscaler, in: &reading) { () throws(PortError) in
      try await api.list(.horizontalPodAutoscaler, target.namespace)
    }
    guard planned != nil else { return reading.holdings }
    reading.listed[.horizontalPodAutoscaler] = (reading.scalers ?? []).filter {
      $0.labels[Label.color] == color.rawValue && $0.labels[Label.service] == target.service.text
    }
    for kind in EnvironmentKind.allCases where ![.deployment, .job, .horizontalPodAutoscaler].contains(kind) {
      reading.listed[kind] = try await seen(kind, in: &reading) { () throws(PortError) in
        try await api.list(kind.resource, target.namespace, labels: Label.holdings(color, of: target.service))
      }
    }
    for (kind, object) in reading.missing {
      let found = try await seen(kind, in: &reading) { () throws(PortError) in
        try await api.find(kind.resource, target.namespace, object.name)
      }
      if let found { reading.asked.updateValue(found, forKey: object) }
    }
    return reading.holdings
  }

  /// Lists leave managedFields out.
  package func hands(on deployment: String, target: ServiceTarget) async throws(PortError) -> ColorHoldings.Hands {
    try await api.find(.deployment, target.namespace, deployment).map(HoldingsReading.hands) ?? ColorHoldings.Hands()
  }

  /// Nil where the caller lacks the right.
  private func seen<Value: Sendable>(
    _ kind: EnvironmentKind, in reading: inout HoldingsReading, _ ask: () async throws(PortError) -> Value
  ) async throws(PortError) -> Value? {
    do throws(PortError) {
      return try await ask()
    } catch  where error.kind == .forbidden {
      reading.unseen.insert(kind)
      return nil
    }
  }
}
