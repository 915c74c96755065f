import KubernetesModel

/// Namespaces: gives each its default ServiceAccount and the cluster's CA certificate, and empties those that are being deleted.
package struct NamespaceController: Controller {
  private let certificateAuthority: String

  /// - Parameter certificateAuthority: what `kube-root-ca.crt` holds, in PEM; pods of a cluster without TLS get an empty one.
  package init(certificateAuthority: String = "") {
    self.certificateAuthority = certificateAuthority
  }

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    for namespace in objects.list(.namespaces) {
      if namespace.isDeleting { empty(namespace, objects, now) } else { furnish(namespace.name, objects) }
    }
    return nil
  }

  private func furnish(_ namespace: String, _ objects: any ClusterObjects) {
    if objects.get(.serviceAccounts, namespace: namespace, name: "default") == nil {
      let account: JSON = ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default", "namespace": .string(namespace)]]
      _ = try? objects.create(.serviceAccounts, account, by: ManagerName.controllers)
    }
    if objects.get(.configMaps, namespace: namespace, name: "kube-root-ca.crt") == nil {
      let description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
      let authority: JSON = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": [
          "name": "kube-root-ca.crt", "namespace": .string(namespace), "annotations": ["kubernetes.io/description": .string(description)],
        ],
        "data": ["ca.crt": .string(certificateAuthority)],
      ]
      _ = try? objects.create(.configMaps, authority, by: ManagerName.controllers)
    }
  }

  private func empty(_ namespace: JSON, _ objects: any ClusterObjects, _ now: Moment) {
    var remaining: [(resource: Resource, object: JSON)] = []
    for resource in objects.resources where resource != .namespaces {
      for object in objects.list(resource) where object.namespaceText == namespace.name {
        if !object.isDeleting { objects.remove(resource, object) }
        if let left = objects.get(resource, namespace: object.namespaceText, name: object.name) { remaining.append((resource, left)) }
      }
    }
    guard remaining.isEmpty else {
      return objects.writeStatus(status(of: namespace, remaining: remaining, now), of: .namespaces, namespace)
    }
    var finished = namespace
    finished["spec", "finalizers"] = .array((namespace["spec", "finalizers"]?.array ?? []).filter { $0 != "kubernetes" })
    _ = try? objects.update(.namespaces, finished, by: ManagerName.controllers)
  }

  private func status(of namespace: JSON, remaining: [(resource: Resource, object: JSON)], _ now: Moment) -> JSON {
    let kinds = Dictionary(grouping: remaining) { pair in
      pair.resource.group.isEmpty ? pair.resource.plural : "\(pair.resource.plural).\(pair.resource.group)"
    }
    let contents = kinds.sorted { $0.key < $1.key }.map { "\($0.key). has \($0.value.count) resource instances" }
    let finalizers = Dictionary(grouping: remaining.flatMap { $0.object.finalizers }) { $0 }
    let holders = finalizers.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value.count) resource instances" }
    let held = holders.isEmpty ? "False" : "True"
    let conditions: [(String, String, String, String)] = [
      ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
      ("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
      (
        "NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"
      ),
      (
        "NamespaceContentRemaining", "True", "SomeResourcesRemain", "Some resources are remaining: \(contents.joined(separator: ", "))"
      ),
      (
        "NamespaceFinalizersRemaining", held, holders.isEmpty ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
        holders.isEmpty
          ? "All content-preserving finalizers finished"
          : "Some content in the namespace has finalizers remaining: \(holders.joined(separator: ", "))"
      ),
    ]
    let list = conditions.map { type, status, reason, message -> JSON in
      let old = namespace.condition(type)
      let since = old?["status"]?.string == status ? old?["lastTransitionTime"] : nil
      return [
        "type": .string(type), "status": .string(status), "lastTransitionTime": since ?? .string(now.timestamp),
        "reason": .string(reason), "message": .string(message),
      ]
    }
    return ["phase": "Terminating", "conditions": .array(list)]
  }
}
