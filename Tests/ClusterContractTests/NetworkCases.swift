import KubernetesModel
import Testing

// EndpointSlices, the flip of a selector, and the way to a pod.
extension ContractCase {
  private static func slices(_ service: String) -> String { "endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D\(service)" }

  /// The addresses in a list of slices, those alone whose condition is as wanted.
  private static func addresses(_ list: JSON, ready: Bool = true) -> [String] {
    (list["items"]?.array ?? []).flatMap { $0["endpoints"]?.array ?? [] }
      .filter { ($0["conditions", "ready"]?.bool ?? false) == ready }.compactMap { $0["addresses"]?[0]?.string }
  }

  static let network: [ContractCase] = [
    ContractCase("A Service without a pod has an empty slice; one without a selector none") { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      try await bench.post("services", #"{"metadata":{"name":"free"},"spec":{"ports":[{"port":80}]}}"#).expect(201)
      let list = try await bench.eventually(slices("web")) { $0["items"]?.array?.count == 1 }
      let slice = try #require(list["items"]?[0])
      #expect(slice["endpoints"]?.isNull == true && slice["addressType"] == "IPv4")
      #expect(slice.labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io")
      #expect(slice["metadata", "ownerReferences"]?[0]?["kind"] == "Service")
      #expect(try await bench.get(slices("free")).json["items"] == [])
    },
    ContractCase("A flip changes the one slice in place; to nothing, it stays with null; a deleted Service takes it along") { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      for color in ["blue", "green"] {
        try await bench.post("deployments", Objects.deployment("web-\(color)", replicas: 1, color: color)).expect(201)
      }
      let before = try await bench.eventually(slices("web")) { addresses($0).count == 1 }
      try await bench.eventually("deployments/web-green") { $0["status", "availableReplicas"] == 1 }
      let old = addresses(before)
      let name = try #require(before["items"]?[0]?.name)
      let version = before.resourceVersion ?? ""
      let events = try await bench.watch("\(slices("web"))&watch=1&timeoutSeconds=30&resourceVersion=\(version)", until: { _ in true }) {
        try await bench.patch(.json, "services/web", #"[{"op":"replace","path":"/spec/selector/color","value":"green"}]"#).expect(200)
      }
      #expect(events.map { $0["type"] } == ["MODIFIED"] && events[0]["object"]?.name == name)
      let after = addresses(["items": [events[0]["object"] ?? .null]])
      #expect(after.count == 1 && after != old)
      let target = events[0]["object", "endpoints"]?[0]?["targetRef"]
      #expect(target?["kind"] == "Pod" && target?["name"]?.string?.hasPrefix("web-green-") == true)
      #expect(events[0]["object", "ports"]?[0] == ["name": "http", "port": 8080, "protocol": "TCP"])
      try await bench.patch(.merge, "services/web", #"{"spec":{"selector":{"color":"none"}}}"#).expect(200)
      let empty = try await bench.eventually(slices("web")) {
        addresses($0).isEmpty && $0["items"]?[0]?["endpoints"]?.array?.isEmpty ?? true
      }
      #expect(empty["items"]?.array?.map(\.name) == [name] && empty["items"]?[0]?["endpoints"]?.isNull == true)
      try await bench.get("services/web/proxy/").expect(503, "ServiceUnavailable", "no endpoints available for service \"web\"")
      try await bench.delete("services/web").expect(200)
      try await bench.eventually(slices("web")) { $0["items"] == [] }
    },
    ContractCase("A pod on its way out is not ready, still serving, and terminating") { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      try await bench.post("deployments", Objects.deployment(replicas: 1, annotations: #"{"fake/term-delay-ms":"4000"}"#)).expect(201)
      let list = try await bench.eventually(slices("web")) { addresses($0).count == 1 }
      let pod = try #require(list["items"]?[0]?["endpoints"]?[0]?["targetRef", "name"]?.string)
      #expect(list["items"]?[0]?["endpoints"]?[0]?["conditions"] == ["ready": true, "serving": true, "terminating": false])
      let events = try await bench.watch(
        "\(slices("web"))&watch=1&timeoutSeconds=30&resourceVersion=\(list.resourceVersion ?? "")",
        until: { event in
          (event["object", "endpoints"]?.array ?? []).contains { $0["conditions", "terminating"] == true }
        }
      ) { try await bench.delete("pods/\(pod)").expect(200) }
      let leaving = events.last?["object", "endpoints"]?.array?.first { $0["targetRef", "name"]?.string == pod }
      #expect(leaving?["conditions"] == ["ready": false, "serving": true, "terminating": true])
    },
    ContractCase("Pods that are not ready are in the slice and get nothing") { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      try await bench.post("deployments", Objects.deployment(replicas: 1, annotations: #"{"fake/never-ready":"true"}"#)).expect(201)
      let list = try await bench.eventually(slices("web")) { addresses($0, ready: false).count == 1 }
      #expect(list["items"]?[0]?["endpoints"]?[0]?["conditions"] == ["ready": false, "serving": false, "terminating": false])
      try await bench.get("services/web/proxy/").expect(503, "ServiceUnavailable", "no endpoints available for service \"web\"")
    },
    ContractCase("A named target port is each pod's own; one that no container has is left out") { bench in
      let ports = #"[{"name":"web","port":80,"targetPort":"http"},{"name":"other","port":81,"targetPort":"nosuch"}]"#
      try await bench.post("services", #"{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":\#(ports)}}"#).expect(201)
      try await bench.post("deployments", Objects.deployment(replicas: 1)).expect(201)
      let list = try await bench.eventually(slices("web")) { addresses($0).count == 1 }
      #expect(list["items"]?[0]?["ports"] == [["name": "web", "port": 8080, "protocol": "TCP"]])
    },
    ContractCase(
      "The way to a Service's pods leads through the API server, by port name or number, and without either to a port without a name"
    ) { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      try await bench.post("deployments", Objects.deployment(replicas: 1)).expect(201)
      try await bench.eventually(slices("web")) { addresses($0).count == 1 }
      for name in ["web:http", "web:80", "http:web:http"] {
        let answer = try await bench.get("services/\(name)/proxy/hello?x=1").expect(200)
        #expect(answer.json["color"] == "blue" && answer.json["version"] == "1.0.0", "\(name): \(answer.text)")
      }
      for name in ["web", "web:nosuch"] {
        try await bench.get("services/\(name)/proxy/").expect(
          503, "ServiceUnavailable", mentions: ["no endpoints available for service \"\(name)\""])
      }
      try await bench.post(
        "services", #"{"metadata":{"name":"bare"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}"#)
      try await bench.eventually(slices("bare")) { addresses($0).count == 1 }
      #expect(try await bench.get("services/bare/proxy/").expect(200).json["color"] == "blue")
      try await bench.get("services/nosuch/proxy/").expect(404, "NotFound", "services \"nosuch\" not found")
    },
    ContractCase("Endpoints are told the old way too, with a warning") { bench in
      try await bench.post("services", Objects.service("web")).expect(201)
      try await bench.post("deployments", Objects.deployment(replicas: 1)).expect(201)
      try await bench.eventually("endpoints/web") { $0["subsets"]?[0]?["addresses"]?.array?.count == 1 }
      #expect(try await bench.get("endpoints/web").warnings.contains { $0.contains("v1 Endpoints is deprecated in v1.33+") })
    },
  ]
}
