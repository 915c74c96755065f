import KubernetesModel
import TestSupport
import Testing

// The real kubectl, as people and pipelines use it.
extension ContractCase {
  static let kubectl: [ContractCase] = [
    ContractCase("kubectl applies, follows rollouts, scales, sets, pauses and goes back") { bench in
      let web = Objects.deployment()
      #expect(try bench.kubectl("apply --server-side -f -", input: web).contains("deployment.apps/web serverside-applied"))
      #expect(try bench.kubectl("rollout status deployment/web --timeout=60s").contains("successfully rolled out"))
      #expect(try bench.kubectl("wait --for=condition=Available deployment/web --timeout=60s").contains("condition met"))
      #expect(try bench.kubectl("wait --for=jsonpath='{.status.readyReplicas}'=2 deployment/web --timeout=60s").contains("condition met"))
      let table = try bench.kubectl("get deployments")
      #expect(table.contains("READY") && table.contains("2/2") && table.contains("UP-TO-DATE"))
      #expect(try bench.kubectl("get pods -o name").split(separator: "\n").count == 2)
      #expect(try bench.kubectl("scale deployment/web --replicas=3 --current-replicas=2").contains("scaled"))
      #expect(try bench.kubectl("get deployment web -o jsonpath='{.spec.replicas}'") == "3")
      #expect(
        try bench.kubectlRefused("scale deployment/web --replicas=3 --current-replicas=2").contains("xpected replicas to be 2, was 3"))
      #expect(try bench.kubectl("set image deployment/web app=registry.example/web:1.1.0").contains("image updated"))
      #expect(try bench.kubectl("set env deployment/web A=1").contains("env updated"))
      #expect(try bench.kubectl("rollout status deployment/web --timeout=90s").contains("successfully rolled out"))
      #expect(try bench.kubectl("rollout history deployment/web").contains("REVISION"))
      #expect(try bench.kubectl("rollout history deployment/web --revision=2").contains("registry.example/web:1.1.0"))
      #expect(try bench.kubectl("rollout pause deployment/web").contains("paused"))
      #expect(try bench.kubectl("rollout resume deployment/web").contains("resumed"))
      #expect(try bench.kubectl("rollout undo deployment/web").contains("rolled back"))
      #expect(try bench.kubectl("rollout restart deployment/web").contains("restarted"))
      #expect(try bench.kubectl("rollout status deployment/web --timeout=90s").contains("successfully rolled out"))
      #expect(try bench.kubectl("delete deployment web --timeout=60s").contains("deleted"))
      #expect(try bench.kubectl("get deployments").contains("No resources found in \(bench.namespace) namespace."))
    },
    ContractCase("kubectl patches in all three ways, labels and annotates, and is told what is wrong") { bench in
      try bench.kubectl("create -f -", input: Objects.deployment(spec: #""paused":true,"#))
      #expect(try bench.kubectl(#"patch deployment web --type=merge -p '{"metadata":{"labels":{"team":"a"}}}'"#).contains("patched"))
      let strategic = #"{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"1"}]}]}}}}"#
      #expect(try bench.kubectl("patch deployment web -p '\(strategic)'").contains("patched"))
      #expect(try bench.kubectl("patch deployment web -p '\(strategic)'").contains("patched (no change)"))
      #expect(
        try bench.kubectl("get deployment web -o jsonpath='{.spec.template.spec.containers[0].image}'") == "registry.example/web:1.0.0")
      let delete = #"{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","$patch":"delete"}]}]}}}}"#
      #expect(try bench.kubectl("patch deployment web -p '\(delete)'").contains("patched"))
      #expect(try bench.kubectl("get deployment web -o jsonpath='{.spec.template.spec.containers[0].env}'") == "")
      let json = #"[{"op":"test","path":"/spec/replicas","value":VALUE},{"op":"replace","path":"/spec/replicas","value":5}]"#
      #expect(try bench.kubectl("patch deployment web --type=json -p '\(json.replacing("VALUE", with: "2"))'").contains("patched"))
      #expect(
        try bench.kubectlRefused("patch deployment web --type=json -p '\(json.replacing("VALUE", with: "2"))'").contains(
          "The request is invalid: the server rejected our request due to an error in our request"))
      #expect(try bench.kubectl(#"patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'"#).contains("patched"))
      #expect(try bench.kubectl("label deployment/web tier=front").contains("labeled"))
      #expect(try bench.kubectlRefused("label deployment/web tier=back").contains("already has a value (front), and --overwrite is false"))
      #expect(try bench.kubectl("label deployment/web tier-").contains("unlabeled"))
      #expect(try bench.kubectl("annotate deployment/web note=x").contains("annotated"))
      #expect(
        try bench.kubectlRefused("annotate deployment/web note=y --overwrite --resource-version=1").contains("the object has been modified")
      )
      #expect(try bench.kubectlRefused("patch deployment nosuch -p '{}'").contains("deployments.apps \"nosuch\" not found"))
      #expect(
        try bench.kubectlRefused(#"patch deployment web -p '{"spec":{"replicas":-1}}'"#).contains(
          "The Deployment \"web\" is invalid: spec.replicas: Invalid value: -1"))
    },
    ContractCase("kubectl apply: conflicts of managers, force, dry runs, pruned fields, and what is unchanged") { bench in
      let first = Objects.deployment(replicas: 2, spec: #""paused":true,"#)
      let second = Objects.deployment(replicas: 5, spec: #""paused":true,"#)
      try bench.kubectl("apply --server-side --field-manager=a -f -", input: first)
      let refusal = try bench.kubectlRefused("apply --server-side --field-manager=b -f -", input: second)
      #expect(refusal.contains("Apply failed with 1 conflict: conflict with \"a\": .spec.replicas"))
      #expect(
        try bench.kubectl("apply --server-side --field-manager=b --force-conflicts -f -", input: second).contains("serverside-applied"))
      #expect(try bench.kubectl("get deployment web -o jsonpath='{.spec.replicas}'") == "5")
      #expect(try bench.kubectl("apply --server-side --field-manager=b --dry-run=server -f -", input: second).contains("(server dry run)"))
      let map = Objects.configMap("plain", #"{"a":"1","b":"2"}"#)
      #expect(try bench.kubectl("apply -f -", input: map).contains("configmap/plain created"))
      #expect(try bench.kubectl("apply -f -", input: map).contains("configmap/plain unchanged"))
      #expect(try bench.kubectl("apply -f -", input: Objects.configMap("plain")).contains("configmap/plain configured"))
      #expect(try bench.kubectl("get configmap plain -o jsonpath='{.data}'") == #"{"a":"1"}"#)
      #expect(try bench.kubectl("apply --dry-run=server -f -", input: Objects.configMap("dry")).contains("created (server dry run)"))
      #expect(try bench.kubectlRefused("get configmap dry").contains("NotFound"))
      #expect(try bench.kubectl("replace -f -", input: Objects.configMap("plain", #"{"z":"1"}"#)).contains("replaced"))
    },
    ContractCase("kubectl is told of fields that do not exist, before anything is made") { bench in
      let typo = Objects.deployment(spec: #""replicass":1,"#)
      for verb in ["create", "apply"] {
        let refusal = try bench.kubectlRefused("\(verb) -f -", input: typo)
        #expect(refusal.contains("strict decoding error: unknown field \"spec.replicass\""), "\(refusal)")
      }
      let refusal = try bench.kubectlRefused("apply --server-side -f -", input: typo)
      #expect(refusal.contains(".spec.replicass: field not declared in schema"), "\(refusal)")
      #expect(try bench.kubectl("create --validate=warn -f -", input: typo).contains("Warning: unknown field \"spec.replicass\""))
    },
    ContractCase("kubectl shows kinds, groups, versions, and lists in all forms") { bench in
      try bench.kubectl("create -f -", input: Objects.service())
      #expect(try bench.kubectl("api-resources").contains("deployments"))
      #expect(try bench.kubectl("api-versions").contains("apps/v1"))
      #expect(try bench.kubectl("version").contains("Server Version: v1."))
      #expect(try bench.kubectl("get svc,cm,sa -o wide").contains("service/flip"))
      #expect(try bench.kubectl("get svc flip -o yaml").contains("kind: Service"))
      #expect(try bench.kubectl("get svc flip -o custom-columns=N:.metadata.name,C:.spec.selector.color").contains("flip   blue"))
      #expect(try bench.kubectl("get svc -A -l nosuch=1").contains("No resources found"))
      #expect(try bench.kubectl("get svc --field-selector metadata.name=flip -o name") == "service/flip")
      #expect(try bench.kubectl("get all -o name").contains("service/flip"))
      #expect(try bench.kubectl("get cm --chunk-size=1 -o name").contains("configmap/kube-root-ca.crt"))
      #expect(try bench.kubectl("get --raw /healthz") == "ok")
      #expect(try bench.kubectlRefused("get svc nosuch").contains("Error from server (NotFound): services \"nosuch\" not found"))
      #expect(try bench.kubectlRefused("get nosuch").contains("the server doesn't have a resource type \"nosuch\""))
      #expect(try bench.kubectl("get nodes").contains("Ready"))
    },
    ContractCase("kubectl describes Deployments, Services, pods, quotas and namespaces with their events") { bench in
      try bench.kubectl("create -f -", input: Objects.deployment(replicas: 1))
      try bench.kubectl("create -f -", input: Objects.service("web"))
      try bench.kubectl(
        "create -f -", input: #"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"pods":"9"}}}"#)
      try bench.kubectl("rollout status deployment/web --timeout=60s")
      let deployment = try bench.kubectl("describe deployment web")
      for part in [
        "RollingUpdateStrategy:  25% max unavailable, 25% max surge", "1 desired | 1 updated | 1 total | 1 available", "ScalingReplicaSet",
        "Scaled up replica set web-", "NewReplicaSet:",
      ] {
        #expect(deployment.contains(part), "\(part): \(deployment)")
      }
      try await bench.eventually("endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb") {
        $0["items"]?[0]?["endpoints"]?[0]?["conditions", "ready"] == true
      }
      let service = try bench.kubectl("describe service web")
      #expect(
        service.contains("Selector:") && service.contains("app=web,color=blue") && service.contains("Endpoints:")
          && service.contains(":8080"))
      let pod = try bench.kubectl("get pods -o jsonpath='{.items[0].metadata.name}'")
      let description = try bench.kubectl("describe pod \(pod)")
      for part in [
        "Status: Running", "Controlled By: ReplicaSet/web-", "Image: registry.example/web:1.0.0",
        "Readiness: http-get http://:http/readyz", "Events:",
      ] {
        #expect(description.split(separator: " ").joined(separator: " ").contains(part), "\(part): \(description)")
      }
      #expect(try bench.kubectl("describe quota q").contains("pods"))
      #expect(try bench.kubectl("describe namespace \(bench.namespace)").contains("Resource Quotas"))
      #expect(try bench.kubectl("describe node").contains("Allocated resources:"))
      #expect(try bench.kubectl("describe rs").contains("Pod Template:"))
      #expect(try bench.kubectl("events").contains("ScalingReplicaSet"))
      #expect(try bench.kubectl("get events --sort-by=.lastTimestamp").contains("SuccessfulCreate"))
    },
    ContractCase("kubectl reads logs: of a pod, of a Deployment, followed to the end, of the run before, with times") { bench in
      let job =
        #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x","command":["echo","hello","there"]}]}}}}"#
      try bench.kubectl("create -f -", input: job)
      #expect(try bench.kubectl("wait --for=condition=Complete job/j --timeout=60s").contains("condition met"))
      #expect(try bench.kubectl("logs job/j").contains("hello there"))
      #expect(try bench.kubectl("logs job/j -c c -f").contains("hello there"))
      #expect(try bench.kubectl("logs job/j --timestamps").split(separator: "\n").last?.contains("T") == true)
      #expect(try bench.kubectl("logs job/j --since=1h").contains("hello there"))
      #expect(try bench.kubectl("logs -l job-name=j --prefix").contains("[pod/j-"))
      let pod = try bench.kubectl("get pods -o jsonpath='{.items[0].metadata.name}'")
      // The kubelet of the rig is a stand-in that knows neither.
      if bench.place == .embedded {
        #expect(try bench.kubectl("logs job/j --limit-bytes=3").utf8.count == 3)
        let previous = try bench.kubectlRefused("logs \(pod) --previous")
        #expect(previous.contains("previous terminated container \"c\" in pod \"\(pod)\" not found"))
      }
      #expect(try bench.kubectlRefused("logs \(pod) -c zzz").contains("container zzz is not valid for pod \(pod)"))
      #expect(try bench.kubectlRefused("logs nosuch").contains("pods \"nosuch\" not found"))
    },
    ContractCase("kubectl deletes in the ways there are, and waits for it") { bench in
      try bench.kubectl("create -f -", input: Objects.deployment(replicas: 1))
      try bench.kubectl("rollout status deployment/web --timeout=60s")
      #expect(try bench.kubectl("delete deployment web --cascade=orphan --timeout=60s").contains("deleted"))
      let set = try bench.kubectl("get rs -o name")
      #expect(set.hasPrefix("replicaset.apps/web-"))
      #expect(try bench.kubectl("delete \(set) --cascade=foreground --timeout=60s").contains("deleted"))
      try bench.kubectl("wait --for=delete pod -l app=web --timeout=60s")
      #expect(try bench.kubectl("get pods -o name").isEmpty)
      try bench.kubectl("run single --image=registry.example/web:1.0.0")
      #expect(try bench.kubectl("delete pod single --now --timeout=60s").contains("deleted"))
      try bench.kubectl("create -f -", input: Objects.configMap("a"))
      #expect(try bench.kubectl("delete configmap a --dry-run=server").contains("(server dry run)"))
      #expect(try bench.kubectl("delete configmap a nosuch --ignore-not-found").contains("\"a\" deleted"))
      try bench.kubectl("create -f -", input: #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#(bench.namespace)-x"}}"#)
      #expect(try bench.kubectl("delete namespace \(bench.namespace)-x --timeout=60s").contains("deleted"))
    },
    ContractCase("kubectl exposes and selects") { bench in
      try bench.kubectl("create -f -", input: Objects.deployment(replicas: 1))
      #expect(try bench.kubectl("expose deployment web --port=80 --target-port=8080").contains("exposed"))
      #expect(try bench.kubectl("get hpa,pdb,secret,sa,svc").contains("service/web"))
      #expect(try bench.kubectl("set selector service web app=web,color=blue").contains("selector updated"))
      #expect(try bench.kubectl("get service web -o jsonpath='{.spec.selector}'") == #"{"app":"web","color":"blue"}"#)
    },
    ContractCase("kubectl makes objects without a file, and asks for rights", notModelled: "YAML and Protobuf") { bench in
      let words = [
        "create configmap a --from-literal=x=y", "create deployment d --image=registry.example/web:1.0.0", "create serviceaccount robot",
        "create quota q --hard=pods=9", "create job once --image=x -- succeed", "auth can-i patch services",
      ]
      for words in words {
        guard bench.place == .embedded else {
          try bench.kubectl(words)
          continue
        }
        let refusal = try bench.kubectlRefused(words)
        #expect(refusal.contains("the embedded cluster reads no Protobuf"), "\(refusal)")
      }
      try bench.kubectl("create -f -", input: Objects.deployment("web", replicas: 0))
      let autoscale = "autoscale deployment web --min=1 --max=3 --cpu-percent=80"
      if bench.place == .embedded {
        #expect(try bench.kubectlRefused(autoscale).contains("the server could not find the requested resource"), "autoscaling/v1")
      } else {
        #expect(try bench.kubectl(autoscale).contains("autoscaled"))
      }
      try bench.kubectl("create configmap b --from-literal=x=y --dry-run=client -o json >'\(bench.kubeconfig.path)/b.json'")
      #expect(try bench.kubectl("create -f '\(bench.kubeconfig.path)/b.json'").contains("configmap/b created"))
    },
    ContractCase("kubectl watches rows change") { bench in
      try bench.kubeconfig.write("fresh.json", Objects.configMap("fresh"))
      let output = try bench.kubectl(
        "get configmaps -w --request-timeout=4s & P=$!; sleep 1.5; kubectl --kubeconfig '\(bench.kubeconfig.path)/kubeconfig' -n \(bench.namespace) create -f '\(bench.kubeconfig.path)/fresh.json'; wait $P || true; true"
      )
      #expect(output.split(separator: "\n").contains { $0.hasPrefix("fresh ") && $0.contains(" 1 ") }, "\(output)")
    },
    ContractCase("kubectl compares what is with what would be") { bench in
      try bench.kubectl("apply -f -", input: Objects.configMap("a"))
      let difference = try bench.kubectlRefused("diff -f -", input: Objects.configMap("a", #"{"a":"2"}"#))
      #expect(difference.contains("-  a: \"1\"") && difference.contains("+  a: \"2\""), "\(difference)")
    },
    ContractCase("kubectl runs commands in pods and opens their ports", notModelled: "exec, attach, port-forward and eviction") { bench in
      try bench.kubectl("run p --image=registry.example/web:1.0.0")
      try bench.kubectl("wait --for=condition=Ready pod/p --timeout=60s")
      guard bench.place == .embedded else { return }
      #expect(try bench.kubectlRefused("exec p -- ls").contains("the server could not find the requested resource"))
      #expect(try bench.kubectlRefused("port-forward pod/p 0:8080").contains("the server could not find the requested resource"))
    },
    ContractCase("kubectl explains fields", notModelled: "schemas of OpenAPI") { bench in
      if bench.place == .embedded {
        let refusal = try bench.kubectlRefused("explain deployment.spec")
        #expect(!refusal.isEmpty)
      } else {
        #expect(try bench.kubectl("explain deployment.spec").contains("replicas"))
      }
    },
    ContractCase("kubectl shows what pods use", notModelled: "metrics") { bench in
      let refusal = try bench.kubectlRefused("top pods")
      #expect(refusal.contains("Metrics API not available"), "\(refusal)")
    },
  ]
}
