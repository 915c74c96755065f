import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: StandbyPods {
  package func replace(_ pod: PlacedPod, of color: Color, target: ServiceTarget, asOf fence: UInt64) async throws(PortError) {
    let pods = try await selected(by: target.activeService, target, color: color)
    guard let there = pods.first(where: { $0.uid == pod.uid && !$0.isTerminating }) else { return }
    // Looked at after the pod was read: who points users back to it since then raises the fence.
    try await demand(color, target, asOf: fence, "replace pod \(pod.name) of \(color)")
    try await api.delete(.pod, there)
  }
}
