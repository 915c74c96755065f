import KubernetesModel

/// What a kubelet knows about a pod, and how that reads as the pod's status.
struct PodReport: Hashable {
  var phase = "Pending"
  var state = ContainerState.creating
  var lastState: ContainerState?
  var restarts = 0
  var containersReady = false
  var podIP: String?
  let hostIP: String
  let startTime: String

  func containerID(of uid: String) -> String { "rehearsal://\(uid)-\(restarts)" }

  /// The whole status: what others wrote into the old one stays.
  func status(of pod: JSON, at now: Moment) -> JSON {
    var status = pod["status"] ?? [:]
    status["phase"] = .string(phase)
    status["observedGeneration"] = .int(Int64(pod.generation))
    status["startTime"] = .string(startTime)
    status["hostIP"] = .string(hostIP)
    status["hostIPs"] = [["ip": .string(hostIP)]]
    if let podIP {
      status["podIP"] = .string(podIP)
      status["podIPs"] = [["ip": .string(podIP)]]
    }
    let conditions = conditions(of: pod, at: now)
    let own = Set(conditions.compactMap { $0["type"]?.string })
    let others = (pod["status", "conditions"]?.array ?? []).filter { !own.contains($0["type"]?.string ?? "") }
    status["conditions"] = .array(conditions + others)
    status["containerStatuses"] = .array((pod["spec", "containers"]?.array ?? []).map { containerStatus($0, of: pod) })
    if let initial = pod["spec", "initContainers"]?.array { status["initContainerStatuses"] = .array(initial.map(initStatus)) }
    return status
  }

  private func conditions(of pod: JSON, at now: Moment) -> [JSON] {
    let hasFinished = phase == "Succeeded" || phase == "Failed"
    let names = (pod["spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }.joined(separator: " ")
    let finished = phase == "Succeeded" ? "PodCompleted" : "PodFailed"
    let unready = hasFinished ? (finished, nil) : ("ContainersNotReady", "containers with unready status: [\(names)]" as String?)
    let gate = (pod["spec", "readinessGates"]?.array ?? []).compactMap { $0["conditionType"]?.string }.first { !pod.hasCondition($0) }
    let closed = gate.map {
      ("ReadinessGatesNotReady", "corresponding condition of pod readiness gate \"\($0)\" does not exist or is not True" as String?)
    }
    let isReady = containersReady && gate == nil
    return [
      condition("PodReadyToStartContainers", podIP != nil && !hasFinished, nil, of: pod, at: now),
      condition("Initialized", true, hasFinished && phase == "Succeeded" ? ("PodCompleted", nil) : nil, of: pod, at: now),
      condition("Ready", isReady, isReady ? nil : containersReady ? closed : unready, of: pod, at: now),
      condition("ContainersReady", containersReady, containersReady ? nil : unready, of: pod, at: now),
    ]
  }

  private func condition(
    _ type: String, _ holds: Bool, _ why: (reason: String, message: String?)?, of pod: JSON, at now: Moment
  ) -> JSON {
    let status = holds ? "True" : "False"
    let old = pod.condition(type)
    let since = old?["status"]?.string == status ? old?["lastTransitionTime"] : nil
    var json: JSON = [
      "type": .string(type), "observedGeneration": .int(Int64(pod.generation)), "status": .string(status), "lastProbeTime": nil,
      "lastTransitionTime": since ?? .string(now.timestamp),
    ]
    if let why {
      json["reason"] = .string(why.reason)
      if let message = why.message { json["message"] = .string(message) }
    }
    return json
  }

  private func containerStatus(_ container: JSON, of pod: JSON) -> JSON {
    let image = container["image"]?.string ?? ""
    let wasPulled = phase != "Pending" || restarts > 0
    var json: JSON = [
      "name": container["name"] ?? "", "image": .string(image),
      "imageID": .string(wasPulled ? ImageTag(reference: image).digestReference : ""), "ready": .bool(containersReady),
      "started": .bool(state.isRunning), "restartCount": .int(Int64(restarts)), "state": state.json, "lastState": lastState?.json ?? [:],
    ]
    if wasPulled { json["containerID"] = .string(containerID(of: pod.uidText)) }
    return json
  }

  /// Init containers succeed at once: what they would do, images and volumes, is not here.
  private func initStatus(_ container: JSON) -> JSON {
    let image = container["image"]?.string ?? ""
    return [
      "name": container["name"] ?? "", "image": .string(image), "imageID": .string(ImageTag(reference: image).digestReference),
      "ready": true, "restartCount": 0, "lastState": [:],
      "state": [
        "terminated": ["exitCode": 0, "reason": "Completed", "startedAt": .string(startTime), "finishedAt": .string(startTime)]
      ],
    ]
  }
}
