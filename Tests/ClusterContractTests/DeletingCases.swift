import KubernetesModel
import Testing

// DELETE, finalizers, garbage collection, namespaces.
extension ContractCase {
  static let deleting: [ContractCase] = [
    ContractCase("A deleted ConfigMap is answered with a Status, a deleted Service with itself; a second time is 404") { bench in
      let made = try await bench.post("configmaps", Objects.configMap("del")).expect(201).json
      let answer = try await bench.delete("configmaps/del").expect(200)
      answer.expect("kind", is: "Status").expect("status", is: "Success")
      answer.expect("details", is: ["name": "del", "kind": "configmaps", "uid": .string(made.uid ?? "")])
      try await bench.delete("configmaps/del").expect(404, "NotFound", "configmaps \"del\" not found")
      try await bench.post("services", Objects.service()).expect(201)
      try await bench.delete("services/flip").expect(200).expect("kind", is: "Service")
    },
    ContractCase("Preconditions of a deletion are kept, and a dry run deletes nothing") { bench in
      let made = try await bench.post("configmaps", Objects.configMap("del")).expect(201).json
      let uid = "11111111-1111-1111-1111-111111111111"
      try await bench.delete("configmaps/del", #"{"preconditions":{"uid":"\#(uid)"}}"#).expect(
        409, "Conflict",
        "Operation cannot be fulfilled on ConfigMap \"del\": the UID in the precondition (\(uid)) does not match the UID in record (\(made.uid ?? "")). The object might have been deleted and then recreated"
      )
      try await bench.delete("configmaps/del", #"{"preconditions":{"resourceVersion":"1"}}"#).expect(
        409, "Conflict",
        "Operation cannot be fulfilled on ConfigMap \"del\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (\(made.resourceVersion ?? "")). The object might have been modified"
      )
      try await bench.delete("configmaps/del?dryRun=All").expect(200)
      try await bench.get("configmaps/del").expect(200)
      try await bench.delete("configmaps/del", #"{"propagationPolicy":"Sideways"}"#).expect(
        422, "Invalid",
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Sideways\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
      )
      let good = #"{"preconditions":{"uid":"\#(made.uid ?? "")","resourceVersion":"\#(made.resourceVersion ?? "")"}}"#
      try await bench.delete("configmaps/del", good).expect(200)
    },
    ContractCase("A finalizer holds an object until it is taken away") { bench in
      try await bench.post("configmaps", Objects.configMap("fin", metadata: #","finalizers":["example.com/hold"]"#)).expect(201)
      let deleted = try await bench.delete("configmaps/fin").expect(200)
      deleted.expect("kind", is: "ConfigMap")
      #expect(deleted.json["metadata", "deletionTimestamp"] != nil && deleted.json["metadata", "deletionGracePeriodSeconds"] == 0)
      try await bench.patch(.merge, "configmaps/fin", #"{"metadata":{"finalizers":["example.com/hold","example.com/new"]}}"#).expect(
        422, "Invalid", mentions: ["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted"])
      try await bench.post("configmaps", Objects.configMap("fin")).expect(
        409, "AlreadyExists", "object is being deleted: configmaps \"fin\" already exists")
      try await bench.patch(.merge, "configmaps/fin", #"{"metadata":{"finalizers":null}}"#).expect(200)
      try await bench.get("configmaps/fin").expect(404)
    },
    ContractCase("What an object owns goes with it") { bench in
      let owner = try await bench.post("configmaps", Objects.configMap("owner")).expect(201).json
      let reference = #","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"\#(owner.uid ?? "")"}]"#
      try await bench.post("configmaps", Objects.configMap("child", metadata: reference)).expect(201)
      try await bench.post(
        "configmaps",
        Objects.configMap("stray", metadata: reference.replacing(owner.uid ?? "-", with: "11111111-1111-1111-1111-111111111111"))
      ).expect(201)
      try await bench.delete("configmaps/owner").expect(200)
      try await bench.eventuallyGone("configmaps/child")
      try await bench.eventuallyGone("configmaps/stray")
    },
    ContractCase("A Deployment goes at once, with what it owns after it, or after what it owns, or without it") { bench in
      func replicaSets() async throws -> [JSON] { try await bench.get("replicasets").json["items"]?.array ?? [] }
      for (name, policy) in [("back", "Background"), ("fore", "Foreground"), ("orph", "Orphan")] {
        try await bench.post("deployments", Objects.deployment(name, replicas: 0, color: name)).expect(201)
        try await bench.eventually("replicasets?labelSelector=color%3D\(name)") { $0["items"]?.array?.count == 1 }
        let answer = try await bench.delete("deployments/\(name)", #"{"propagationPolicy":"\#(policy)"}"#).expect(200)
        if policy == "Background" { answer.expect("kind", is: "Status") } else { answer.expect("kind", is: "Deployment") }
        if policy == "Foreground" { #expect(answer.json["metadata", "finalizers"] == ["foregroundDeletion"]) }
        if policy == "Orphan" { #expect(answer.json["metadata", "finalizers"] == ["orphan"]) }
        try await bench.eventuallyGone("deployments/\(name)")
      }
      try await bench.eventually("replicasets") { $0["items"]?.array?.count == 1 }
      let left = try #require(try await replicaSets().first)
      #expect(left.labels["color"] == "orph" && left["metadata", "ownerReferences"] == nil)
      // Adopted by the next of its kind.
      let again = try await bench.post("deployments", Objects.deployment("orph", replicas: 0, color: "orph")).expect(201).json
      try await bench.eventually("replicasets/\(left.name)") { $0["metadata", "ownerReferences"]?[0]?["uid"]?.string == again.uid }
    },
    ContractCase("A Deployment deleted without a word takes what it owns along; a Job leaves its pods and warns") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 1)).expect(201)
      try await bench.eventually("pods?labelSelector=app%3Dweb") { $0["items"]?.array?.count == 1 }
      try await bench.delete("deployments/web").expect(200)
      try await bench.eventually("replicasets") { $0["items"] == [] }
      try await bench.eventually("pods") { $0["items"] == [] }
      let job =
        #"{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x","command":["sleep","300"]}]}}}}"#
      try await bench.post("jobs", job).expect(201)
      try await bench.eventually("pods?labelSelector=job-name%3Dj") { $0["items"]?.array?.count == 1 }
      let answer = try await bench.delete("jobs/j").expect(200)
      #expect(answer.warnings.contains { $0.contains("child pods are preserved by default when jobs are deleted") }, "\(answer.warnings)")
      try await bench.eventuallyGone("jobs/j")
      try await bench.eventually("pods?labelSelector=job-name%3Dj") { list in
        list["items"]?.array?.count == 1 && list["items"]?[0]?["metadata", "ownerReferences"] == nil
      }
    },
    ContractCase("A collection is deleted by selector and answered as a list") { bench in
      for name in ["a", "b"] { try await bench.post("configmaps", Objects.configMap(name, metadata: #","labels":{"t":"\#(name)"}"#)) }
      try await bench.delete("configmaps?labelSelector=t%3Da").expect(200).expect("kind", is: "ConfigMapList")
      try await bench.get("configmaps/a").expect(404)
      try await bench.get("configmaps/b").expect(200)
    },
    ContractCase("A pod is given its grace, and told how long; one that never ran goes at once") { bench in
      try await bench.post("pods", Objects.pod("p")).expect(201)
      try await bench.eventually("pods/p") { $0["status", "phase"] == "Running" }
      let answer = try await bench.delete("pods/p", #"{"gracePeriodSeconds":5}"#).expect(200)
      answer.expect("kind", is: "Pod").expect("metadata", "deletionGracePeriodSeconds", is: 5)
      #expect(answer.json["metadata", "deletionTimestamp"] != nil)
      try await bench.eventuallyGone("pods/p")
      try await bench.post("pods", Objects.pod("q", #""schedulerName":"nobody","#)).expect(201)
      try await bench.delete("pods/q").expect(200).expect("kind", is: "Pod")
      try await bench.get("pods/q").expect(404)
    },
    ContractCase("A namespace that goes takes nothing new, says so, and is gone when all in it is") { bench in
      let name = "\(bench.namespace)-gone"
      try await bench.post("/api/v1/namespaces", #"{"metadata":{"name":"\#(name)"}}"#).expect(201)
      let inside = "/api/v1/namespaces/\(name)/configmaps"
      try await bench.post(inside, Objects.configMap("held", metadata: #","finalizers":["example.com/hold"]"#)).expect(201)
      let deleted = try await bench.delete("/api/v1/namespaces/\(name)").expect(200)
      deleted.expect("status", "phase", is: "Terminating")
      let text = "configmaps \"late\" is forbidden: unable to create new content in namespace \(name) because it is being terminated"
      try await bench.post(inside, Objects.configMap("late")).expect(
        403, "Forbidden", text,
        details: [
          "name": "late", "kind": "configmaps",
          "causes": [
            [
              "reason": "NamespaceTerminating", "message": .string("namespace \(name) is being terminated"), "field": "metadata.namespace",
            ]
          ],
        ])
      try await bench.delete("/api/v1/namespaces/\(name)").expect(200)
      try await bench.eventually("/api/v1/namespaces/\(name)") { namespace in
        namespace["status", "conditions"]?.array?.contains { $0["type"] == "NamespaceFinalizersRemaining" && $0["status"] == "True" }
          == true
      }
      try await bench.patch(.merge, "\(inside)/held", #"{"metadata":{"finalizers":null}}"#).expect(200)
      try await bench.eventuallyGone("/api/v1/namespaces/\(name)")
      try await bench.delete("/api/v1/namespaces/default").expect(
        403, "Forbidden", "namespaces \"default\" is forbidden: this namespace may not be deleted")
    },
  ]
}
