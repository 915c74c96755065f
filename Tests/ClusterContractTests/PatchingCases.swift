import KubernetesModel
import Testing

// JSON patches, merge patches and strategic merge patches.
extension ContractCase {
  private static let bare = "the server rejected our request due to an error in our request"

  static let patching: [ContractCase] = [
    ContractCase("A JSON patch whose test fails, or whose path or operation is none, is one bare 422") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let good =
        #"[{"op":"test","path":"/spec/selector/color","value":"blue"},{"op":"replace","path":"/spec/selector/color","value":"green"}]"#
      try await bench.patch(.json, "services/flip", good).expect(200).expect("spec", "selector", "color", is: "green")
      for body in [
        good, #"[{"op":"test","path":"/metadata/resourceVersion","value":"1"}]"#, #"[{"op":"remove","path":"/spec/nosuch"}]"#,
        #"[{"op":"add","path":"/metadata/annotations/a","value":"x"}]"#, #"[{"op":"frob","path":"/spec/type"}]"#,
      ] { try await bench.patch(.json, "services/flip", body).expect(422, "Invalid", bare, details: [:]) }
      try await bench.get("services/flip").expect("spec", "selector", "color", is: "green")
    },
    ContractCase("A JSON patch replaces a key that is not there, adds parents and escaped keys, moves, copies, and reaches into lists") {
      bench in
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.patch(.json, "services/flip", #"[{"op":"replace","path":"/spec/selector/fresh","value":"x"}]"#).expect(200)
      let body = #"""
        [{"op":"add","path":"/metadata/annotations","value":{}},{"op":"add","path":"/metadata/annotations/example.com~1b","value":"x"},
         {"op":"copy","from":"/spec/selector/fresh","path":"/metadata/annotations/copied"},
         {"op":"move","from":"/spec/selector/fresh","path":"/spec/selector/moved"},
         {"op":"add","path":"/spec/ports/-","value":{"name":"b","port":81}},{"op":"add","path":"/spec/ports/0","value":{"name":"a","port":79}},
         {"op":"replace","path":"/spec/ports/1/port","value":82}]
        """#
      let patched = try await bench.patch(.json, "services/flip", body).expect(200).json
      #expect(patched.annotations == ["example.com/b": "x", "copied": "x"])
      #expect(patched["spec", "selector"] == ["app": "web", "color": "blue", "moved": "x"])
      #expect(patched["spec", "ports"]?.array?.map { $0["port"] } == [79, 82, 81])
    },
    ContractCase("A patch that is no JSON, or no list of operations, is 400") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.patch(.json, "services/flip", #"{"op":"test"}"#).expect(
        400, "BadRequest", mentions: ["error decoding patch: json: cannot unmarshal object into Go value"])
      for kind in [ContractBench.Patch.json, .merge] {
        try await bench.patch(kind, "services/flip", "[{").expect(400, "BadRequest", mentions: ["error decoding patch: "])
      }
    },
    ContractCase("A patch whose result is of a wrong type is 422, and nothing changes") { bench in
      let version = try await bench.post("services", Objects.service()).expect(201).version
      try await bench.patch(.json, "services/flip", #"[{"op":"replace","path":"/spec/ports","value":"x"}]"#).expect(
        422, "Invalid", mentions: [#" "" is invalid: patch: Invalid value: "#, "cannot unmarshal string into Go struct field"])
      #expect(try await bench.get("services/flip").version == version)
    },
    ContractCase("Patches have their own content types; force is for applies") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.send("PATCH", "services/flip", "{}", type: "application/json").expect(
        415, "UnsupportedMediaType", mentions: ["415: Unsupported Media Type"])
      try await bench.patch(.merge, "services/flip?force=true", "{}").expect(
        422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch",
        details: [
          "group": "meta.k8s.io", "kind": "PatchOptions",
          "causes": [
            [
              "reason": "FieldValueForbidden", "message": "Forbidden: may not be specified for non-apply patch", "field": "force",
            ]
          ],
        ])
      try await bench.patch(.merge, "services/nosuch", "{}").expect(404, "NotFound", "services \"nosuch\" not found")
      try await bench.patch(.merge, "services", "{}").expect(405, "MethodNotAllowed")
    },
    ContractCase("A merge patch merges a Service's selector, removes by null, and replaces lists") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let body = #"{"metadata":{"annotations":{"a":"x"}},"spec":{"selector":{"color":"green","tier":"front"},"ports":[{"port":99}]}}"#
      let patched = try await bench.patch(.merge, "services/flip", body).expect(200).json
      #expect(patched["spec", "selector"] == ["app": "web", "color": "green", "tier": "front"])
      #expect(patched["spec", "ports"] == [["port": 99, "protocol": "TCP", "targetPort": 99]])
      let removed = try await bench.patch(.merge, "services/flip", #"{"metadata":{"annotations":null},"spec":{"selector":{"tier":null}}}"#)
      #expect(removed.json.annotations.isEmpty && removed.json["spec", "selector"] == ["app": "web", "color": "green"])
    },
    ContractCase("Conditions of a merge patch: its version 409, its uid 422") { bench in
      let made = try await bench.post("services", Objects.service()).expect(201)
      try await bench.patch(.merge, "services/flip", #"{"metadata":{"resourceVersion":"\#(made.version)","labels":{"a":"b"}}}"#).expect(200)
      try await bench.patch(.merge, "services/flip", #"{"metadata":{"resourceVersion":"\#(made.version)","labels":{"a":"c"}}}"#).expect(
        409, "Conflict",
        "Operation cannot be fulfilled on services \"flip\": the object has been modified; please apply your changes to the latest version and try again",
        details: ["name": "flip", "kind": "services"])
      let uid = "11111111-1111-1111-1111-111111111111"
      try await bench.patch(.merge, "services/flip", #"{"metadata":{"uid":"\#(uid)"}}"#).expect(
        422, "Invalid", "Service \"flip\" is invalid: metadata.uid: Invalid value: \"\(uid)\": field is immutable")
    },
    ContractCase("A merge patch cannot rename, keeps the time of birth, and runs dry") { bench in
      let made = try await bench.post("services", Objects.service()).expect(201).json
      try await bench.patch(.merge, "services/flip", #"{"metadata":{"name":"other"}}"#).expect(
        400, "BadRequest", "the name of the object (other) does not match the name on the URL (flip)")
      let kept = try await bench.patch(.merge, "services/flip", #"{"metadata":{"creationTimestamp":"2001-01-01T00:00:00Z"}}"#).expect(200)
      #expect(kept.json["metadata", "creationTimestamp"] == made["metadata", "creationTimestamp"])
      let dry = try await bench.patch(.merge, "services/flip?dryRun=All", #"{"spec":{"selector":{"color":"dry"}}}"#).expect(200)
      dry.expect("spec", "selector", "color", is: "dry")
      try await bench.get("services/flip").expect("spec", "selector", "color", is: "blue")
    },
    ContractCase("A merge patch with an unknown field is 422 where clients say Strict, and dropped with a warning else") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.patch(.merge, "services/flip?fieldValidation=Strict", #"{"spec":{"selektor":{}}}"#).expect(
        422, "Invalid", mentions: [#"strict decoding error: unknown field "spec.selektor""#])
      let warned = try await bench.patch(.merge, "services/flip", #"{"spec":{"selektor":{}}}"#).expect(200)
      #expect(warned.json["spec", "selektor"] == nil && warned.warnings.contains { $0.contains(#"unknown field \"spec.selektor\""#) })
    },
    ContractCase("A strategic merge patch merges lists by their keys, and deletes from them") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let added = try await bench.patch(.strategic, "services/flip", #"{"spec":{"ports":[{"name":"b","port":81}]}}"#).expect(200).json
      #expect(Set(added["spec", "ports"]?.array?.compactMap { $0["port"]?.int } ?? []) == [80, 81])
      let renamed = try await bench.patch(.strategic, "services/flip", #"{"spec":{"ports":[{"name":"http2","port":80}]}}"#).expect(200).json
      let ports = renamed["spec", "ports"]?.array ?? []
      #expect(
        ports.count == 2 && ports.first { $0["port"] == 80 }?["targetPort"] == 8080 && ports.first { $0["port"] == 80 }?["name"] == "http2")
      let deleted = try await bench.patch(.strategic, "services/flip", #"{"spec":{"ports":[{"port":81,"$patch":"delete"}]}}"#).expect(200)
        .json
      #expect(deleted["spec", "ports"]?.array?.map { $0["port"] } == [80])
      let replaced = try await bench.patch(.strategic, "services/flip", #"{"spec":{"ports":[{"port":7},{"$patch":"replace"}]}}"#).expect(
        200
      ).json
      #expect(replaced["spec", "ports"]?.array?.map { $0["port"] } == [7])
    },
    ContractCase("Strategic merge reaches containers, their variables, volumes and mounts by name") { bench in
      let spec = #""paused":true,"#
      let container =
        #","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"volumeMounts":[{"name":"v","mountPath":"/v"}],"args":["x","y"]"#
      let pod = #""volumes":[{"name":"v","emptyDir":{}}],"tolerations":[{"key":"a","operator":"Exists"}],"#
      try await bench.post("deployments", Objects.deployment(spec: spec, pod: pod, container: container)).expect(201)
      let body = #"""
        {"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/web:2","args":["z"],
          "env":[{"name":"B","value":"3"},{"name":"C","value":"4"},{"name":"A","$patch":"delete"}],
          "volumeMounts":[{"name":"v","mountPath":"/w"}]},{"name":"side","image":"side:1"}],
         "volumes":[{"name":"w","emptyDir":{}}],"tolerations":[{"key":"b","operator":"Exists"}]}}}}
        """#
      let template = try await bench.patch(.strategic, "deployments/web", body).expect(200).json["spec", "template", "spec"] ?? .null
      let containers = template["containers"]?.array ?? []
      #expect(Set(containers.compactMap { $0["name"]?.string }) == ["app", "side"])
      let app = try #require(containers.first { $0["name"] == "app" })
      #expect(app["image"] == "registry.example/web:2" && app["args"] == ["z"] && app["ports"]?[0]?["containerPort"] == 8080)
      #expect(Set((app["env"]?.array ?? []).map { "\($0["name"]?.string ?? "")=\($0["value"]?.string ?? "")" }) == ["B=3", "C=4"])
      #expect(Set((app["volumeMounts"]?.array ?? []).compactMap { $0["mountPath"]?.string }) == ["/v", "/w"])
      #expect(Set((template["volumes"]?.array ?? []).compactMap { $0["name"]?.string }) == ["v", "w"])
      #expect(template["tolerations"] == [["key": "b", "operator": "Exists"]])
    },
    ContractCase("Strategic merge replaces and deletes maps, drops primitives, and keeps an order that is asked for") { bench in
      try await bench.post("deployments", Objects.deployment(spec: #""paused":true,"#, annotations: #"{"a":"1","b":"2"}"#)).expect(201)
      let replaced = try await bench.patch(
        .strategic, "deployments/web", #"{"spec":{"template":{"metadata":{"annotations":{"$patch":"replace","c":"3"}}}}}"#
      ).expect(200)
      replaced.expect("spec", "template", "metadata", "annotations", is: ["c": "3"])
      let strategy = #"{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"#
      try await bench.patch(.strategic, "deployments/web", strategy).expect(200).expect("spec", "strategy", is: ["type": "Recreate"])
      try await bench.post("configmaps", Objects.configMap("f", metadata: #","finalizers":["example.com/a","example.com/b"]"#)).expect(201)
      let dropped = try await bench.patch(
        .strategic, "configmaps/f", #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["example.com/a"]}}"#
      ).expect(200)
      dropped.expect("metadata", "finalizers", is: ["example.com/b"])
      let added = try await bench.patch(.strategic, "configmaps/f", #"{"metadata":{"finalizers":["example.com/c"]}}"#).expect(200).json
      #expect(Set(added["metadata", "finalizers"]?.array ?? []) == ["example.com/b", "example.com/c"])
      try await bench.patch(.merge, "configmaps/f", #"{"metadata":{"finalizers":null}}"#).expect(200)
      let order =
        #"{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"first"},{"name":"app"}],"containers":[{"name":"first","image":"f:1"}]}}}}"#
      let ordered = try await bench.patch(.strategic, "deployments/web", order).expect(200).json["spec", "template", "spec", "containers"]
      #expect(ordered?.array?.map { $0["name"] } == ["first", "app"])
      try await bench.patch(.strategic, "configmaps/f", #"{"$patch":"delete"}"#).expect(bench.place == .real ? 400 : 400)
    },
    ContractCase("A directive that nobody knows is refused") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let answer = try await bench.patch(.strategic, "services/flip", #"{"spec":{"ports":[{"port":80,"$patch":"frob"}]}}"#)
      #expect(answer.status == 500 || answer.status == 400, "\(answer.status) \(answer.text)")
    },
  ]
}
