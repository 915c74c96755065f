import KubernetesModel
import ReleaseModel

/// Whether an environment fits the Service that is to be pointed at it. Pure.
struct ServiceFit: Sendable {
  let service: JSON
  let color: Color

  /// What speaks against it, in words with what to do.
  func objections(to objects: [AppliedObject]) -> [String] {
    let deployments = objects.filter { $0.kind == .deployment && $0.json.runs == nil }.map(\.json)
    return unselected(deployments) + unservedPorts(deployments) + selected(objects.filter { $0.json.runs != nil })
  }

  private var query: LabelQuery {
    LabelQuery(labels: ServiceReading(json: service).common.merging([Label.color: color.rawValue]) { _, own in own })
  }

  /// What is held while users are elsewhere must not be what they are sent to.
  private func selected(_ objects: [AppliedObject]) -> [String] {
    objects.filter { query.matches(PodTemplate(of: $0.json, $0.kind).labels) }.map { object in
      "\(object.kind.resource.kind) \(object.json.name): the Service \(service.name) selects its pods, and runs says that it acts without it: "
        + "give its pods other labels, or take it out of runs"
    }
  }

  /// What the Service does not reach would act without it: twice, while two colors run.
  private func unselected(_ deployments: [JSON]) -> [String] {
    let plain = ServiceReading(json: service).common.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return deployments.filter { !query.matches(PodTemplate(of: $0).labels) }.map { deployment in
      "Deployment \(deployment.name): the Service \(service.name) does not select its pods (it selects \(plain)), "
        + "so that it would act twice while two colors run: give its pods these labels, or say in cutover.yaml that it follows users: "
        + "runs: [{kind: Deployment, name: \(color.plainName(deployment.name)), runs: when-active}]"
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
