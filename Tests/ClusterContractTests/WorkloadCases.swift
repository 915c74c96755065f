import KubernetesModel
import Testing

// What controllers make of objects: rollouts, quotas, Jobs, pods and their logs.
extension ContractCase {
  private static func condition(_ object: JSON, _ type: String) -> JSON? {
    object["status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  static let workloads: [ContractCase] = [
    ContractCase("Straight after a patch the status still says rolled out; only the observed generation tells") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 2)).expect(201)
      try await bench.eventually("deployments/web") { $0["status", "availableReplicas"] == 2 && $0["status", "observedGeneration"] == 1 }
      let patch = #"{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/web:1.1.0"}]}}}}"#
      let answer = try await bench.patch(.strategic, "deployments/web", patch).expect(200).json
      #expect(answer["metadata", "generation"] == 2 && answer["status", "observedGeneration"] == 1)
      #expect(answer["status", "updatedReplicas"] == 2 && answer["status", "availableReplicas"] == 2)
      let done = try await bench.eventually("deployments/web") {
        $0["status", "observedGeneration"] == 2 && $0["status", "updatedReplicas"] == 2 && $0["status", "replicas"] == 2
          && $0["status", "availableReplicas"] == 2
      }
      #expect(done.annotations["deployment.kubernetes.io/revision"] == "2")
      #expect(condition(done, "Available")?["reason"] == "MinimumReplicasAvailable")
      try await bench.eventually("deployments/web") { condition($0, "Progressing")?["reason"] == "NewReplicaSetAvailable" }
      // Back to the first template: its ReplicaSet is taken again.
      let before = try await bench.get("replicasets").json["items"]?.array?.count
      try await bench.patch(.strategic, "deployments/web", patch.replacing("1.1.0", with: "1.0.0")).expect(200)
      try await bench.eventually("deployments/web") { $0.annotations["deployment.kubernetes.io/revision"] == "3" }
      #expect(try await bench.get("replicasets").json["items"]?.array?.count == before)
    },
    ContractCase("A Deployment at 0 has no counts; a paused one rolls nothing out") { bench in
      try await bench.post("deployments", Objects.deployment(replicas: 0)).expect(201)
      let none = try await bench.eventually("deployments/web") {
        $0["status", "observedGeneration"] == 1 && condition($0, "Available") != nil
      }
      for count in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"] {
        #expect(none["status", count] == nil, "\(count)")
      }
      try await bench.patch(.merge, "deployments/web", #"{"spec":{"paused":true}}"#).expect(200)
      try await bench.eventually("deployments/web") { condition($0, "Progressing")?["reason"] == "DeploymentPaused" }
      let patch = #"{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/web:9"}]}}}}"#
      try await bench.patch(.strategic, "deployments/web", patch).expect(200)
      try await bench.eventually("deployments/web") { $0["status", "observedGeneration"] == 3 }
      #expect(try await bench.get("replicasets").json["items"]?.array?.count == 1)
    },
    ContractCase("A deadline that passes is a condition and no Event") { bench in
      try await bench.post(
        "deployments", Objects.deployment(replicas: 1, spec: #""progressDeadlineSeconds":2,"#, annotations: #"{"fake/never-ready":"true"}"#)
      ).expect(201)
      let stuck = try await bench.eventually("deployments/web") { condition($0, "Progressing")?["reason"] == "ProgressDeadlineExceeded" }
      #expect(condition(stuck, "Progressing")?["status"] == "False" && condition(stuck, "Available")?["status"] == "False")
      #expect(condition(stuck, "Progressing")?["message"]?.string?.hasSuffix("has timed out progressing.") == true)
      let events = try await bench.get("events").json["items"]?.array ?? []
      #expect(events.contains { $0["reason"] == "ScalingReplicaSet" && $0["involvedObject", "kind"] == "Deployment" })
      #expect(!events.contains { $0["reason"] == "ProgressDeadlineExceeded" })
      try await bench.patch(.merge, "deployments/web", #"{"spec":{"progressDeadlineSeconds":1,"minReadySeconds":5}}"#).expect(
        422, "Invalid", mentions: ["spec.progressDeadlineSeconds: Invalid value: 1: must be greater than minReadySeconds"])
    },
    ContractCase("A quota refuses pods and objects with figures, and Deployment, ReplicaSet and Events say so") { bench in
      let quota = #"{"metadata":{"name":"q"},"spec":{"hard":{"pods":"1","count/deployments.apps":"1"}}}"#
      try await bench.post("resourcequotas", quota).expect(201)
      try await bench.eventually("resourcequotas/q") { $0["status", "hard", "pods"] == "1" && $0["status", "used", "pods"] == "0" }
      try await bench.post("deployments", Objects.deployment(replicas: 2)).expect(201)
      let words = "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
      let failed = try await bench.eventually("deployments/web") { condition($0, "ReplicaFailure")?["status"] == "True" }
      #expect(condition(failed, "ReplicaFailure")?["reason"] == "FailedCreate")
      #expect(condition(failed, "ReplicaFailure")?["message"]?.string?.hasSuffix("is forbidden: \(words)") == true)
      let set = try #require(try await bench.get("replicasets").json["items"]?[0])
      #expect(condition(set, "ReplicaFailure")?["reason"] == "FailedCreate")
      try await bench.eventually("events") { list in
        list["items"]?.array?.contains {
          $0["reason"] == "FailedCreate" && $0["type"] == "Warning" && $0["involvedObject", "kind"] == "ReplicaSet"
        } == true
      }
      for dry in ["", "?dryRun=All"] {
        try await bench.post("pods\(dry)", Objects.pod("p")).expect(
          403, "Forbidden", "pods \"p\" is forbidden: \(words)", details: ["name": "p", "kind": "pods"])
      }
      let second =
        "deployments.apps \"b\" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1"
      try await bench.post("deployments", Objects.deployment("b")).expect(403, "Forbidden", second)
      try await bench.apply("deployments/b", by: "tool", Objects.deployment("b")).expect(403, "Forbidden", second)
      try await bench.eventually("resourcequotas/q") { $0["status", "used", "pods"] == "1" }
    },
    ContractCase("A quota of a resource demands that pods say how much") { bench in
      try await bench.post("resourcequotas", #"{"metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"1"}}}"#).expect(201)
      try await bench.eventually("resourcequotas/q") { $0["status", "hard", "requests.cpu"] == "1" }
      try await bench.post("pods", Objects.pod("p")).expect(
        403, "Forbidden", "pods \"p\" is forbidden: failed quota: q: must specify requests.cpu for: c")
    },
    ContractCase("A LimitRange fills in and bounds what containers ask for") { bench in
      let range =
        #"{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"500m"},"defaultRequest":{"cpu":"100m"}}]}}"#
      try await bench.post("limitranges", range).expect(201)
      func pod(_ limits: String) -> String { Objects.pod("p").replacing(#""image""#, with: #""resources":\#(limits),"image""#) }
      // The server reads LimitRanges from a cache of its own.
      let limit = ContinuousClock.now + .seconds(30)
      while try await bench.post("pods?dryRun=All", pod(#"{"limits":{"cpu":"2"}}"#)).status != 403, ContinuousClock.now < limit {
        try await Task.sleep(for: .milliseconds(50))
      }
      try await bench.post("pods", pod(#"{"limits":{"cpu":"2"}}"#)).expect(
        403, "Forbidden", "pods \"p\" is forbidden: maximum cpu usage per Container is 1, but limit is 2")
      let made = try await bench.post("pods", Objects.pod("p")).expect(201).json
      #expect(made["spec", "containers"]?[0]?["resources"] == ["limits": ["cpu": "500m"], "requests": ["cpu": "100m"]])
    },
    ContractCase("Jobs end Complete or Failed, as their pods do") { bench in
      func job(_ name: String, _ command: String) -> String {
        #"{"metadata":{"name":"\#(name)"},"spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x","command":["\#(command)"]}]}}}}"#
      }
      try await bench.post("jobs", job("good", "succeed")).expect(201)
      try await bench.post("jobs", job("bad", "fail")).expect(201)
      let good = try await bench.eventually("jobs/good") { condition($0, "Complete")?["status"] == "True" }
      #expect(good["status", "succeeded"] == 1 && good["status", "completionTime"] != nil)
      let bad = try await bench.eventually("jobs/bad") { condition($0, "Failed")?["status"] == "True" }
      #expect(condition(bad, "Failed")?["reason"] == "BackoffLimitExceeded" && bad["status", "failed"] == 1)
      try await bench.patch(.merge, "jobs/good", #"{"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}}"#).expect(
        422, "Invalid", mentions: ["Job.batch \"good\" is invalid: spec.template: Invalid value: ", "field is immutable"])
    },
    ContractCase("A pod that no node has room for says so") { bench in
      let body = Objects.pod("p").replacing(#""image""#, with: #""resources":{"requests":{"cpu":"4000"}},"image""#)
      try await bench.post("pods", body).expect(201)
      let pod = try await bench.eventually("pods/p") { condition($0, "PodScheduled")?["status"] == "False" }
      #expect(condition(pod, "PodScheduled")?["reason"] == "Unschedulable")
      #expect(condition(pod, "PodScheduled")?["message"]?.string?.contains("Insufficient cpu") == true)
      try await bench.eventually("events") { $0["items"]?.array?.contains { $0["reason"] == "FailedScheduling" } == true }
    },
    ContractCase("An image that cannot be pulled, and a container that ends again and again, wait with their reasons") { bench in
      try await bench.post("pods", Objects.pod("pull", image: "registry.example/web:1--image-pull-error")).expect(201)
      try await bench.eventually("pods/pull") {
        ["ErrImagePull", "ImagePullBackOff"].contains($0["status", "containerStatuses"]?[0]?["state", "waiting", "reason"]?.string ?? "")
      }
      try await bench.post("pods", Objects.pod("crash", image: "registry.example/web:1--crashloop")).expect(201)
      let crash = try await bench.eventually("pods/crash") {
        $0["status", "containerStatuses"]?[0]?["state", "waiting", "reason"] == "CrashLoopBackOff"
      }
      #expect(crash["status", "containerStatuses"]?[0]?["lastState", "terminated", "exitCode"] == 1)
    },
    ContractCase("Logs: read whole, by their tail, by container; never of one that is not there") { bench in
      try await bench.post("pods", Objects.pod("p")).expect(201)
      try await bench.eventually("pods/p") { $0["status", "phase"] == "Running" }
      let whole = try await bench.get("pods/p/log").expect(200)
      #expect(whole.contentType.hasPrefix("text/plain"))
      try await bench.get("pods/p/log?container=c").expect(200)
      let last = try await bench.get("pods/p/log?tailLines=1").expect(200)
      #expect(last.text.split(separator: "\n").count <= 1)
      try await bench.get("pods/p/log?container=zzz").expect(400, "BadRequest", "container zzz is not valid for pod p")
      try await bench.get("pods/nosuch/log").expect(404, "NotFound", "pods \"nosuch\" not found")
      let two = Objects.pod("two").replacing(#""containers":["#, with: #""containers":[{"name":"side","image":"side:1"},"#)
      try await bench.post("pods", two).expect(201)
      try await bench.get("pods/two/log").expect(
        400, "BadRequest", "a container name must be specified for pod two, choose one of: [side c]")
      try await bench.get("pods/p/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z").expect(
        422, "Invalid", mentions: ["at most one of `sinceTime` or `sinceSeconds` may be specified"])
    },
    ContractCase("Commands in pods, ports of pods and evictions are carried out", notModelled: "exec, attach, port-forward and eviction") {
      bench in
      try await bench.post("pods", Objects.pod("p")).expect(201)
      for subresource in ["exec?command=ls", "attach", "portforward"] {
        try await bench.post("pods/p/\(subresource)", "").expect(bench.place == .embedded ? 404 : 400)
      }
      let eviction = #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"#
      try await bench.post("pods/p/eviction", eviction).expect(bench.place == .embedded ? 404 : 201)
    },
    ContractCase("Namespaces can demand restricted pods", notModelled: "Pod Security admission") { bench in
      let label = "pod-security.kubernetes.io/enforce"
      let answer = try await bench.patch(
        .merge, "/api/v1/namespaces/\(bench.namespace)", #"{"metadata":{"labels":{"\#(label)":"restricted"}}}"#)
      if bench.place == .embedded {
        answer.expect(501, "NotImplemented", mentions: [label])
      } else {
        answer.expect(200)
        try await bench.post("pods", Objects.pod("p")).expect(403, "Forbidden", mentions: ["violates PodSecurity \"restricted:latest\""])
      }
    },
  ]
}
