import Glibc
import KubernetesModel
import TestSupport
import Testing

@testable import RehearsalCluster

@Suite(.onOwnThread) struct DataPlaneForwarderTests {
  private static func route(_ bench: DataPlaneBench, to indexes: [Int]) -> ServiceRoute {
    ServiceRoute(
      name: "shop/web:80", front: Endpoint(address: bench.plan.clusterIP(0), port: 80), endpoints: indexes.map { bench.endpoint($0) })
  }

  private static func connect(_ bench: DataPlaneBench) throws -> DataPlaneSocket {
    try DataPlaneSocket(to: bench.plan.clusterIP(0), port: bench.plan.listeningPort(80))
  }

  private static func podName(_ answer: DataPlaneSocket.Answer) -> String {
    ["blue", "green"].first { answer.body.contains("\"pod\":\"\($0)\"") } ?? answer.body
  }

  @Test("New connections follow a flip at once, established ones stay with their pod")
  func flip() async throws {
    try await DataPlaneBench.run { bench in
      let pods = [try await bench.pod("blue", index: 0), try await bench.pod("green", index: 1)]
      bench.forwarder.program([Self.route(bench, to: [0])])
      await bench.forwarder.settled()
      let established = try Self.connect(bench)
      #expect(Self.podName(try established.get()) == "blue")
      bench.forwarder.program([Self.route(bench, to: [1])])
      for _ in 0..<50 { #expect(Self.podName(try Self.connect(bench).get()) == "green") }
      #expect(Self.podName(try established.get()) == "blue")
      #expect(bench.forwarder.counters["shop/web:80"] == ServiceCounters(connections: 51, refused: 0))
      for pod in pods { pod.kill() }
    }
  }

  @Test("Connections spread over all endpoints")
  func spread() async throws {
    try await DataPlaneBench.run { bench in
      let pods = [try await bench.pod("blue", index: 0), try await bench.pod("green", index: 1)]
      bench.forwarder.program([Self.route(bench, to: [0, 1])])
      await bench.forwarder.settled()
      let names = try (0..<60).map { _ in Self.podName(try Self.connect(bench).get()) }
      #expect(names.count { $0 == "blue" } > 10)
      #expect(names.count { $0 == "green" } > 10)
      for pod in pods { pod.kill() }
    }
  }

  @Test("What a test starts meanwhile holds no port open that is closed then")
  func startedMeanwhile() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("blue", index: 0)
      bench.forwarder.program([Self.route(bench, to: [0])])
      await bench.forwarder.settled()
      // A daemon outlives its shell, and lives longer than anybody waits here.
      let shell = try Shell("sleep 90 >/dev/null & echo $!")
      let daemon = try #require(pid_t(String(decoding: shell.read().dropLast(), as: UTF8.self)))
      defer { kill(daemon, SIGKILL) }
      #expect(shell.close() == 0)
      bench.forwarder.program([])
      await bench.forwarder.settled()
      try await eventuallyRefused { try Self.connect(bench).get().body }
      pod.kill()
    }
  }

  @Test("Without endpoints a Service refuses, until it has some again; connections that were there go on")
  func noEndpoints() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("blue", index: 0)
      bench.forwarder.program([Self.route(bench, to: [])])
      await bench.forwarder.settled()
      #expect(throws: DataPlaneSocket.Failure.refused) { try Self.connect(bench) }
      bench.forwarder.program([Self.route(bench, to: [0])])
      await bench.forwarder.settled()
      let established = try Self.connect(bench)
      #expect(Self.podName(try established.get()) == "blue")
      bench.forwarder.program([Self.route(bench, to: [])])
      bench.forwarder.program([Self.route(bench, to: [0])])
      bench.forwarder.program([])
      await bench.forwarder.settled()
      try await eventuallyRefused { try Self.connect(bench).get().body }
      #expect(Self.podName(try established.get()) == "blue")
      #expect(bench.forwarder.failures.isEmpty)
      pod.kill()
    }
  }

  @Test("An endpoint that is gone shows as a reset and is counted")
  func deadEndpoint() async throws {
    try await DataPlaneBench.run { bench in
      bench.forwarder.program([Self.route(bench, to: [7])])
      await bench.forwarder.settled()
      #expect(throws: DataPlaneSocket.Failure.reset) { try Self.connect(bench).get() }
      #expect(bench.forwarder.counters["shop/web:80"] == ServiceCounters(connections: 0, refused: 1))
    }
  }

  @Test("A pod's reset arrives as a reset, and an orderly end as an orderly end")
  func ends() async throws {
    try await DataPlaneBench.run { bench in
      let pods = [try await bench.pod("blue", index: 0), try await bench.pod("green", index: 1, image: "web:1--reset-rate-1")]
      bench.forwarder.program([Self.route(bench, to: [0])])
      await bench.forwarder.settled()
      let orderly = try Self.connect(bench)
      #expect(try orderly.get(headers: ["Connection: close"]).status == 200)
      try orderly.readToEnd()
      bench.forwarder.program([Self.route(bench, to: [1])])
      #expect(throws: DataPlaneSocket.Failure.reset) { try Self.connect(bench).get() }
      for pod in pods { pod.kill() }
    }
  }

  @Test("Clusters side by side hold different addresses, and a slot that was given back is free again")
  func claims() async throws {
    try await DataPlaneBench.run { bench in
      let other = try await AddressClaim.first(group: bench.group)
      #expect(other.plan.slot != bench.plan.slot)
      #expect(
        Set([other.plan.podNetwork, other.plan.serviceNetwork]).isDisjoint(with: [bench.plan.podNetwork, bench.plan.serviceNetwork]))
      await other.release()
    }
  }

  @Test("With a lag, endpoints converge before traffic moves")
  func lag() async throws {
    try await DataPlaneBench.run { bench in
      let objects = ControllerObjects(clock: bench.time.clock)
      var programmer = ServiceProgrammer(forwarder: bench.forwarder, lag: .milliseconds(300))
      let address = bench.plan.clusterIP(0)
      let service: JSON = [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web", "namespace": "shop"],
        "spec": ["clusterIP": .string(address), "ports": [["port": 80]]],
      ]
      _ = try objects.create(.services, service, by: "test")
      let due = programmer.tick(objects, now: bench.time.now)
      #expect(due == bench.time.now.uptime + .milliseconds(300))
      #expect(bench.forwarder.counters.isEmpty)
      bench.time.advance(by: .milliseconds(300))
      #expect(programmer.tick(objects, now: bench.time.now) == nil)
      #expect(bench.forwarder.counters == ["shop/web:80": ServiceCounters()])
    }
  }

  @Test("A connection carries more than sockets buffer both ways, and half-closes")
  func backpressure() async throws {
    try await DataPlaneBench.run { bench in
      let pod = try await bench.pod("blue", index: 0, image: "web:1--latency-ms-1")
      bench.forwarder.program([Self.route(bench, to: [0])])
      await bench.forwarder.settled()
      let connection = try Self.connect(bench)
      let body = String(repeating: "x", count: 3_000_000)
      try connection.write("POST / HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
      #expect(Self.podName(try connection.readAnswer()) == "blue")
      let requests = 300  // sent ahead, so that many answers are on their way before the first is read
      try connection.write(String(repeating: "GET / HTTP/1.1\r\n\r\n", count: requests))
      connection.finishWriting()
      var statuses: [Int: Int] = [:]
      for _ in 0..<requests { statuses[try connection.readAnswer().status, default: 0] += 1 }
      #expect(statuses == [200: requests])
      try connection.readToEnd()
      pod.kill()
    }
  }

  @Test(
    "ClusterIPs are told from other addresses",
    arguments: [("127.43.1.0", true), ("127.43.01.0", false), ("127.42.1.0", false), ("127.43.1", false)])
  func clusterIPs(address: String, isOne: Bool) {
    #expect(AddressPlan(slot: 0).isClusterIP(address) == isOne)
    #expect(AddressPlan(slot: 0).clusterIP(0) == "127.43.1.0")
  }

  @Test("Only ports that a plain user may not bind are moved")
  func shiftedPorts() {
    let plan = AddressPlan(slot: 0, privilegedPortShift: 8000)
    #expect([80, 1023, 1024, 8080].map(plan.listeningPort) == [8080, 9023, 1024, 8080])
  }
}
