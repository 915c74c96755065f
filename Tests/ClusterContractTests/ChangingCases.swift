import KubernetesModel
import Testing

// PUT, subresources, and who wins.
extension ContractCase {
  static let changing: [ContractCase] = [
    ContractCase("A PUT with the present version replaces, with an old one is 409, without one replaces a Service whatever it is") {
      bench in
      let made = try await bench.post("services", Objects.service()).expect(201).json
      var changed = made
      changed["spec", "selector"] = ["color": "green"]
      let put = try await bench.put("services/flip", changed.text).expect(200)
      put.expect("spec", "selector", is: ["color": "green"])
      try await bench.put("services/flip", changed.text).expect(
        409, "Conflict",
        "Operation cannot be fulfilled on services \"flip\": the object has been modified; please apply your changes to the latest version and try again",
        details: ["name": "flip", "kind": "services"])
      let bare = try await bench.put("services/flip", Objects.service()).expect(200).json
      #expect(bare["spec", "clusterIP"] == made["spec", "clusterIP"] && bare["spec", "selector"] == ["app": "web", "color": "blue"])
      #expect(try await bench.put("services/flip", bare.text).expect(200).version == bare.resourceVersion, "a PUT that changes nothing")
    },
    ContractCase("A PUT is refused for another's uid, another name, a version that is none, and where nothing is") { bench in
      let made = try await bench.post("services", Objects.service()).expect(201).json
      var other = made
      other["metadata", "uid"] = "11111111-1111-1111-1111-111111111111"
      try await bench.put("services/flip", other.text).expect(
        409, "Conflict",
        mentions: [
          "Operation cannot be fulfilled on services \"flip\": StorageError: invalid object, Code: 4",
          "Precondition failed: UID in precondition",
        ])
      try await bench.put("services/flip", Objects.service("flop")).expect(
        400, "BadRequest", "the name of the object (flop) does not match the name on the URL (flip)")
      other = made
      other["metadata", "resourceVersion"] = "abc"
      try await bench.put("services/flip", other.text).expect(500, "", mentions: ["strconv.ParseUint: parsing \"abc\": invalid syntax"])
      try await bench.put("deployments/nosuch", Objects.deployment("nosuch")).expect(
        404, "NotFound", "deployments.apps \"nosuch\" not found")
    },
    ContractCase("A PUT without a version is taken for a Deployment and its scale, and drops what it leaves out") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 0)).expect(201)
      try await bench.patch(.merge, "deployments/web", #"{"metadata":{"annotations":{"note":"x"}}}"#).expect(200)
      #expect(try await bench.put("deployments/web", Objects.deployment(replicas: 0)).expect(200).json.annotations["note"] == nil)
      let scale = #"{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"web"},"spec":{"replicas":1}}"#
      try await bench.put("deployments/web/scale", scale).expect(200).expect("spec", "replicas", is: 1)
    },
    ContractCase("A Lease has no holder for the server: only its version counts, and a PUT without one is refused") { bench in
      try await bench.post("leases", Objects.lease("lock", holder: "a")).expect(201)
      let lease = try await bench.get("leases/lock").json
      let taken = Objects.lease("lock", holder: "b", #","resourceVersion":"\#(lease.resourceVersion ?? "")""#)
      try await bench.put("leases/lock", taken).expect(200).expect("spec", "holderIdentity", is: "b")
      try await bench.put("leases/lock", taken).expect(
        409, "Conflict", mentions: ["Operation cannot be fulfilled on leases.coordination.k8s.io \"lock\": the object has been modified"])
      try await bench.put("leases/lock", Objects.lease("lock", holder: "c")).expect(
        422, "Invalid",
        "leases.coordination.k8s.io \"lock\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update")
      try await bench.put("leases/fresh", Objects.lease("fresh", holder: "a")).expect(201)
    },
    ContractCase("Scale: read, patched, at 0 with an empty spec, never negative") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 1, spec: #""paused":true,"#)).expect(201)
      let scale = try await bench.get("deployments/web/scale").expect(200)
      scale.expect("kind", is: "Scale").expect("apiVersion", is: "autoscaling/v1").expect("spec", is: ["replicas": 1])
      scale.expect("status", "selector", is: "app=web,color=blue")
      let zero = try await bench.patch(.merge, "deployments/web/scale", #"{"spec":{"replicas":0}}"#).expect(200)
      zero.expect("spec", is: [:])
      try await bench.get("deployments/web").expect("spec", "replicas", is: 0)
      try await bench.patch(.merge, "deployments/web/scale", #"{"metadata":{"resourceVersion":"1"},"spec":{"replicas":2}}"#).expect(
        409, "Conflict", mentions: ["Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified"])
      try await bench.patch(.merge, "deployments/web/scale", #"{"spec":{"replicas":-1}}"#).expect(
        422, "Invalid", "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        details: [
          "name": "web", "group": "autoscaling", "kind": "Scale",
          "causes": [
            ["reason": "FieldValueInvalid", "message": "Invalid value: -1: must be greater than or equal to 0", "field": "spec.replicas"]
          ],
        ])
      try await bench.get("deployments/nosuch/scale").expect(404, "NotFound", "deployments.apps \"nosuch\" not found")
    },
    ContractCase("Status and spec are each written through their own door") { bench in
      try await bench.patch(.merge, "deployments/none/status", "{}").expect(404)
      try await bench.post("deployments", Objects.deployment(replicas: 0, spec: #""paused":true,"#)).expect(201)
      let main = try await bench.patch(.merge, "deployments/web", #"{"status":{"replicas":7}}"#).expect(200)
      #expect(main.json["status", "replicas"] != 7)
      let status = try await bench.patch(.merge, "deployments/web/status", #"{"spec":{"replicas":9},"status":{"collisionCount":3}}"#)
      status.expect(200).expect("spec", "replicas", is: 0).expect("status", "collisionCount", is: 3)
    },
    ContractCase("The generation follows the spec, and a Deployment's annotations; Services have none") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 0)).expect(201)
      let note = try await bench.patch(.merge, "deployments/web", #"{"metadata":{"annotations":{"note":"x"}}}"#).expect(200)
      note.expect("metadata", "generation", is: 2)
      try await bench.patch(.merge, "deployments/web", #"{"spec":{"minReadySeconds":1}}"#).expect("metadata", "generation", is: 3)
      try await bench.post("services", Objects.service()).expect(201)
      let service = try await bench.patch(.merge, "services/flip", #"{"spec":{"selector":{"color":"green"}}}"#).expect(200)
      service.expect("metadata", "generation", is: nil)
    },
    ContractCase("What must not change is named") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 0)).expect(201)
      try await bench.patch(
        .merge, "deployments/web",
        #"{"spec":{"selector":{"matchLabels":{"app":"z","color":null}},"template":{"metadata":{"labels":{"app":"z"}}}}}"#
      ).expect(
        422, "Invalid", #"Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"z"}}: field is immutable"#)
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.patch(.merge, "services/flip", #"{"spec":{"clusterIP":"None"}}"#).expect(
        422, "Invalid", mentions: ["may not change once set"])
      try await bench.post("configmaps", #"{"metadata":{"name":"imm"},"data":{"a":"1"},"immutable":true}"#).expect(201)
      try await bench.patch(.merge, "configmaps/imm", #"{"data":{"a":"2"}}"#).expect(
        422, "Invalid", "ConfigMap \"imm\" is invalid: data: Forbidden: field is immutable when `immutable` is set")
      try await bench.patch(.merge, "configmaps/imm", #"{"immutable":null}"#).expect(
        422, "Invalid", mentions: ["immutable: Forbidden: field is immutable when `immutable` is set"])
      try await bench.patch(.merge, "configmaps/imm", #"{"metadata":{"labels":{"a":"b"}}}"#).expect(200)
      try await bench.post("pods", Objects.pod("p", #""nodeName":"nowhere","#)).expect(201)
      try await bench.patch(.merge, "pods/p", #"{"spec":{"restartPolicy":"Never"}}"#).expect(
        422, "Invalid",
        mentions: ["Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`"])
      try await bench.patch(.json, "pods/p", #"[{"op":"replace","path":"/spec/containers/0/image","value":"registry.example/web:2"}]"#)
        .expect(200)
    },
    ContractCase("Of eight that patch with one precondition one wins; of eight without one all do") { bench in
      let version = try await bench.post("services", Objects.service()).expect(201).version
      func race(_ body: @escaping @Sendable (Int) -> (ContractBench.Patch, String)) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
          for index in 0..<8 {
            let (kind, text) = body(index)
            group.addTask { try await bench.patch(kind, "services/flip", text).status }
          }
          return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
      }
      let merged = try await race { (.merge, #"{"metadata":{"resourceVersion":"\#(version)"},"spec":{"selector":{"color":"m\#($0)"}}}"#) }
      #expect(merged == [200] + Array(repeating: 409, count: 7))
      let now = try await bench.get("services/flip").json["spec", "selector", "color"]?.string ?? ""
      let tested = try await race {
        (
          .json,
          #"[{"op":"test","path":"/spec/selector/color","value":"\#(now)"},{"op":"replace","path":"/spec/selector/color","value":"t\#($0)"}]"#
        )
      }
      #expect(tested == [200] + Array(repeating: 422, count: 7))
      let free = try await race { (.merge, #"{"spec":{"selector":{"color":"f\#($0)"}}}"#) }
      #expect(free == Array(repeating: 200, count: 8))
    },
    ContractCase("Names of field managers are bounded") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let long = String(repeating: "m", count: 129)
      try await bench.send("PATCH", "services/flip?fieldManager=\(long)", "{}", type: ContractBench.Patch.merge.rawValue).expect(
        422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes")
    },
  ]
}
