import KubernetesModel
import Testing

@testable import RehearsalCluster

/// What a Deployment says and does on its way, as a real control plane was recorded saying and doing it.
@Suite struct ControllerDeploymentTests {
  @Test("A new Deployment goes through the recorded statuses until it is available")
  func creation() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 2), by: "test")
    bench.settle()
    let starting = bench.deployment()
    #expect(starting.numbers == ["replicas": 2, "updatedReplicas": 2, "unavailableReplicas": 2, "terminatingReplicas": 0])
    #expect(starting["status", "observedGeneration"] == 1)
    #expect(starting.annotations == ["deployment.kubernetes.io/revision": "1"])
    #expect(starting.reason("Available") == "MinimumReplicasUnavailable")
    #expect(starting.reason("Progressing") == "ReplicaSetUpdated")
    try bench.setPods(ready: true)
    bench.settle()
    let done = bench.deployment()
    #expect(done.numbers == ["replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2, "terminatingReplicas": 0])
    #expect(done.reason("Available") == "MinimumReplicasAvailable")
    #expect(done.reason("Progressing") == "NewReplicaSetAvailable")
    let replicaSet = try #require(bench.replicaSets.first)
    #expect(done.condition("Progressing")?["message"]?.string == "ReplicaSet \"\(replicaSet.name)\" has successfully progressed.")
    #expect(replicaSet.annotations["deployment.kubernetes.io/max-replicas"] == "3")
    #expect(bench.pods.allSatisfy { $0.name.hasPrefix("\(replicaSet.name)-") && $0.isControlled(by: replicaSet) })
    #expect(replicaSet["spec", "selector", "matchLabels", "pod-template-hash"]?.string.map { "web-\($0)" } == replicaSet.name)
  }

  @Test("A rolling update never has fewer ready pods than wanted, nor more in all than the surge allows")
  func rollingUpdate() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 3), by: "test")
    bench.settle()
    try bench.setPods(ready: true)
    bench.settle()
    try bench.changeDeployment { $0["spec", "template", "spec", "containers"] = [["name": "app", "image": "app:2"]] }
    var seen: [[Int]] = []
    for turn in 0..<80 where bench.deployment().reason("Progressing") != "NewReplicaSetAvailable" || seen.isEmpty {
      bench.round()
      let active = bench.pods.filter(\.isActivePod)
      #expect(active.count { $0.isReadyPod } >= 3)
      #expect(active.count <= 4)
      let numbers = bench.deployment().numbers
      seen.append(["replicas", "updatedReplicas", "availableReplicas"].map { numbers[$0] ?? 0 })
      guard turn % 4 == 3 else { continue }  // new pods are seen before they are ready
      try bench.setPods(ready: true)
      try bench.reap()
    }
    bench.settle()
    #expect(bench.deployment().numbers["updatedReplicas"] == 3)
    #expect(bench.deployment().annotations["deployment.kubernetes.io/revision"] == "2")
    #expect(bench.pods.allSatisfy { $0["spec", "containers"]?[0]?["image"] == "app:2" })
    for step in [[4, 1, 3], [3, 1, 3], [4, 2, 3]] { #expect(seen.contains(step), "\(step) in \(seen)") }
  }

  @Test("Until the controller has looked, the status speaks of the generation before")
  func observedGeneration() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1), by: "test")
    bench.settle()
    try bench.setPods(ready: true)
    bench.settle()
    try bench.changeDeployment { $0["spec", "replicas"] = 2 }
    #expect(bench.deployment().generation == 2)
    #expect(bench.deployment()["status", "observedGeneration"] == 1)
    #expect(bench.deployment().reason("Progressing") == "NewReplicaSetAvailable")
    bench.settle()
    #expect(bench.deployment()["status", "observedGeneration"] == 2)
  }

  @Test("The progress deadline passes by itself, without an Event, and a later template recovers")
  func progressDeadline() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(
      .deployments, ControllerBench.deployment(replicas: 2, extra: ["progressDeadlineSeconds": 3]), by: "test")
    bench.settle()
    let due = try #require(bench.nextDue)
    #expect(due == bench.time.now.uptime + .seconds(4))
    bench.wait(.seconds(4))
    #expect(bench.deployment().reason("Progressing") == "ProgressDeadlineExceeded")
    #expect(bench.deployment().condition("Progressing")?["status"] == "False")
    #expect(bench.objects.list(.events).allSatisfy { $0["reason"] != "ProgressDeadlineExceeded" })
    #expect(bench.nextDue == nil)
    try bench.setPods(ready: true)
    bench.settle()
    #expect(bench.deployment().reason("Progressing") == "NewReplicaSetAvailable")
  }

  @Test("Pods count as available only after they were ready for minReadySeconds")
  func minReadySeconds() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1, extra: ["minReadySeconds": 5]), by: "test")
    bench.settle()
    try bench.setPods(ready: true)
    bench.settle()
    #expect(bench.deployment().numbers["readyReplicas"] == 1)
    #expect(bench.deployment().numbers["availableReplicas"] == nil)
    let due = try #require(bench.nextDue)
    bench.wait(due - bench.time.now.uptime)
    #expect(bench.deployment().numbers["availableReplicas"] == 1)
  }

  @Test("A paused Deployment scales but does not roll, and says that it is paused")
  func pause() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 3), by: "test")
    bench.settle()
    try bench.setPods(ready: true)
    bench.settle()
    try bench.changeDeployment {
      $0["spec", "paused"] = true
      $0["spec", "template", "spec", "containers"] = [["name": "app", "image": "app:4"]]
    }
    bench.settle()
    let paused = bench.deployment()
    #expect(paused.numbers == ["replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "terminatingReplicas": 0])
    #expect(paused.reason("Progressing") == "DeploymentPaused")
    #expect(paused.condition("Progressing")?["status"] == "Unknown")
    #expect(bench.replicaSets.count == 1)
    try bench.changeDeployment { $0["spec", "replicas"] = 5 }
    bench.settle()
    #expect(bench.pods.count == 5)
    try bench.changeDeployment { $0["spec", "paused"] = nil }
    bench.settle()
    #expect(bench.replicaSets.count == 2)
  }

  @Test("Recreate ends all old pods before the first new one comes")
  func recreate() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 2, strategy: ["type": "Recreate"]), by: "test")
    bench.settle()
    for pod in bench.pods { try bench.objects.bind(pod, toNode: "n", by: "test") }
    try bench.setPods(ready: true)
    bench.settle()
    try bench.changeDeployment { $0["spec", "template", "spec", "containers"] = [["name": "app", "image": "app:2"]] }
    bench.settle()
    #expect(bench.pods.count == 2 && bench.pods.allSatisfy(\.isDeleting))
    try bench.reap()
    bench.settle()
    #expect(bench.pods.count == 2 && bench.pods.allSatisfy { $0["spec", "containers"]?[0]?["image"] == "app:2" })
  }

  @Test("Scaled to 0 it says what was recorded; scaling ends the youngest pods that are not ready first")
  func scaling() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 3), by: "test")
    bench.settle()
    let unready = try #require(bench.pods.first).uidText
    try bench.setPods(ready: true) { $0.uidText != unready }
    bench.settle()
    try bench.changeDeployment { $0["spec", "replicas"] = 2 }
    bench.settle()
    #expect(!bench.pods.contains { $0.uidText == unready })
    try bench.changeDeployment { $0["spec", "replicas"] = 0 }
    bench.settle()
    #expect(bench.deployment().numbers == ["terminatingReplicas": 0])
    #expect(bench.deployment().reason("Available") == "MinimumReplicasAvailable")
  }

  @Test("A refused pod shows on the ReplicaSet and the Deployment, is tried again later, and goes when pods are let in")
  func replicaFailure() throws {
    var bench = ControllerBench()
    bench.objects.refusesPods = "pods \"web\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 2), by: "test")
    bench.settle()
    #expect(bench.deployment().reason("ReplicaFailure") == "FailedCreate")
    #expect(bench.deployment().condition("ReplicaFailure")?["message"]?.string?.contains("exceeded quota") == true)
    #expect(bench.deployment().numbers == ["unavailableReplicas": 2, "terminatingReplicas": 0])
    #expect(bench.nextDue == bench.time.now.uptime + .milliseconds(500))
    bench.objects.refusesPods = nil
    bench.wait(.milliseconds(500))
    #expect(bench.deployment().condition("ReplicaFailure") == nil)
    #expect(bench.pods.count == 2)
  }

  @Test("Going back to an old template reuses its ReplicaSet under a new revision")
  func rollback() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1), by: "test")
    for image in ["app:1", "app:2", "app:1"] {
      try bench.changeDeployment { $0["spec", "template", "spec", "containers"] = [["name": "app", "image": .string(image)]] }
      for _ in 0..<6 {
        bench.settle()
        try bench.setPods(ready: true)
      }
    }
    #expect(bench.replicaSets.count == 2)
    #expect(bench.deployment().annotations["deployment.kubernetes.io/revision"] == "3")
    let reused = try #require(bench.replicaSets.first { $0["spec", "replicas"] == 1 })
    #expect(reused.annotations["deployment.kubernetes.io/revision-history"] == "1")
  }

  @Test("Old ReplicaSets go when there are more than the history keeps")
  func history() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1, extra: ["revisionHistoryLimit": 1]), by: "test")
    for number in 1...4 {
      try bench.changeDeployment { $0["spec", "template", "spec", "containers"] = [["name": "app", "image": .string("app:\(number)")]] }
      for _ in 0..<6 {
        bench.settle()
        try bench.setPods(ready: true)
      }
    }
    #expect(bench.replicaSets.count == 2)
  }

  @Test("An orphaned ReplicaSet is adopted again, and one whose labels no longer match is let go")
  func adoption() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1), by: "test")
    bench.settle()
    try bench.objects.delete(.deployments, bench.deployment(), gracePeriod: nil, propagation: .orphan, by: "test")
    bench.settle()
    #expect(bench.deployment() == [:])
    #expect(bench.replicaSets.map(\.ownerReferences) == [[]])
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 1), by: "test")
    bench.settle()
    #expect(bench.replicaSets.count == 1)
    #expect(bench.replicaSets.first?.isControlled(by: bench.deployment()) == true)
    var stray = try #require(bench.replicaSets.first)
    stray["metadata", "labels", "app"] = "other"
    _ = try bench.objects.update(.replicaSets, stray, by: "test")
    bench.settle()
    #expect(bench.objects.get(.replicaSets, namespace: "shop", name: stray.name)?.ownerReferences == [])
  }

  @Test(
    "Deleting a Deployment takes its pods along, in the foreground before it goes itself",
    arguments: [DeletionPropagation.background, .foreground])
  func deletion(propagation: DeletionPropagation) throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 2), by: "test")
    bench.settle()
    for pod in bench.pods { try bench.objects.bind(pod, toNode: "n", by: "test") }
    try bench.objects.delete(.deployments, bench.deployment(), gracePeriod: nil, propagation: propagation, by: "test")
    bench.settle()
    #expect(bench.pods.count == 2 && bench.pods.allSatisfy(\.isDeleting))
    #expect((bench.deployment() == [:]) == (propagation == .background))
    try bench.reap()
    bench.settle()
    #expect(bench.deployment() == [:] && bench.replicaSets.isEmpty && bench.pods.isEmpty)
  }

  @Test("Percentages round up for the surge and down for what may be missing", arguments: [(10, 3, 2), (4, 1, 1), (1, 1, 0), (3, 1, 0)])
  func fenceposts(replicas: Int64, surge: Int, unavailable: Int) {
    let spec = DeploymentSpec(ControllerBench.deployment(replicas: replicas, strategy: ["type": "RollingUpdate", "rollingUpdate": [:]]))
    #expect([spec.maxSurge, spec.maxUnavailable] == [surge, unavailable])
  }
}
