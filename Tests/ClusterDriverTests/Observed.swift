import KubernetesModel
import ReleaseModel

@testable import ClusterDriver

/// Objects as a cluster would show them: a green Deployment of the service `web`, its pods, endpoints.
enum Observed {
  static let ready: JSON = ["type": "Ready", "status": "True"]
  static let unready: JSON = ["type": "Ready", "status": "False", "reason": "ContainersNotReady"]

  static func pod(
    _ name: String, hash: String = "a1", labels: [String: String] = [:], conditions: [JSON] = [ready], container: JSON = [:],
    edit: (inout JSON) -> Void = { _ in }
  ) -> JSON {
    var status: JSON = ["name": "web", "ready": true, "restartCount": 0, "imageID": "registry.example/web@sha256:1"]
    for (key, value) in container.object ?? [:] { status[key] = value }
    let all = [
      "app": "web", Label.color: "green", Label.service: "web", Label.rollout: Fixture.rollout.text, Label.templateHash: hash,
    ].merging(labels) { _, own in own }
    var json: JSON = [
      "metadata": ["name": .string(name), "labels": JSON(all.filter { !$0.value.isEmpty })],
      "status": ["phase": "Running", "conditions": .array(conditions), "containerStatuses": [status]],
    ]
    edit(&json)
    return json
  }

  static func deployment(_ name: String = "web-green", replicas: Int = 2, edit: (inout JSON) -> Void = { _ in }) -> JSON {
    var json: JSON = [
      "metadata": [
        "name": .string(name), "uid": "d1", "generation": 2, "annotations": ["deployment.kubernetes.io/revision": "2"],
        "labels": [Label.color: "green", Label.service: "web", Label.rollout: .string(Fixture.rollout.text)],
      ],
      "spec": ["replicas": JSON(replicas), "selector": ["matchLabels": ["app": "web", Label.color: "green"]]],
      "status": ["observedGeneration": 2, "replicas": JSON(replicas), "updatedReplicas": JSON(replicas)],
    ]
    edit(&json)
    return json
  }

  static func slice(_ name: String, _ endpoints: [JSON], family: String = "IPv4") -> JSON {
    [
      "metadata": ["name": .string(name)], "addressType": .string(family), "endpoints": endpoints.isEmpty ? .null : .array(endpoints),
    ]
  }

  static func endpoint(_ pod: String, ready: Bool? = true) -> JSON {
    var json: JSON = ["addresses": ["10.244.0.1"], "conditions": [:], "targetRef": ["kind": "Pod", "name": .string(pod)]]
    if let ready { json["conditions", "ready"] = .bool(ready) }
    return json
  }
}
