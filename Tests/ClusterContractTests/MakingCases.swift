import KubernetesModel
import Testing

// POST: what is checked, what is filled in, what is refused.
extension ContractCase {
  static let making: [ContractCase] = [
    ContractCase("A new object gets its identity; a second of its name is 409") { bench in
      let made = try await bench.post("services", Objects.service()).expect(201).json
      #expect(made.uid?.count == 36 && made.resourceVersion?.isEmpty == false && made.namespace == bench.namespace)
      #expect(made["metadata", "generation"] == nil && made["metadata", "creationTimestamp"]?.string?.hasSuffix("Z") == true)
      try await bench.post("services", Objects.service()).expect(
        409, "AlreadyExists", "services \"flip\" already exists", details: ["name": "flip", "kind": "services"])
      try await bench.post("/api/v1/namespaces", #"{"metadata":{"name":"\#(bench.namespace)"}}"#).expect(
        409, "AlreadyExists", "namespaces \"NS\" already exists")
    },
    ContractCase("A minimal Deployment gets every default that anybody looks at") { bench in
      let container =
        #"{"name":"app","image":"registry.example/web","readinessProbe":{"httpGet":{"port":80}},"ports":[{"containerPort":80}]}"#
      let body = #"""
        {"metadata":{"name":"web"},"spec":{"paused":true,"selector":{"matchLabels":{"app":"web"}},
         "template":{"metadata":{"labels":{"app":"web"}},"spec":{"serviceAccountName":"default",
          "containers":[CONTAINER],"volumes":[{"name":"v","configMap":{"name":"c"}}]}}}}
        """#
      let made = try await bench.post("deployments", body.replacing("CONTAINER", with: container)).expect(201).json
      var spec = try #require(made["spec"])
      let pod = try #require(spec["template", "spec"])
      spec["template"] = nil
      #expect(
        spec == [
          "paused": true, "replicas": 1, "selector": ["matchLabels": ["app": "web"]], "revisionHistoryLimit": 10,
          "progressDeadlineSeconds": 600,
          "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"]],
        ])
      #expect(made["kind"] == "Deployment" && made["metadata", "generation"] == 1 && made["status"] == [:])
      let probe: JSON = [
        "httpGet": ["path": "/", "port": 80, "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1,
        "failureThreshold": 3,
      ]
      let filled: JSON = [
        "name": "app", "image": "registry.example/web", "imagePullPolicy": "Always", "resources": [:],
        "ports": [["containerPort": 80, "protocol": "TCP"]], "readinessProbe": probe,
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
      ]
      #expect(
        pod == [
          "containers": [filled], "volumes": [["name": "v", "configMap": ["name": "c", "defaultMode": 420]]], "restartPolicy": "Always",
          "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "securityContext": [:], "schedulerName": "default-scheduler",
          "serviceAccountName": "default", "serviceAccount": "default",
        ])
    },
    ContractCase("A Service gets an address and its defaults; a headless one none") { bench in
      let made = try await bench.post("services", #"{"metadata":{"name":"a"},"spec":{"selector":{"a":"b"},"ports":[{"port":80}]}}"#).json
      let address = try #require(made["spec", "clusterIP"]?.string)
      #expect(made["spec", "clusterIPs"] == [.string(address)] && address.split(separator: ".").count == 4)
      #expect(made["spec", "type"] == "ClusterIP" && made["spec", "sessionAffinity"] == "None")
      #expect(made["spec", "internalTrafficPolicy"] == "Cluster" && made["spec", "ipFamilies"] == ["IPv4"])
      #expect(made["spec", "ipFamilyPolicy"] == "SingleStack" && made["status"] == ["loadBalancer": [:]])
      #expect(made["spec", "ports"] == [["port": 80, "protocol": "TCP", "targetPort": 80]])
      let headless = #"{"metadata":{"name":"h"},"spec":{"clusterIP":"None","selector":{"a":"b"},"ports":[{"port":80}]}}"#
      #expect(try await bench.post("services", headless).expect(201).json["spec", "clusterIPs"] == ["None"])
    },
    ContractCase("Secrets keep what was written in plain, encoded") { bench in
      let made = try await bench.post("secrets", #"{"metadata":{"name":"s"},"stringData":{"a":"b"}}"#).expect(201).json
      #expect(made["data"] == ["a": "Yg=="] && made["stringData"] == nil && made["type"] == "Opaque")
    },
    ContractCase("A generated name is its prefix with five more characters") { bench in
      let body = #"{"metadata":{"generateName":"cm-"},"data":{}}"#
      let (first, second) = (try await bench.post("configmaps", body).expect(201).json, try await bench.post("configmaps", body).json)
      #expect(first.name.hasPrefix("cm-") && first.name.count == 8 && first.name != second.name)
      #expect(first["metadata", "generateName"] == "cm-")
    },
    ContractCase("A dry run answers as the run would, without a version, and leaves nothing") { bench in
      let answer = try await bench.post("configmaps?dryRun=All", Objects.configMap("dry")).expect(201).json
      #expect(answer.uid != nil && answer["metadata", "creationTimestamp"] != nil && answer.resourceVersion == nil)
      try await bench.get("configmaps/dry").expect(404)
      try await bench.post("configmaps?dryRun=Some", Objects.configMap("dry")).expect(
        422, "Invalid", "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"")
    },
    ContractCase("Every fault of an object is told at once, each with its field") { bench in
      let body = #"""
        {"metadata":{"name":"val"},"spec":{"replicas":-1,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"b"}},
         "spec":{"containers":[{"name":"Bad_Name","image":"","ports":[{"containerPort":99999}]}]}}}}
        """#
      let answer = try await bench.post("deployments", body).expect(422, "Invalid")
      let details = try #require(answer.json["details"])
      #expect(details["kind"] == "Deployment" && details["group"] == "apps" && details["name"] == "val")
      let fields = (details["causes"]?.array ?? []).map { "\($0["field"]?.string ?? "") \($0["reason"]?.string ?? "")" }
      #expect(
        fields == [
          "spec.replicas FieldValueInvalid", "spec.template.metadata.labels FieldValueInvalid",
          "spec.template.spec.containers[0].name FieldValueInvalid", "spec.template.spec.containers[0].image FieldValueRequired",
          "spec.template.spec.containers[0].ports[0].containerPort FieldValueInvalid",
        ], "\(answer.text)")
      answer.expect(
        422,
        mentions: [
          "Deployment.apps \"val\" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, ",
          "spec.template.metadata.labels: Invalid value: {\"app\":\"b\"}: `selector` does not match template `labels`",
          "containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive",
        ])
    },
    ContractCase("Empty specs and missing names are named") { bench in
      try await bench.post("deployments", #"{"metadata":{"name":"e"},"spec":{}}"#).expect(
        422, "Invalid",
        mentions: ["Deployment.apps \"e\" is invalid: [spec.selector: Required value, ", "spec.template.spec.containers: Required value]"])
      try await bench.post("deployments", #"{"metadata":{},"spec":{}}"#).expect(
        422, "Invalid",
        mentions: ["Deployment.apps \"\" is invalid: [metadata.name: Required value: name or generateName is required, spec.selector: "])
    },
    ContractCase("Names and labels are held to their patterns") { bench in
      try await bench.post("/api/v1/namespaces", #"{"metadata":{"name":"Bad_Name"}}"#).expect(
        422, "Invalid",
        mentions: [#"Namespace "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 label must"#])
      try await bench.post("configmaps", Objects.configMap("Bad_Name")).expect(
        422, "Invalid", mentions: [#"metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of"#])
      try await bench.post("configmaps", Objects.configMap("l", metadata: #","labels":{"a":"has space"}"#)).expect(
        422, "Invalid", mentions: [#"metadata.labels: Invalid value: "has space": a valid label must be an empty string or consist of"#])
      try await bench.post("configmaps", Objects.configMap("l", metadata: #","labels":{"bad key":"v"}"#)).expect(
        422, "Invalid", mentions: [#"metadata.labels: Invalid value: "bad key": name part must consist of alphanumeric characters"#])
      let long = String(repeating: "x", count: 64)
      try await bench.post("services", Objects.service(long)).expect(
        422, "Invalid", mentions: ["metadata.name: Invalid value: ", "must be no more than 63 "])
      try await bench.post("configmaps", Objects.configMap("l", metadata: #","labels":{"a":"\#(long)"}"#)).expect(
        422, "Invalid", mentions: ["metadata.labels: Invalid value: ", "must be no more than 63 "])
      try await bench.post("services", Objects.service("1web")).expect(201)
      try await bench.post("configmaps", Objects.configMap(String(repeating: "x", count: 254))).expect(
        422, "Invalid", mentions: ["must be no more than 253 "])
    },
    ContractCase("Keys and sizes of data are held to their limits") { bench in
      try await bench.post("configmaps", Objects.configMap("k", #"{"a b":"1"}"#)).expect(
        422, "Invalid", mentions: [#"ConfigMap "k" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of"#])
      let big = String(repeating: "x", count: (1 << 20) + 1)
      try await bench.post("configmaps", Objects.configMap("big", #"{"a":"\#(big)"}"#)).expect(
        422, "Invalid", "ConfigMap \"big\" is invalid: []: Too long: may not be more than 1048576 bytes")
      try await bench.post("configmaps", Objects.configMap("note", metadata: #","annotations":{"a":"\#(big.prefix(262_145))"}"#)).expect(
        422, "Invalid", "ConfigMap \"note\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes")
      try await bench.post("configmaps", Objects.configMap("huge", #"{"a":"\#(big)\#(big)\#(big)"}"#)).expect(413, "RequestEntityTooLarge")
    },
    ContractCase("A Service's ports are demanded and named") { bench in
      try await bench.post("services", #"{"metadata":{"name":"n"},"spec":{"selector":{"a":"b"}}}"#).expect(
        422, "Invalid", "Service \"n\" is invalid: spec.ports: Required value",
        details: [
          "name": "n", "kind": "Service", "causes": [["reason": "FieldValueRequired", "message": "Required value", "field": "spec.ports"]],
        ])
      try await bench.post("services", #"{"metadata":{"name":"n"},"spec":{"ports":[{"port":80},{"port":81}]}}"#).expect(
        422, "Invalid", "Service \"n\" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: Required value]")
    },
    ContractCase("What cannot be read, or is something else, is 400") { bench in
      let empty = "the object provided is unrecognized (must be of type Deployment): couldn't get version/kind; json parse error: "
      try await bench.post("deployments", "").expect(400, "BadRequest", mentions: [empty + "unexpected end of JSON input"])
      try await bench.post("deployments", "[]").expect(400, "BadRequest", mentions: [empty])
      try await bench.post("deployments", "{\"a\":").expect(400, "BadRequest", mentions: [empty])
      try await bench.post("deployments", #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"}}"#).expect(400, "BadRequest")
      try await bench.post("deployments", #"{"apiVersion":"apps/v1beta1","kind":"Deployment","metadata":{"name":"x"}}"#).expect(
        400, "BadRequest")
      try await bench.post("configmaps", Objects.configMap("x", metadata: #","namespace":"elsewhere""#)).expect(
        400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")
    },
    ContractCase("Content types: JSON may go unnamed, others are 415") { bench in
      try await bench.post("configmaps", Objects.configMap("a"), type: nil).expect(201)
      try await bench.post("configmaps", Objects.configMap("b"), type: "text/plain").expect(
        415, "UnsupportedMediaType",
        mentions: ["the body of the request was in an unknown format - accepted media types include: application/json"])
    },
    ContractCase("A missing namespace is 404, and a version on a new object an error") { bench in
      try await bench.post("/api/v1/namespaces/nosuchns/configmaps", Objects.configMap("x")).expect(
        404, "NotFound", "namespaces \"nosuchns\" not found", details: ["name": "nosuchns", "kind": "namespaces"])
      try await bench.post("configmaps", Objects.configMap("x", metadata: #","resourceVersion":"1""#)).expect(
        500, "", mentions: ["resourceVersion should not be set on objects to be created"])
    },
    ContractCase("Unknown fields: refused where clients say Strict, warned of or passed over else") { bench in
      func body(_ name: String) -> String {
        Objects.deployment(name, spec: #""replicass":1,"paused":true,"#, container: #","imagePull":"x""#)
      }
      let strict = #"Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: "#
      try await bench.post("deployments?fieldValidation=Strict", body("a")).expect(
        400, "BadRequest",
        mentions: [strict, #"unknown field "spec.replicass""#, #"unknown field "spec.template.spec.containers[0].imagePull""#])
      for option in ["?fieldValidation=Warn", ""] {
        let made = try await bench.post("deployments\(option)", body(option.isEmpty ? "b" : "c")).expect(201)
        #expect(made.warnings.contains { $0.contains(#"unknown field \"spec.replicass\""#) }, "\(made.warnings)")
        #expect(made.json["spec", "replicass"] == nil && made.json["spec", "template", "spec", "containers"]?[0]?["imagePull"] == nil)
      }
      let ignored = try await bench.post("deployments?fieldValidation=Ignore", body("d")).expect(201)
      #expect(ignored.warnings.isEmpty && ignored.json["spec", "replicass"] == nil)
      try await bench.post("deployments?fieldValidation=Harsh", body("e")).expect(
        422, "Invalid",
        mentions: [#"CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Harsh": supported values: "#])
      try await bench.post("configmaps?fieldValidation=Strict", #"{"metadata":{"name":"x","nmae":"y"},"dta":{}}"#).expect(
        400, "BadRequest", mentions: [#"unknown field "dta""#, #"unknown field "metadata.nmae""#])
    },
    ContractCase("A value of another type is 400 and names its field") { bench in
      try await bench.post("deployments", Objects.deployment(spec: #""minReadySeconds":"three","#)).expect(
        400, "BadRequest",
        mentions: [
          #"Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field "#,
          "minReadySeconds of type int32",
        ])
      try await bench.post("services", Objects.service(selector: #"{"app":7}"#)).expect(
        400, "BadRequest", mentions: ["cannot unmarshal number into Go struct field"])
      try await bench.post("configmaps", #"{"metadata":{"name":"x"},"data":["a"]}"#).expect(
        400, "BadRequest", mentions: ["cannot unmarshal array into Go struct field"])
    },
    ContractCase("Leases are held to their types and bounds") { bench in
      try await bench.post("leases", Objects.lease("l", holder: "a").replacing(":60", with: ":0")).expect(
        422, "Invalid", "Lease.coordination.k8s.io \"l\" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")
      try await bench.post("leases", Objects.lease("l", holder: "a").replacing("2026-01-01T00:00:00.000000Z", with: "yesterday")).expect(
        400, "BadRequest", mentions: [#"Lease in version "v1" cannot be handled as a Lease: parsing time "yesterday""#])
    },
    ContractCase("Owners are held to what garbage collection needs") { bench in
      let owner = #"{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":""}"#
      try await bench.post("configmaps", Objects.configMap("c", metadata: #","ownerReferences":[\#(owner)]"#)).expect(
        422, "Invalid", mentions: [#"metadata.ownerReferences.uid: Invalid value: "": must not be empty"#])
      let two = [1, 2].map { #"{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"\#($0)","controller":true}"# }.joined(separator: ",")
      try await bench.post("configmaps", Objects.configMap("c", metadata: #","ownerReferences":[\#(two)]"#)).expect(
        422, "Invalid", mentions: ["metadata.ownerReferences: Invalid value: ", "Only one reference can have Controller set to true."])
    },
    ContractCase("Events name something of their own namespace") { bench in
      func event(_ namespace: String) -> String {
        #"{"metadata":{"name":"x.abc"},"involvedObject":{"kind":"Service","name":"web","namespace":"\#(namespace)"},"reason":"R","message":"m","type":"Normal"}"#
      }
      try await bench.post("events", event("default")).expect(
        422, "Invalid", "Event \"x.abc\" is invalid: involvedObject.namespace: Invalid value: \"default\": does not match event.namespace")
      try await bench.post("events", event(bench.namespace)).expect(201)
    },
    ContractCase("A Job's pods may not restart for ever") { bench in
      let body = #"""
        {"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"POLICY","containers":[{"name":"c","image":"x"}]}}}}
        """#
      try await bench.post("jobs", body.replacing("POLICY", with: "Always")).expect(
        422, "Invalid",
        mentions: [#"Job.batch "j" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never""#])
      try await bench.post("jobs", body.replacing("POLICY", with: "Never")).expect(201).expect("spec", "backoffLimit", is: 6)
    },
    ContractCase("Node ports are given out", notModelled: "node ports and load balancers") { bench in
      let body = #"{"metadata":{"name":"np"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"#
      let made = try await bench.post("services", body).expect(201).json
      #expect((made["spec", "ports"]?[0]?["nodePort"] != nil) == (bench.place == .real))
    },
  ]
}
