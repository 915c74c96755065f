import FoundationEssentials
import KubernetesModel

/// Rows for people (`meta.k8s.io/v1 Table`), with the columns that `kubectl get` shows.
struct TableView: Sendable {
  private let type: APIResource
  /// What of the object each row carries: `None`, `Metadata` or `Object`.
  private let inclusion: String
  private let columns: [Column]
  private let clock: ClusterClock

  private struct Column: Sendable {
    var name: String
    /// 0 is shown always, 1 with `-o wide`.
    var priority: Int
    var cell: @Sendable (JSON, Date) -> JSON

    init(name: String, priority: Int = 0, cell: @escaping @Sendable (JSON) -> JSON) {
      (self.name, self.priority, self.cell) = (name, priority, { object, _ in cell(object) })
    }

    /// How long ago something was.
    init(age name: String, since field: String? = nil) {
      (self.name, priority, cell) = (name, 0, { object, now in .string(TableView.age(object, field, now)) })
    }
  }

  init(_ type: APIResource, including inclusion: String? = nil, clock: ClusterClock) {
    self.type = type
    self.clock = clock
    self.inclusion = inclusion ?? "Metadata"
    let middle: [Column] =
      switch type.kind {
      case "Pod": TableView.pod
      case "Deployment": TableView.deployment
      case "ReplicaSet": TableView.replicaSet
      case "Service": TableView.service
      case "Node": TableView.node
      case "ConfigMap": [Column(name: "Data") { .int(Int64($0["data"]?.object?.count ?? 0)) }]
      case "Secret":
        [
          Column(name: "Type") { $0["type"] ?? "Opaque" }, Column(name: "Data") { .int(Int64($0["data"]?.object?.count ?? 0)) },
        ]
      case "Namespace": [Column(name: "Status") { $0["status", "phase"] ?? "Active" }]
      case "Lease": [Column(name: "Holder") { $0["spec", "holderIdentity"] ?? "" }]
      case "Event": TableView.event
      case "EndpointSlice": TableView.slice
      case "HorizontalPodAutoscaler": TableView.autoscaler
      case "PodDisruptionBudget": TableView.budget
      case "ResourceQuota": [Column(name: "Used") { TableView.used($0) }]
      default: []
      }
    columns = middle
  }

  func table(_ objects: [JSON], version: String) -> JSON {
    // What is shown with `-o wide` alone comes behind the age.
    let all =
      [Column(name: "Name") { .string($0.name) }] + columns.filter { $0.priority == 0 } + [
        Column(age: "Age")
      ]
      + columns.filter { $0.priority > 0 }
    let shown = type.kind == "Event" ? columns : all
    let definitions = shown.map { column -> JSON in
      [
        "name": .string(column.name), "type": "string", "format": column.name == "Name" ? "name" : "", "description": "",
        "priority": .int(Int64(column.priority)),
      ]
    }
    let now = clock.now().date
    let rows = objects.map { object -> JSON in
      let cells = JSON.array(shown.map { $0.cell(object, now) })
      guard inclusion != "None" else { return ["cells": cells] }
      guard inclusion != "Object" else { return ["cells": cells, "object": object] }
      var partial: JSON = ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"]
      partial["metadata"] = object["metadata"]
      return ["cells": cells, "object": partial]
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": ["resourceVersion": .string(version)],
      "columnDefinitions": .array(definitions), "rows": .array(rows),
    ]
  }

  // MARK: Columns by kind

  private static func number(_ object: JSON, _ path: String...) -> Int { object[path: path[...]]?.int ?? 0 }

