import KubernetesModel
import ReleaseModel

/// Whether an environment fits the Service that is to be pointed at it. Pure.
struct ServiceFit: Sendable {
  let service: JSON
  let color: Color

  /// What speaks against it, in words with what to do.
  func objections(to objects: [AppliedObject]) -> [String] {
    let deployments = objects.filter { $0.kind == .deployment }.map(\.json)
    return unselected(deployments) + unservedPorts(deployments)
  }

  /// What the Service does not reach would act without it: twice, while two colors run.
  private func unselected(_ deployments: [JSON]) -> [String] {
    let common = ServiceReading(json: service).common
    let query = LabelQuery(labels: common.merging([Label.color: color.rawValue]) { _, own in own })
    let plain = common.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return deployments.filter { !query.matches(PodTemplate(of: $0).labels) }.map { deployment in
      "Deployment \(deployment.name): the Service \(service.name) does not select its pods (it selects \(plain)), "
        + "so that it would act twice while two colors run: give its pods these labels, or release it apart from this service"
    }
  }

  /// A port whose name no container has is left out of the endpoints without a word.
  private func unservedPorts(_ deployments: [JSON]) -> [String] {
    let names = deployments.reduce(into: Set<String>()) { $0.formUnion(PodTemplate(of: $1).portNames) }
    let targets = (service["spec", "ports"]?.array ?? []).compactMap { $0["targetPort"]?.string }
    return targets.filter { !names.contains($0) }.map { target in
      "the Service \(service.name) sends to the container port \"\(target)\", which no container has: name it in the Deployment's ports"
    }
  }
}
