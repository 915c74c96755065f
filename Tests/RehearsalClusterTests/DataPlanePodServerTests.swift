import KubernetesModel
import TestSupport
import Testing

@testable import RehearsalCluster

@Suite(.onOwnThread) struct DataPlanePodServerTests {
  @Test("Every path answers who serves it, on a connection that lives on")
  func identity() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web-1", index: 0)
      let connection = try bench.connect(toPod: 0)
      for path in ["/", "/any/path?query", "/healthz"] {
        let answer = try connection.get(path)
        #expect(answer.status == 200)
        #expect(answer.body == #"{"color":"","pod":"web-1","service":"web","version":"1--ready-delay-ms-0"}"#)
      }
      #expect(try connection.get("/", method: "HEAD").body == "")
      #expect(try connection.get("/env").body == #"{"GREETING":"hello"}"#)
      #expect(try connection.get("/metrics").body == "# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} 3\n")
      pod.kill()
    }
  }

  @Test("Requests sent ahead of their answers are answered in order")
  func pipelining() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web-1", index: 0, image: "web:1--ready-delay-ms-0--latency-ms-5")
      let connection = try bench.connect(toPod: 0)
      try connection.write("GET / HTTP/1.1\r\n\r\nGET /env HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
      #expect(try connection.readAnswer().body.contains("web-1"))
      #expect(try connection.readAnswer().body == #"{"GREETING":"hello"}"#)
      #expect(try connection.readAnswer().head.contains("Connection: close"))
      try connection.readToEnd()
      pod.kill()
    }
  }

  @Test("Probe paths answer 503 until the app is ready")
  func readiness() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web-1", index: 0, image: "web:1")
      let connection = try bench.connect(toPod: 0)
      #expect(try connection.get("/readyz").status == 503)
      #expect(try connection.get("/", headers: ["User-Agent: kube-probe/1.36"]).status == 503)
      #expect(try connection.get("/").status == 200)
      bench.time.advance(by: .milliseconds(200))
      #expect(try connection.get("/readyz").status == 200)
      pod.kill()
    }
  }

  @Test("The same seed fails the same requests, at about the rate that was asked for")
  func errorRate() async throws {
    try await DataPlaneBench.run { bench in
      var runs: [[Int]] = []
      for index in 0..<2 {
        let pod = try await bench.pod("web", index: index, image: "web:1--error-rate-0.3--error-status-502", seed: 42)
        let connection = try bench.connect(toPod: index)
        runs.append(try (0..<200).map { _ in try connection.get().status })
        #expect(try connection.get("/metrics").body.contains("{code=\"502\"} \(runs[index].count { $0 == 502 })\n"))
        pod.kill()
      }
      #expect(runs[0] == runs[1])
      #expect((30...90).contains(runs[0].count { $0 == 502 }))
    }
  }

  @Test("Faults wait until enough real requests were served; smoke tests do not count")
  func badAfterRealRequests() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web", index: 0, image: "web:1--error-rate-1--bad-after-real-requests-2")
      let connection = try bench.connect(toPod: 0)
      for agent in ["User-Agent: tagflip/1", "User-Agent: my-SMOKE", "X-Smoke: 1"] {
        #expect(try connection.get(headers: [agent]).status == 200)
      }
      let real = try (0..<4).map { _ in try connection.get().status }
      #expect(real == [200, 200, 500, 500])
      pod.kill()
    }
  }

  @Test("A reset is a reset, not an orderly end")
  func reset() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web", index: 0, image: "web:1--reset-rate-1")
      #expect(throws: DataPlaneSocket.Failure.reset) { try bench.connect(toPod: 0).get() }
      pod.kill()
    }
  }

  @Test("A crash loop, running out of memory and a crash end the container by themselves")
  func exits() async throws {
    try await DataPlaneBench.run { bench in
      let looping = try await bench.pod("a", index: 0, image: "web:1--crashloop--exit-code-3")
      let hungry = try await bench.pod("b", index: 1, image: "web:1--oom-after-s-2")
      let crashing = try await bench.pod("c", index: 2, image: "web:1--crash--bad-after-requests-1")
      for pod in [looping, hungry, crashing] { pod.advance() }
      #expect([looping.exit, hungry.exit, crashing.exit] == [nil, nil, nil])
      #expect(looping.nextDue == bench.time.now.uptime + .milliseconds(300))
      _ = try bench.connect(toPod: 2).get()
      bench.time.advance(by: .seconds(2))
      for pod in [looping, hungry, crashing] { pod.advance() }
      #expect(looping.exit == ContainerExit(code: 3, reason: "Error"))
      #expect(hungry.exit == ContainerExit(code: 137, reason: "OOMKilled"))
      #expect(crashing.exit == ContainerExit(code: 1, reason: "Error"))
      #expect(looping.nextDue == nil)
      for pod in [looping, hungry, crashing] { pod.kill() }
    }
  }

  @Test("An app that ends serves on, fails its probes, then lets requests in flight finish and accepts no more")
  func termination() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web", index: 0, image: "web:1--ready-delay-ms-0--latency-ms-2000")
      let idle = try bench.connect(toPod: 0)
      #expect(try idle.get("/readyz").status == 200)
      pod.beginTermination()
      #expect(try idle.get("/readyz").status == 503)
      #expect(try bench.connect(toPod: 0).get().status == 200)
      let busy = try bench.connect(toPod: 0)
      try busy.write("GET / HTTP/1.1\r\n\r\n")
      try await waitUntil { pod.connections.busy == 1 }
      pod.drain()
      try idle.readToEnd()
      try await waitUntil { (try? bench.connect(toPod: 0)) == nil }
      let last = try busy.readAnswer()
      #expect(last.status == 200 && last.head.contains("Connection: close"))
      try await waitUntil { pod.connections.open == 0 }
    }
  }

  @Test("Whatever is still open when the app is killed is reset")
  func kill() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("web", index: 0, image: "web:1--latency-ms-60000")
      let busy = try bench.connect(toPod: 0)
      try busy.write("GET / HTTP/1.1\r\n\r\n")
      try await waitUntil { pod.connections.busy == 1 }
      pod.kill()
      #expect(throws: DataPlaneSocket.Failure.reset) { try busy.readAnswer() }
      try await waitUntil { (try? bench.connect(toPod: 0)) == nil }
    }
  }

  @Test("A port that another process holds is reported, and nothing stays open")
  func portTaken() async throws {
    try await DataPlaneBench.run { bench in
      let first = try await bench.pod("a", index: 0)
      let log = PodLog(clock: bench.time.clock)
      let configuration = PodServer.Configuration(pod: "b", behaviour: PodBehaviour(pod: [:], environment: [:]), seed: 1)
      let second = PodServer(configuration, clock: bench.time.clock, group: bench.group, log: log) {}
      second.listen(address: bench.plan.podAddress(0), ports: [9090, 8080])
      try await waitUntil { second.listening != .opening }
      guard case .failed = second.listening else {
        Issue.record("\(second.listening)")
        return
      }
      #expect(log.lines().map(\.text).first?.hasPrefix("cannot listen on") == true)
      try await waitUntil { (try? DataPlaneSocket(to: bench.plan.podAddress(0), port: 9090)) == nil }
      first.kill()
    }
  }

  @Test("A restarted container waits until the one before has let go of its port")
  func portOfTheOneBefore() async throws {
    try await DataPlaneBench.run { bench in
      let first = try await bench.pod("a", index: 0)
      let log = PodLog(clock: bench.time.clock)
      let configuration = PodServer.Configuration(pod: "b", behaviour: PodBehaviour(pod: [:], environment: [:]), seed: 1)
      let second = PodServer(configuration, clock: bench.time.clock, group: bench.group, log: log) {}
      second.listen(address: bench.plan.podAddress(0), ports: [8080])
      try await Task.sleep(for: .milliseconds(100))
      #expect(second.listening == .opening)
      first.kill()
      try await waitUntil { second.listening == .open }
      second.kill()
    }
  }
}
