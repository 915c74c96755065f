import KubernetesModel

// What is checked of single kinds, and of what all have in common besides names.
extension Validation {
  /// Nothing new may hold up what is on its way out.
  static func finalizers(_ object: JSON, _ old: JSON?) -> [FieldFault] {
    guard let old, old.isDeleting else { return [] }
    let added = object.finalizers.filter { !old.finalizers.contains($0) }
    guard !added.isEmpty else { return [] }
    let list = added.map { JSON.string($0).text }.joined(separator: ", ")
    let words = "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"
    return [.forbidden("metadata.finalizers", words)]
  }

  static func owners(_ object: JSON) -> [FieldFault] {
    var faults: [FieldFault] = []
    for owner in object.ownerReferences {
      for key in ["apiVersion", "kind", "name", "uid"] where owner[key]?.string?.isEmpty ?? true {
        faults.append(.invalid("metadata.ownerReferences.\(key)", "", "must not be empty"))
      }
    }
    let controllers = object.ownerReferences.filter { $0["controller"]?.bool == true }
    if controllers.count > 1 {
      let names = controllers.prefix(2).map { "\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")" }.joined(separator: " and ")
      let words = "Only one reference can have Controller set to true. Found \"true\" in references for \(names)"
      faults.append(.invalid("metadata.ownerReferences", .array(object.ownerReferences), words))
    }
    return faults
  }

  /// A Deployment's deadline leaves pods the time to count as available.
  static func deadline(_ object: JSON) -> [FieldFault] {
    guard let deadline = object["spec", "progressDeadlineSeconds"]?.int, deadline <= object["spec", "minReadySeconds"]?.int ?? 0 else {
      return []
    }
    return [.invalid("spec.progressDeadlineSeconds", .int(Int64(deadline)), "must be greater than minReadySeconds")]
  }

  static func job(_ object: JSON, _ old: JSON?) -> [FieldFault] {
    var faults: [FieldFault] = []
    if let old, old["spec", "template"] != object["spec", "template"], old["spec", "suspend"]?.bool != true {
      faults.append(.invalid("spec.template", object["spec", "template"] ?? .null, "field is immutable"))
    }
    if !["OnFailure", "Never"].contains(object["spec", "template", "spec", "restartPolicy"]?.string ?? "") {
      faults.append(.required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""))
    }
    return faults
  }

  static func lease(_ object: JSON) -> [FieldFault] {
    guard let seconds = object["spec", "leaseDurationSeconds"]?.int, seconds <= 0 else { return [] }
    return [.invalid("spec.leaseDurationSeconds", .int(Int64(seconds)), "must be greater than 0")]
  }

  static func event(_ object: JSON) -> [FieldFault] {
    let namespace = object["involvedObject", "namespace"]?.string ?? ""
    // Events about what has no namespace are kept in the default one.
    guard namespace != object.namespaceText, !(namespace.isEmpty && object.namespaceText == "default") else { return [] }
    return [.invalid("involvedObject.namespace", .string(namespace), "does not match event.namespace")]
  }

  /// Of a pod that is there little may change.
  static func pod(_ object: JSON, _ old: JSON) -> [FieldFault] {
    guard fixed(object["spec"] ?? [:]) != fixed(old["spec"] ?? [:]) else { return [] }
    let words =
      "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
      + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow "
      + "it to be set to 1 if it was previously negative)"
    return [.forbidden("spec", words)]
  }

  private static func fixed(_ spec: JSON) -> JSON {
    var spec = spec
    // A node is given by binding.
    for key in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"] { spec[key] = nil }
    for key in ["containers", "initContainers"] {
      guard let containers = spec[key]?.array else { continue }
      spec[key] = .array(
        containers.map { container in
          var container = container
          container["image"] = nil
          container["imagePullPolicy"] = nil
          return container
        })
    }
    return spec
  }
}
