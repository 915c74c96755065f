import KubernetesModel
import Testing

// Server-side apply.
extension ContractCase {
  /// What an applier says of a Deployment.
  private static func web(_ spec: String, image: String = "registry.example/web:1", metadata: String = "") -> String {
    """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"\(metadata)},"spec":{\(spec)"selector":{"matchLabels":{"app":"web"}},
     "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"\(image)"}]}}}}
    """
  }
  private static func owners(_ object: JSON) -> Set<String> {
    Set((object["metadata", "managedFields"]?.array ?? []).map { "\($0["manager"]?.string ?? "") \($0["operation"]?.string ?? "")" })
  }

  static let applying: [ContractCase] = [
    ContractCase("An apply makes, then finds nothing to do, then changes; it runs dry as well") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":2,"#), "&dryRun=All").expect(201)
      try await bench.get("deployments/web").expect(404)
      let made = try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":2,"#)).expect(201)
      #expect(owners(made.json) == ["tool Apply"])
      try await bench.eventually("deployments/web") { $0["status", "observedGeneration"] == 1 }
      let again = try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":2,"#)).expect(200)
      #expect(try await bench.get("deployments/web").version == again.version && again.json["metadata", "generation"] == 1)
      let dry = try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":3,"#), "&dryRun=All").expect(200)
      #expect(dry.json["spec", "replicas"] == 3 && dry.version == again.version)
      let changed = try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":3,"#)).expect(200)
      #expect(changed.json["spec", "replicas"] == 3 && changed.json["metadata", "generation"] == 2)
    },
    ContractCase("What another manager owns is a conflict that names him and the field; force takes it") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":2,"#)).expect(201)
      let wanted = web(#""paused":true,"replicas":5,"#, image: "registry.example/web:2")
      let refused = try await bench.apply("deployments/web", by: "other", wanted).expect(409, "Conflict")
      #expect(
        refused.json["message"]?.string?.split(whereSeparator: \.isNewline).sorted() == [
          #"- .spec.replicas"#, #"- .spec.template.spec.containers[name="app"].image"#,
          #"Apply failed with 2 conflicts: conflicts with "tool":"#,
        ], "\(refused.text)")
      let causes = refused.json["details", "causes"]?.array ?? []
      #expect(causes.contains(["reason": "FieldManagerConflict", "message": "conflict with \"tool\"", "field": ".spec.replicas"]))
      let forced = try await bench.apply("deployments/web", by: "other", wanted, "&force=true").expect(200)
      #expect(forced.json["spec", "replicas"] == 5 && owners(forced.json).isSuperset(of: ["tool Apply", "other Apply"]))
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":2,"#)).expect(
        409, "Conflict", mentions: ["conflicts with \"other\":"])
    },
    ContractCase("A field that nobody owns any more goes back to its default") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":4,"minReadySeconds":3,"#)).expect(201)
      let dropped = try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"#)).expect(200)
      #expect(dropped.json["spec", "replicas"] == 1 && dropped.json["spec", "minReadySeconds"] == nil)
      let taken = #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":6}}"#
      try await bench.apply("deployments/web", by: "scaler", taken).expect(200).expect("spec", "replicas", is: 6)
    },
    ContractCase("Two managers who say the same own it together; what one leaves the other keeps") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"replicas":4,"#)).expect(201)
      let shared = #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":4}}"#
      try await bench.apply("deployments/web", by: "scaler", shared).expect(200)
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"#)).expect(200).expect("spec", "replicas", is: 4)
      let nothing = #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}}"#
      try await bench.apply("deployments/web", by: "scaler", nothing).expect(200).expect("spec", "replicas", is: 1)
    },
    ContractCase("A Service's selector has one owner, as a whole") { bench in
      let applied = Objects.service("web")
      try await bench.apply("services/web", by: "tool", applied).expect(201)
      let other = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"color":"green"}}}"#
      try await bench.apply("services/web", by: "other", other).expect(
        409, "Conflict", "Apply failed with 1 conflict: conflict with \"tool\": .spec.selector",
        details: ["causes": [["reason": "FieldManagerConflict", "message": "conflict with \"tool\"", "field": ".spec.selector"]]])
      try await bench.patch(.merge, "services/web?fieldManager=hand", #"{"spec":{"selector":{"color":"red"}}}"#).expect(200).expect(
        "spec", "selector", is: ["app": "web", "color": "red"])
      try await bench.apply("services/web", by: "tool", applied).expect(
        409, "Conflict", "Apply failed with 1 conflict: conflict with \"hand\" using v1: .spec.selector")
      try await bench.apply("services/web", by: "other", other, "&force=true").expect(200).expect(
        "spec", "selector", is: ["color": "green"])
    },
    ContractCase("Applied lists merge by their keys") { bench in
      let port = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"name":"NAME","port":PORT}]}}"#
      try await bench.apply("services/web", by: "a", port.replacing("NAME", with: "a").replacing("PORT", with: "80")).expect(201)
      let both = try await bench.apply("services/web", by: "b", port.replacing("NAME", with: "b").replacing("PORT", with: "81")).expect(200)
      #expect(Set(both.json["spec", "ports"]?.array?.compactMap { $0["port"]?.int } ?? []) == [80, 81])
      let one = try await bench.apply("services/web", by: "b", #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}"#).expect(
        200)
      #expect(one.json["spec", "ports"]?.array?.map { $0["port"] } == [80])
    },
    ContractCase("Managers of a PUT, a patch and an apply each have their entry; an empty list forgets all") { bench in
      try await bench.apply("services/web", by: "tool", Objects.service("web")).expect(201)
      let patched = try await bench.patch(.merge, "services/web", #"{"metadata":{"labels":{"a":"b"}}}"#).expect(200)
      #expect(owners(patched.json) == ["tool Apply", "contract Update"], "the user agent's first word where nobody says a manager")
      let entry = try #require(patched.json["metadata", "managedFields"]?.array?.first { $0["manager"] == "contract" })
      #expect(entry["fieldsV1", "f:metadata", "f:labels", "f:a"] == [:] && entry["fieldsType"] == "FieldsV1")
      let cleared = try await bench.patch(.merge, "services/web", #"{"metadata":{"managedFields":[{}]}}"#).expect(200)
      #expect(owners(cleared.json).isEmpty)
    },
    ContractCase("An apply without a manager, to another name, namespace or kind, or of managed fields, is refused") { bench in
      try await bench.patch(.apply, "deployments/web", web("")).expect(
        422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
      try await bench.apply("deployments/web2", by: "tool", web("")).expect(
        400, "BadRequest", "the name of the object (web) does not match the name on the URL (web2)")
      try await bench.apply("deployments/web", by: "tool", web("", metadata: #","namespace":"elsewhere""#)).expect(
        400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")
      try await bench.apply("services/web", by: "tool", web("")).expect(400, "BadRequest", "invalid object type: apps/v1, Kind=Deployment")
      try await bench.apply("deployments/web", by: "tool", web("", metadata: #","managedFields":[{"manager":"x"}]"#)).expect(
        400, "BadRequest", "metadata.managedFields must be nil")
      try await bench.apply("deployments/web", by: "tool", "").expect(400, "BadRequest", "invalid object type: /, Kind=")
      try await bench.apply("deployments/web", by: "tool", #"{"kind":"Deployment"}"#).expect(400, "BadRequest")
      try await bench.apply("deployments/web", by: "tool", "{\"a\": [").expect(400, "BadRequest", mentions: ["error decoding YAML: "])
      try await bench.apply("/apis/apps/v1/namespaces/nosuchns/deployments/web", by: "tool", web("")).expect(
        404, "NotFound", "namespaces \"nosuchns\" not found")
    },
    ContractCase("An apply of an old version, and of a uid where nothing is, is 409") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"#)).expect(201)
      try await bench.apply("deployments/web", by: "tool", web(#""replicas":2,"#, metadata: #","resourceVersion":"1""#)).expect(
        409, "Conflict", mentions: ["Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified"])
      let other = web("", metadata: #","uid":"abc""#).replacing(#""name":"web""#, with: #""name":"web9""#)
      try await bench.apply("deployments/web9", by: "tool", other).expect(
        409, "Conflict", mentions: ["uid mismatch: the provided object specified uid abc, and no existing object was found"])
    },
    ContractCase("An unknown field and a wrong type are 500, whatever the client says of validation") { bench in
      for option in ["", "&fieldValidation=Strict", "&fieldValidation=Ignore"] {
        try await bench.apply("deployments/web", by: "tool", web(#""replicass":2,"#), option).expect(
          500, "", "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replicass: field not declared in schema")
      }
      try await bench.apply("deployments/web", by: "tool", web(#""replicas":"two","#)).expect(
        500, "",
        "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string"
      )
      try await bench.get("deployments/web").expect(404)
    },
    ContractCase("What an apply leaves invalid is 422 with the same words as a POST") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""replicas":-1,"#)).expect(
        422, "Invalid", "Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0")
      try await bench.apply("services/web", by: "tool", Objects.service("web")).expect(201)
      let headless = Objects.service("web").replacing(#""spec":{"#, with: #""spec":{"clusterIP":"None","#)
      try await bench.apply("services/web", by: "tool", headless).expect(
        422, "Invalid", #"Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set"#)
    },
    ContractCase("Options of an apply are checked") { bench in
      try await bench.apply("deployments/web", by: String(repeating: "m", count: 129), web("")).expect(
        422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes")
      try await bench.apply("deployments/web", by: "tool", web(""), "&dryRun=Some").expect(
        422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"")
    },
    ContractCase("An applied scale belongs to its applier", notModelled: "applies to scale") { bench in
      try await bench.apply("deployments/web", by: "tool", web(#""paused":true,"#)).expect(201)
      let scale = #"{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":3}}"#
      let answer = try await bench.apply("deployments/web/scale", by: "scaler", scale, "&force=true")
      if bench.place == .embedded {
        answer.expect(415, "UnsupportedMediaType")
      } else {
        answer.expect(200).expect("spec", "replicas", is: 3)
      }
    },
  ]
}
