import KubernetesModel

/// How large the cluster pretends to be.
package struct ClusterSize: Sendable, Hashable {
  package var nodes = 2
  /// What each node has for pods, as Kubernetes quantities.
  package var cpu = "4"
  package var memory = "8Gi"
  package var pods = "110"

  package init() {}
}

/// Nodes: makes those that the cluster is to have; they are always fine.
package struct NodeController: Controller {
  private let size: ClusterSize
  private let plan: AddressPlan

  package init(size: ClusterSize, plan: AddressPlan) {
    self.size = size
    self.plan = plan
  }

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    for number in 1...max(1, size.nodes) where objects.get(.nodes, namespace: "", name: Self.name(number)) == nil {
      guard let node = try? objects.create(.nodes, node(number), by: ManagerName.kubelet) else { continue }
      objects.writeStatus(status(number, now), of: .nodes, node, by: ManagerName.kubelet)
    }
    return nil
  }

  private static func name(_ number: Int) -> String { "rehearsal-node-\(number)" }

  private func node(_ number: Int) -> JSON {
    let name = JSON.string(Self.name(number))
    return [
      "apiVersion": "v1", "kind": "Node", "spec": [:],
      "metadata": [
        "name": name, "labels": ["kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"],
      ],
    ]
  }

  private func status(_ number: Int, _ now: Moment) -> JSON {
    let amounts: JSON = [
      "cpu": .string(size.cpu), "memory": .string(size.memory), "pods": .string(size.pods), "ephemeral-storage": "100Gi",
    ]
    let conditions = [
      ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ].map { type, status, reason, message -> JSON in
      [
        "type": .string(type), "status": .string(status), "lastHeartbeatTime": .string(now.timestamp),
        "lastTransitionTime": .string(now.timestamp), "reason": .string(reason), "message": .string(message),
      ]
    }
    let fixed = ["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "kubeProxyVersion", "containerRuntimeVersion"]
    var info = JSON(Dictionary(uniqueKeysWithValues: fixed.map { ($0, "rehearsal") }))
    info["kubeletVersion"] = "v1.36.2"
    info["operatingSystem"] = "linux"
    info["architecture"] = "amd64"
    return [
      "capacity": amounts, "allocatable": amounts, "conditions": .array(conditions), "nodeInfo": info,
      "addresses": [
        ["type": "InternalIP", "address": .string(plan.nodeAddress(number))], ["type": "Hostname", "address": .string(Self.name(number))],
      ],
      "daemonEndpoints": ["kubeletEndpoint": ["Port": 10250]],
    ]
  }
}
