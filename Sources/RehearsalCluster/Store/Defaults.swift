import KubernetesModel

/// What the API fills in where an object says nothing (`pkg/apis/*/v1/defaults.go` of Kubernetes), for the fields that anybody looks at.
enum Defaults {
  static func hasGeneration(_ type: APIResource) -> Bool {
    switch type.kind {
    case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "EndpointSlice", "PodDisruptionBudget", "Pod": true
    default: false
    }
  }

  /// The status that a new object has; nil where the kind has none.
  static func initialStatus(_ type: APIResource) -> JSON? {
    switch type.kind {
    case "Pod": ["phase": "Pending", "qosClass": "BestEffort"]
    case "Namespace": ["phase": "Active"]
    case "Service": ["loadBalancer": [:]]
    case "HorizontalPodAutoscaler": ["currentMetrics": nil, "desiredReplicas": 0]
    default: type.subresources.contains("status") ? [:] : nil
    }
  }

  static func apply(to object: inout JSON, _ type: APIResource) {
    switch type.kind {
    case "Deployment": deployment(&object)
    case "ReplicaSet":
      set(&object, 1, "spec", "replicas")
      podTemplate(&object)
    case "StatefulSet", "DaemonSet": podTemplate(&object)
    case "Job":
      set(&object, 6, "spec", "backoffLimit")
      set(&object, 1, "spec", "completions")
      set(&object, 1, "spec", "parallelism")
      job(&object)
      podTemplate(&object)
    case "Pod": object.change("spec", podSpec)
    case "Service": service(&object)
    case "Namespace":
      object["metadata", "labels", "kubernetes.io/metadata.name"] = .string(object.name)
      if !object.isDeleting { set(&object, ["kubernetes"], "spec", "finalizers") }
    case "Secret": secret(&object)
    case "HorizontalPodAutoscaler": set(&object, 1, "spec", "minReplicas")
    default: break
    }
  }

  private static func set(_ object: inout JSON, _ value: JSON, _ path: String...) {
    if object[path: path[...]] == nil { object[path: path[...]] = value }
  }

  private static func deployment(_ object: inout JSON) {
    set(&object, 1, "spec", "replicas")
    set(&object, 10, "spec", "revisionHistoryLimit")
    set(&object, 600, "spec", "progressDeadlineSeconds")
    set(&object, "RollingUpdate", "spec", "strategy", "type")
    if object["spec", "strategy", "type"] == "RollingUpdate" {
      set(&object, "25%", "spec", "strategy", "rollingUpdate", "maxUnavailable")
      set(&object, "25%", "spec", "strategy", "rollingUpdate", "maxSurge")
    }
    podTemplate(&object)
  }

  /// A Job's pods bear its uid and name, and are known by them.
  private static func job(_ object: inout JSON) {
    set(&object, "NonIndexed", "spec", "completionMode")
    set(&object, false, "spec", "suspend")
    set(&object, "TerminatingOrFailed", "spec", "podReplacementPolicy")
    guard object["spec", "manualSelector"]?.bool != true else { return }
    set(&object, false, "spec", "manualSelector")
    set(&object, ["matchLabels": ["batch.kubernetes.io/controller-uid": .string(object.uidText)]], "spec", "selector")
    for (name, value) in [("controller-uid", object.uidText), ("job-name", object.name)] {
      for label in [name, "batch.kubernetes.io/\(name)"] {
        set(&object, .string(value), "spec", "template", "metadata", "labels", label)
        set(&object, .string(value), "metadata", "labels", label)
      }
    }
  }

  private static func podTemplate(_ object: inout JSON) {
    object.change("spec") { spec in spec.change("template") { template in template.change("spec", podSpec) } }
  }

  private static func podSpec(_ spec: inout JSON) {
    set(&spec, "Always", "restartPolicy")
    set(&spec, 30, "terminationGracePeriodSeconds")
    set(&spec, "ClusterFirst", "dnsPolicy")
    set(&spec, [:], "securityContext")
    set(&spec, "default-scheduler", "schedulerName")
    if let account = spec["serviceAccountName"] { set(&spec, account, "serviceAccount") }
    for key in ["containers", "initContainers"] { spec.changeElements(key, container) }
    spec.changeElements("volumes") { volume in
      for source in ["configMap", "secret", "projected"] where volume[source] != nil { set(&volume, 420, source, "defaultMode") }
    }
  }

  private static func container(_ container: inout JSON) {
    set(&container, [:], "resources")
    for (name, limit) in container["resources", "limits"]?.object ?? [:] { set(&container, limit, "resources", "requests", name) }
    set(&container, "/dev/termination-log", "terminationMessagePath")
    set(&container, "File", "terminationMessagePolicy")
    let image = container["image"]?.string ?? ""
    set(&container, .string(image.hasSuffix(":latest") || !image.dropFirst().contains(":") ? "Always" : "IfNotPresent"), "imagePullPolicy")
    container.changeElements("ports") { set(&$0, "TCP", "protocol") }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
      container.change(probe) { probe in
        set(&probe, 1, "timeoutSeconds")
        set(&probe, 10, "periodSeconds")
        set(&probe, 1, "successThreshold")
        set(&probe, 3, "failureThreshold")
        if probe["httpGet"] != nil {
          set(&probe, "HTTP", "httpGet", "scheme")
          set(&probe, "/", "httpGet", "path")
        }
      }
    }
  }

  private static func service(_ object: inout JSON) {
    set(&object, "ClusterIP", "spec", "type")
    set(&object, "None", "spec", "sessionAffinity")
    if object["spec", "type"] != "ExternalName" { set(&object, "Cluster", "spec", "internalTrafficPolicy") }
    object.change("spec") { spec in
      spec.changeElements("ports") { port in
        set(&port, "TCP", "protocol")
        if let number = port["port"] { set(&port, number, "targetPort") }
      }
    }
  }

  /// What a Service was given stays its own when an update leaves it out.
  static func keepAllocations(_ new: inout JSON, _ old: JSON) {
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] where new["spec", key] == nil || new["spec", key] == "" {
      new["spec", key] = old["spec", key]
    }
  }

  private static func secret(_ object: inout JSON) {
    set(&object, "Opaque", "type")
    for (key, value) in object["stringData"]?.strings ?? [:] { object["data", key] = .string(Base64.encoded(Array(value.utf8))) }
    object["stringData"] = nil
  }
}

extension JSON {
  /// Changes a member that is an object.
  fileprivate mutating func change(_ key: String, _ body: (inout JSON) -> Void) {
    guard var member = self[key], member.object != nil else { return }
    body(&member)
    self[key] = member
  }

  /// Changes each element of a member that is an array.
  fileprivate mutating func changeElements(_ key: String, _ body: (inout JSON) -> Void) {
    guard var elements = self[key]?.array else { return }
    for index in elements.indices { body(&elements[index]) }
    self[key] = .array(elements)
  }
}
