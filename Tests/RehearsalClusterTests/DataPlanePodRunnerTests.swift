import KubernetesModel
import TestSupport
import Testing

@testable import RehearsalCluster

/// Pods' lives from the scheduler to the last connection, with real servers.
@Suite(.onOwnThread) struct DataPlanePodRunnerTests {
  @Test("Two colors come up, a flip moves new connections over, and the old color's end harms nobody")
  func blueGreen() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "r.example/web:1.3.0")
      try cluster.expose("blue")
      try await cluster.until("blue is available") { cluster.isAvailable("blue") }
      let pod = try #require(cluster.pods.first)
      let container = try #require(pod["status", "containerStatuses"]?[0])
      #expect(container["imageID"]?.string == ImageTag(reference: "r.example/web:1.3.0").digestReference)
      #expect(container["ready"] == true && container["started"] == true && container["restartCount"] == 0)
      #expect(
        pod["status", "conditions"]?.array?.map { $0["type"]?.string } == [
          "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
        ])
      #expect(pod["status", "conditions"]?.array?.allSatisfy { $0["status"] == "True" } == true)
      #expect(try cluster.get().contains(#""color":"blue""#))

      try cluster.deploy("green", image: "r.example/web:1.4.0")
      try await cluster.until("green is available") { cluster.isAvailable("green") }
      #expect(try cluster.get().contains(#""version":"1.3.0""#))
      try cluster.flip(to: "green")
      let green = Set(cluster.pods.filter { $0.labels["tagflip.dev/color"] == "green" }.compactMap { $0["status", "podIP"]?.string })
      try await cluster.until("the slices hold green alone") {
        Set(ServiceProgrammer.routes(cluster.objects).flatMap(\.endpoints).map(\.address)) == green
      }
      for _ in 0..<20 { #expect(try cluster.get().contains(#""color":"green","#)) }

      let blue = try #require(cluster.objects.get(.deployments, namespace: "shop", name: "web-blue"))
      try cluster.objects.delete(.deployments, blue, gracePeriod: nil, propagation: .background, by: "test")
      try await cluster.until("blue is gone") { cluster.pods.count == 2 }
      #expect(try cluster.get().contains(#""color":"green""#))
    }
  }

  @Test("An app that never gets ready stays out of the Service, and its probes say why")
  func neverReady() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--never-ready", replicas: 1)
      try cluster.expose("blue")
      try await cluster.until("a probe failed") { !cluster.events("Unhealthy").isEmpty }
      #expect(cluster.events("Unhealthy").first?["message"]?.string == "Readiness probe failed: HTTP probe failed with statuscode: 503")
      #expect(cluster.pods.first?.reason("Ready") == "ContainersNotReady")
      #expect(throws: DataPlaneSocket.Failure.refused) { try cluster.get() }
    }
  }

  @Test("A container that crashes is restarted, then backs off, and shows how it ended")
  func crashLoop() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--crashloop--exit-code-3--backoff-s-60", replicas: 1)
      try await cluster.until("it backs off") {
        cluster.pods.first?["status", "containerStatuses"]?[0]?["state", "waiting", "reason"] == "CrashLoopBackOff"
      }
      let status = try #require(cluster.pods.first?["status", "containerStatuses"]?[0])
      #expect(status["restartCount"] == 1)
      #expect(status["lastState", "terminated", "exitCode"] == 3)
      #expect(status["ready"] == false)
      #expect(cluster.pods.first?.phase == "Running")
      #expect(cluster.events("BackOff").count == 1)
    }
  }

  @Test("Running out of memory is told from a crash")
  func outOfMemory() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--oom-after-s-0.1", replicas: 1)
      try await cluster.until("it was killed") {
        cluster.pods.first?["status", "containerStatuses"]?[0]?["lastState", "terminated", "reason"] == "OOMKilled"
      }
      #expect(cluster.pods.first?["status", "containerStatuses"]?[0]?["lastState", "terminated", "exitCode"] == 137)
    }
  }

  @Test("An image that cannot be pulled keeps the pod Pending, first with an error, then backing off")
  func imagePull() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--image-pull-error", replicas: 1)
      for reason in ["ErrImagePull", "ImagePullBackOff"] {
        try await cluster.until(reason) {
          cluster.pods.first?["status", "containerStatuses"]?[0]?["state", "waiting", "reason"]?.string == reason
        }
      }
      #expect(cluster.pods.first?.phase == "Pending")
      #expect(cluster.pods.first?["status", "containerStatuses"]?[0]?["imageID"] == "")
    }
  }

  @Test("A missing ConfigMap holds the container back until it exists")
  func missingConfiguration() async throws {
    try await DataPlaneCluster.run { cluster in
      let container: JSON = [
        "name": "web", "image": "web:1", "envFrom": [["configMapRef": ["name": "settings"]]],
        "env": [["name": "NAME", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]],
      ]
      try cluster.deploy("blue", image: "web:1", replicas: 1, extra: ["containers": [container]])
      try cluster.expose("blue")
      try await cluster.until("it waits") {
        cluster.pods.first?["status", "containerStatuses"]?[0]?["state", "waiting", "reason"] == "CreateContainerConfigError"
      }
      #expect(cluster.pods.first?["status", "containerStatuses"]?[0]?["state", "waiting", "message"] == "configmap \"settings\" not found")
      let settings: JSON = [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "settings", "namespace": "shop"], "data": ["MODE": "fast"],
      ]
      _ = try cluster.objects.create(.configMaps, settings, by: "test")
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      let pod = try #require(cluster.pods.first)
      let address = try #require(pod["status", "podIP"]?.string)
      let environment = try DataPlaneSocket(to: address, port: 8080).get("/env").body
      #expect(environment == "{\"MODE\":\"fast\",\"NAME\":\"\(pod.name)\"}")
    }
  }

  @Test("A pod whose app goes bad leaves the Service")
  func goesUnready() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--unready--bad-after-requests-3", replicas: 1)
      try cluster.expose("blue")
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      for _ in 0..<4 { _ = try cluster.get() }
      try await cluster.until("it left") { ServiceProgrammer.routes(cluster.objects).first?.endpoints == [] }
      try await eventuallyRefused { try cluster.get() }
      #expect(cluster.log(of: cluster.pods[0]).contains("faults begin after 3 requests, 3 of them real"))
    }
  }

  @Test("A knob that does not exist is named in the pod's log")
  func problems() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--no-such-knob-3", replicas: 1)
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      #expect(cluster.log(of: cluster.pods[0]).first == "knobs that do not exist, or values that do not fit: no-such-knob=3")
    }
  }

  @Test("An app that ignores SIGTERM serves until its grace period is over")
  func ignoresTermination() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1--ignore-term", replicas: 1, extra: ["terminationGracePeriodSeconds": 1])
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      let pod = try #require(cluster.pods.first)
      let address = try #require(pod["status", "podIP"]?.string)
      let deployment = try #require(cluster.objects.get(.deployments, namespace: "shop", name: "web-blue"))
      try cluster.objects.delete(.deployments, deployment, gracePeriod: nil, propagation: .background, by: "test")
      try await cluster.until("it got its signal") { cluster.log(of: pod).contains("SIGTERM") }
      #expect(try DataPlaneSocket(to: address, port: 8080).get().status == 200)
      try await cluster.until("it is gone") { cluster.pods.isEmpty }
      try await waitUntil { (try? DataPlaneSocket(to: address, port: 8080)) == nil }
    }
  }

  @Test("A readiness gate keeps a pod unready until its condition is true")
  func readinessGate() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1", replicas: 1, extra: ["readinessGates": [["conditionType": "example.com/ok"]]])
      try await cluster.until("its containers are ready") { cluster.pods.first?.hasCondition("ContainersReady") ?? false }
      #expect(cluster.pods.first?.reason("Ready") == "ReadinessGatesNotReady")
      var pod = try #require(cluster.pods.first)
      let gate: JSON = ["type": "example.com/ok", "status": "True"]
      pod["status", "conditions"] = .array((pod["status", "conditions"]?.array ?? []) + [gate])
      _ = try cluster.objects.updateStatus(.pods, pod, by: "test")
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      #expect(cluster.pods.first?.hasCondition("example.com/ok") == true)
    }
  }

  @Test("A Job's check of a Service by name succeeds, and its log says what it saw")
  func job() async throws {
    try await DataPlaneCluster.run { cluster in
      try cluster.deploy("blue", image: "web:1.4.0", replicas: 1)
      try cluster.expose("blue")
      try await cluster.until("it is available") { cluster.isAvailable("blue", 1) }
      let container: JSON = [
        "name": "check", "image": "check:1", "command": ["http-check", "http://web.shop.svc.cluster.local/", "200", "2"],
      ]
      let job: JSON = [
        "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "check", "namespace": "shop"],
        "spec": ["completions": 1, "template": ["spec": ["restartPolicy": "Never", "containers": [container]]]],
      ]
      _ = try cluster.objects.create(.jobs, job, by: "test")
      try await cluster.until("it is complete") { cluster.objects.list(.jobs).first?.hasCondition("Complete") ?? false }
      let pod = try #require(cluster.pods.first { $0.phase == "Succeeded" })
      #expect(cluster.log(of: pod).filter { $0.contains(": 200 ") && $0.contains(#""version":"1.4.0""#) }.count == 2)
    }
  }
}