  private static var pod: [Column] {
    [
      Column(name: "Ready") { pod in
        let statuses = pod["status", "containerStatuses"]?.array ?? []
        return .string("\(statuses.filter { $0["ready"] == true }.count)/\(pod["spec", "containers"]?.array?.count ?? 0)")
      },
      Column(name: "Status") { .string(podStatus($0)) },
      Column(name: "Restarts") { pod in
        .int(Int64((pod["status", "containerStatuses"]?.array ?? []).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }))
      },
      Column(name: "IP", priority: 1) { $0["status", "podIP"] ?? "<none>" },
      Column(name: "Node", priority: 1) { $0["spec", "nodeName"] ?? "<none>" },
    ]
  }

  private static func podStatus(_ pod: JSON) -> String {
    if pod.isDeleting { return "Terminating" }
    for status in pod["status", "containerStatuses"]?.array ?? [] {
      if let reason = status["state", "waiting", "reason"]?.string { return reason }
      if let reason = status["state", "terminated", "reason"]?.string { return reason }
    }
    return pod["status", "phase"]?.string ?? "Unknown"
  }

  private static var deployment: [Column] {
    [
      Column(name: "Ready") { .string("\(number($0, "status", "readyReplicas"))/\(number($0, "spec", "replicas"))") },
      Column(name: "Up-to-date") { .int(Int64(number($0, "status", "updatedReplicas"))) },
      Column(name: "Available") { .int(Int64(number($0, "status", "availableReplicas"))) },
      Column(name: "Images", priority: 1) { .string(images($0)) },
    ]
  }

  private static var replicaSet: [Column] {
    [
      Column(name: "Desired") { .int(Int64(number($0, "spec", "replicas"))) },
      Column(name: "Current") { .int(Int64(number($0, "status", "replicas"))) },
      Column(name: "Ready") { .int(Int64(number($0, "status", "readyReplicas"))) },
      Column(name: "Images", priority: 1) { .string(images($0)) },
    ]
  }

  private static func images(_ workload: JSON) -> String {
    (workload["spec", "template", "spec", "containers"]?.array ?? []).compactMap { $0["image"]?.string }.joined(separator: ",")
  }

  private static var service: [Column] {
    [
      Column(name: "Type") { $0["spec", "type"] ?? "ClusterIP" }, Column(name: "Cluster-IP") { $0["spec", "clusterIP"] ?? "<none>" },
      Column(name: "External-IP") { _ in "<none>" },
      Column(name: "Port(s)") { service in
        let ports = (service["spec", "ports"]?.array ?? []).map { "\($0["port"]?.int ?? 0)/\($0["protocol"]?.string ?? "TCP")" }
        return .string(ports.isEmpty ? "<none>" : ports.joined(separator: ","))
      },
      Column(name: "Selector", priority: 1) { service in
        .string(
          (service["spec", "selector"]?.strings ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
      },
    ]
  }

  private static var node: [Column] {
    [
      Column(name: "Status") { .string($0.hasCondition("Ready") ? "Ready" : "NotReady") }, Column(name: "Roles") { _ in "<none>" },
      Column(name: "Version") { $0["status", "nodeInfo", "kubeletVersion"] ?? "" },
    ]
  }

  private static var event: [Column] {
    [
      Column(age: "Last Seen", since: "lastTimestamp"), Column(name: "Type") { $0["type"] ?? "" },
      Column(name: "Reason") { $0["reason"] ?? "" },
      Column(name: "Object") {
        .string("\(($0["involvedObject", "kind"]?.string ?? "").lowercased())/\($0["involvedObject", "name"]?.string ?? "")")
      },
      Column(name: "Message") { $0["message"] ?? "" },
    ]
  }

  private static var slice: [Column] {
    [
      Column(name: "AddressType") { $0["addressType"] ?? "" },
      Column(name: "Ports") { slice in
        .string((slice["ports"]?.array ?? []).compactMap { $0["port"]?.int.map(String.init) }.joined(separator: ","))
      },
      Column(name: "Endpoints") { slice in
        .string((slice["endpoints"]?.array ?? []).compactMap { $0["addresses"]?[0]?.string }.joined(separator: ","))
      },
    ]
  }

  private static var autoscaler: [Column] {
    [
      Column(name: "Reference") {
        .string("\($0["spec", "scaleTargetRef", "kind"]?.string ?? "")/\($0["spec", "scaleTargetRef", "name"]?.string ?? "")")
      },
      Column(name: "MinPods") { .int(Int64(number($0, "spec", "minReplicas"))) },
      Column(name: "MaxPods") { .int(Int64(number($0, "spec", "maxReplicas"))) },
    ]
  }

  private static var budget: [Column] {
    [
      Column(name: "Min Available") { $0["spec", "minAvailable"] ?? "N/A" },
      Column(name: "Max Unavailable") { $0["spec", "maxUnavailable"] ?? "N/A" },
      Column(name: "Allowed Disruptions") { .int(Int64(number($0, "status", "disruptionsAllowed"))) },
    ]
  }

  private static func used(_ quota: JSON) -> JSON {
    let hard = quota["status", "hard"]?.strings ?? [:]
    let used = quota["status", "used"]?.strings ?? [:]
    return .string(hard.sorted { $0.key < $1.key }.map { "\($0.key): \(used[$0.key] ?? "0")/\($0.value)" }.joined(separator: ", "))
  }

  private static func age(_ object: JSON, _ field: String?, _ now: Date) -> String {
    guard let then = field.map({ object[$0] ?? .null })?.instant ?? object["metadata", "creationTimestamp"]?.instant else {
      return "<unknown>"
    }
    let seconds = max(0, Int(now.timeIntervalSince(then)))
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<7200: return "\(seconds / 60)m"
    case ..<172_800: return "\(seconds / 3600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}
