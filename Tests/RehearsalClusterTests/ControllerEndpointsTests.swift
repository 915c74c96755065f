import KubernetesModel
import Testing

@testable import RehearsalCluster

/// EndpointSlices have the shape and the changes that were recorded of a real control plane.
@Suite struct ControllerEndpointsTests {
  private static func service(_ selector: JSON, extra: [String: JSON] = [:]) -> JSON {
    var service: JSON = [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["selector": selector, "clusterIP": "127.43.1.0", "ports": [["name": "http", "port": 80, "targetPort": 8080]]],
    ]
    for (key, value) in extra { service["spec", key] = value }
    return service
  }

  private static func pod(_ name: String, color: String, address: String) -> JSON {
    [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "namespace": "shop", "labels": ["color": .string(color)]],
      "spec": ["nodeName": "n", "containers": [["name": "app", "ports": [["name": "web", "containerPort": 8080]]]]],
    ]
  }

  private static func bench(_ service: JSON) throws -> ControllerBench {
    let bench = ControllerBench([EndpointsController()])
    _ = try bench.objects.create(.services, service, by: "test")
    for (name, color, address) in [("blue", "blue", "127.42.1.0"), ("green", "green", "127.42.1.1")] {
      var pod = try bench.objects.create(.pods, pod(name, color: color, address: address), by: "test")
      pod["status", "podIP"] = .string(address)
      _ = try bench.objects.updateStatus(.pods, pod, by: "test")
    }
    return bench
  }

  private static func slices(_ bench: ControllerBench) -> [JSON] { bench.objects.list(.endpointSlices) }

  private static func changeService(_ bench: ControllerBench, _ change: (inout JSON) -> Void) throws {
    var service = try #require(bench.objects.list(.services).first)
    change(&service)
    _ = try bench.objects.update(.services, service, by: "test")
  }

  @Test("A flip changes the one slice in place, in one write")
  func flip() throws {
    var bench = try Self.bench(Self.service(["color": "blue"]))
    try bench.setPods(ready: true)
    bench.settle()
    let before = try #require(Self.slices(bench).first)
    #expect(before["endpoints"]?.array?.count == 1)
    #expect(
      before["endpoints"]?[0] == [
        "addresses": ["127.42.1.0"], "conditions": ["ready": true, "serving": true, "terminating": false], "nodeName": "n",
        "targetRef": ["kind": "Pod", "namespace": "shop", "name": "blue", "uid": .string(bench.pods[0].uidText)],
      ])
    #expect(before["ports"] == [["name": "http", "protocol": "TCP", "port": 8080]])
    #expect(before.labels[EndpointsController.serviceName] == "web")
    let writes = bench.objects.writes.count
    try Self.changeService(bench) { $0["spec", "selector"] = ["color": "green"] }
    bench.settle()
    let after = Self.slices(bench)
    #expect(after.map(\.uidText) == [before.uidText])
    #expect(after.first?["endpoints"]?[0]?["addresses"] == ["127.42.1.1"])
    #expect(bench.objects.writes.dropFirst(writes).filter { $0.contains("endpointslices") }.count == 1)
  }

  @Test("Without matching pods the slice stays, with endpoints and ports that are null")
  func nothing() throws {
    var bench = try Self.bench(Self.service(["color": "red"]))
    bench.settle()
    #expect(Self.slices(bench).first?["endpoints"] == .null)
    #expect(Self.slices(bench).first?["ports"] == .null)
    #expect(bench.objects.list(.endpoints).first?["subsets"] == nil)
  }

  @Test("Pods that are not ready, or on their way out, say so")
  func conditions() throws {
    var bench = try Self.bench(Self.service(["color": "blue"]))
    bench.settle()
    #expect(Self.slices(bench).first?["endpoints"]?[0]?["conditions"] == ["ready": false, "serving": false, "terminating": false])
    #expect(bench.objects.list(.endpoints).first?["subsets"]?[0]?["notReadyAddresses"]?.array?.count == 1)
    try bench.setPods(ready: true)
    bench.settle()
    try bench.objects.delete(.pods, bench.pods[0], gracePeriod: nil, propagation: .background, by: "test")
    bench.settle()
    #expect(Self.slices(bench).first?["endpoints"]?[0]?["conditions"] == ["ready": false, "serving": true, "terminating": true])
    #expect(ServiceProgrammer.routes(bench.objects).map(\.endpoints) == [[Endpoint(address: "127.42.1.0", port: 8080)]])
  }

  @Test("publishNotReadyAddresses makes every pod ready, and a port by name is looked up in the pod")
  func publishing() throws {
    let ports: JSON = [["port": 80, "targetPort": "web"]]
    var bench = try Self.bench(Self.service(["color": "blue"], extra: ["publishNotReadyAddresses": true, "ports": ports]))
    bench.settle()
    let slice = try #require(Self.slices(bench).first)
    #expect(slice["endpoints"]?[0]?["conditions"]?["ready"] == true)
    #expect(slice["ports"] == [["name": "", "protocol": "TCP", "port": 8080]])
  }

  @Test("Routes name the ready endpoints of each port; a headless Service has none")
  func routes() throws {
    var bench = try Self.bench(Self.service(["color": "blue"]))
    try bench.setPods(ready: true)
    bench.settle()
    let front = Endpoint(address: "127.43.1.0", port: 80)
    let expected = ServiceRoute(name: "shop/web:80", front: front, endpoints: [Endpoint(address: "127.42.1.0", port: 8080)])
    #expect(ServiceProgrammer.routes(bench.objects) == [expected])
    try Self.changeService(bench) { $0["spec", "clusterIP"] = "None" }
    #expect(ServiceProgrammer.routes(bench.objects).isEmpty)
  }

  @Test("A Service that goes takes its Endpoints along")
  func removal() throws {
    var bench = try Self.bench(Self.service(["color": "blue"]))
    bench.settle()
    try bench.objects.delete(
      .services, try #require(bench.objects.list(.services).first), gracePeriod: nil, propagation: .background, by: "test")
    bench.settle()
    #expect(bench.objects.list(.endpoints).isEmpty)
  }
}
