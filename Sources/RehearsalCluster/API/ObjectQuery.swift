import KubernetesModel

/// Which objects of a kind a list or watch is about.
struct ObjectQuery: Sendable {
  var namespace: String?
  private var labels: [LabelRequirement] = []
  private var fields: [(path: [String], value: String, isEqual: Bool)] = []

  /// Whether it leaves anything out besides other namespaces.
  var selects: Bool { !labels.isEmpty || !fields.isEmpty }

  /// - Throws: 400 for selectors that nobody can read, and for fields that the kind is not selected by.
  init(_ type: APIResource, namespace: String?, labelSelector: String?, fieldSelector: String?) throws(APIStatus) {
    self.namespace = namespace
    labels = try LabelSelectorText.requirements(labelSelector ?? "")
    for text in (fieldSelector ?? "").split(separator: ",") {
      let isEqual = !text.contains("!=")
      let sides = text.replacing("==", with: "=").replacing("!=", with: "=").split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw .badRequest("invalid selector: '\(text)'; can't understand '\(text)'") }
      try ObjectQuery.checkField(String(sides[0]), type)
      fields.append((sides[0].split(separator: ".").map(String.init), String(sides[1]), isEqual))
    }
  }

  /// The fields that a kind's objects are selected by, besides `metadata.name` and `metadata.namespace`.
  private static let selectable: [String: Set<String>] = [
    "Pod": [
      "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
      "status.podIP",
      "status.nominatedNodeName",
    ],
    "Event": [
      "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
      "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ],
    "Secret": ["type"], "Service": ["spec.clusterIP", "spec.type"], "Namespace": ["status.phase"], "Node": ["spec.unschedulable"],
    "Job": ["status.successful"], "ReplicaSet": ["status.replicas"],
  ]

  private static func checkField(_ field: String, _ type: APIResource) throws(APIStatus) {
    if ["metadata.name", "metadata.namespace"].contains(field) { return }
    guard let known = selectable[type.kind] else {
      throw .badRequest("\"\(field)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
    }
    guard known.contains(field) else { throw .badRequest("field label not supported: \(field)") }
  }

  func matches(_ object: JSON) -> Bool {
    if let namespace, object.namespaceText != namespace { return false }
    return labels.allSatisfy { $0.matches(object.labels[$0.key]) }
      && fields.allSatisfy { field in (ObjectQuery.text(field.path, object) == field.value) == field.isEqual }
  }

  /// A field as selectors see it; what says nothing is what Go's zero values say.
  private static func text(_ path: [String], _ object: JSON) -> String {
    let path = path == ["source"] ? ["source", "component"] : path
    let value = object[path: path[...]]
    if let number = value?.int { return String(number) }
    if let flag = value?.bool { return String(flag) }
    if ["unschedulable", "hostNetwork"].contains(path.last) { return "false" }
    if ["successful", "replicas"].contains(path.last) { return "0" }
    return value?.string ?? ""
  }
}
