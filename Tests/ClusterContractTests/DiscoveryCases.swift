import KubernetesModel
import Testing

// What clients ask before anything else, and how answers are spelled.
extension ContractCase {
  static let discovery: [ContractCase] = [
    ContractCase("Version and health are told to everybody") { bench in
      let version = try await bench.get("/version").expect(200)
      #expect(version.json["gitVersion"]?.string?.hasPrefix("v1.") == true && version.json["major"] == "1")
      for path in ["/healthz", "/livez", "/readyz"] { #expect(try await bench.get(path).text == "ok") }
    },
    ContractCase("An unknown group and an unknown path are a plain text, an unknown resource of a known group is a Status") { bench in
      for path in ["/apis/nosuch.example/v1/widgets", "/nosuch"] {
        let answer = try await bench.get(path).expect(404)
        #expect(answer.text == "404 page not found\n" && answer.contentType.hasPrefix("text/plain"))
      }
      for path in ["/api/v1/widgets", "/apis/apps/v9/deployments"] {
        try await bench.get(path).expect(404, "NotFound", "the server could not find the requested resource", details: [:])
      }
    },
    ContractCase("Discovery names kinds with their verbs, scopes and subresources") { bench in
      let core = try await bench.get("/api/v1").json["resources"]?.array ?? []
      let services = core.first { $0["name"] == "services" }
      #expect(services?["namespaced"] == true && services?["kind"] == "Service" && services?["shortNames"] == ["svc"])
      #expect(core.contains { $0["name"] == "services/proxy" } && core.contains { $0["name"] == "pods/log" })
      let apps = try await bench.get("/apis/apps/v1").json["resources"]?.array ?? []
      let scale = apps.first { $0["name"] == "deployments/scale" }
      #expect(scale?["kind"] == "Scale" && scale?["group"] == "autoscaling" && scale?["version"] == "v1")
      let groups = try await bench.get("/apis").json["groups"]?.array ?? []
      #expect(groups.contains { $0["name"] == "apps" && $0["preferredVersion", "groupVersion"] == "apps/v1" })
    },
    ContractCase("A method that a path does not know is 405") { bench in
      let words = "the server does not allow this method on the requested resource"
      try await bench.put("services", "{}").expect(405, "MethodNotAllowed", words, details: [:])
      try await bench.post("services/x", "{}").expect(405, "MethodNotAllowed", words, details: [:])
    },
    ContractCase("A wildcard and a list of types that ends in JSON get JSON") { bench in
      for accept in ["*/*", "application/vnd.kubernetes.protobuf,application/json", "application/json;q=0.9,*/*;q=0.8"] {
        let answer = try await bench.get("services", accept: accept).expect(200)
        guard accept == "*/*" || bench.place == .embedded else { continue }
        #expect(answer.json["kind"] == "ServiceList")
      }
    },
    ContractCase("What no API server writes is 406") { bench in
      let answer = try await bench.get("services", accept: "text/csv").expect(406, "NotAcceptable", details: [:])
      #expect(answer.json["message"]?.string?.hasPrefix("406: Not Acceptable\n\nAvailable representations: application/json") == true)
    },
    ContractCase("YAML and Protobuf are written where they are asked for", notModelled: "YAML and Protobuf") { bench in
      for accept in ["application/yaml", "application/vnd.kubernetes.protobuf"] {
        let answer = try await bench.get("services", accept: accept)
        answer.expect(bench.place == .embedded ? 406 : 200)
      }
      try await bench.post("configmaps", "metadata: {name: yaml}", type: "application/yaml").expect(bench.place == .embedded ? 415 : 201)
    },
    ContractCase("Metadata alone is written where it is asked for", notModelled: "PartialObjectMetadata") { bench in
      let accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
      let answer = try await bench.get("services", accept: accept)
      if bench.place == .embedded { answer.expect(406, "NotAcceptable") } else { answer.expect("kind", is: "PartialObjectMetadataList") }
    },
    ContractCase("Rows for people have columns, cells and the objects' metadata") { bench in
      let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
      try await bench.post("services", Objects.service()).expect(201)
      for path in ["services", "services/flip"] {
        let table = try await bench.get(path, accept: accept).expect(200).expect("kind", is: "Table").json
        let columns = (table["columnDefinitions"]?.array ?? []).map { $0["name"]?.string ?? "" }
        #expect(columns.starts(with: ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"]), "\(columns)")
        let row = table["rows"]?[0]
        #expect(row?["cells"]?[0] == "flip" && row?["cells"]?[1] == "ClusterIP" && row?["cells"]?[4] == "80/TCP")
        #expect(row?["object", "kind"] == "PartialObjectMetadata" && row?["object", "metadata", "name"] == "flip")
      }
      let whole = try await bench.get("services?includeObject=Object", accept: accept).expect(200).json
      #expect(whole["rows"]?[0]?["object", "spec", "selector", "app"] == "web")
      try await bench.get("services/nosuch", accept: accept).expect(404, "NotFound", "services \"nosuch\" not found")
    },
    ContractCase("Custom resources, roles and other groups are served", notModelled: "groups beyond those that it lists") { bench in
      for group in ["rbac.authorization.k8s.io/v1/roles", "events.k8s.io/v1/events", "apiextensions.k8s.io/v1/customresourcedefinitions"] {
        let answer = try await bench.get("/apis/\(group)")
        answer.expect(bench.place == .embedded ? 404 : 200)
      }
    },
  ]
}
