package import KubernetesModel

extension KubernetesClient {
  /// How many objects one page of a list holds at most.
  static let pageSize = 250
  /// How often a list is begun anew because the server forgot the version that its pages were of.
  private static let restarts = 3

  /// All objects that match, read page by page, with the list's resourceVersion.
  ///
  /// Items bear their kind and apiVersion, which the server leaves out, and no managedFields, which would be half of their size.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - labels: a label selector, as `kubectl -l` takes it.
  ///   - fields: a field selector, as `kubectl --field-selector` takes it.
  package func list(
    _ kind: ResourceKind, namespace: String? = nil, labels: String? = nil, fields: String? = nil
  ) async throws(KubernetesError) -> (items: [JSON], resourceVersion: String) {
    let deadline = deadline
    var restarts = 0
    while true {
      do throws(KubernetesError) {
        return try await listOnce(kind, namespace: namespace, labels: labels, fields: fields, by: deadline)
      } catch {
        restarts += 1
        guard error.kind == .gone, restarts <= KubernetesClient.restarts, deadline > .now else { throw error }
      }
    }
  }

  private func listOnce(
    _ kind: ResourceKind, namespace: String?, labels: String?, fields: String?, by deadline: ContinuousClock.Instant
  ) async throws(KubernetesError) -> (items: [JSON], resourceVersion: String) {
    var items: [JSON] = []
    var token = ""
    while true {
      let query = selection(labels, fields) + [("limit", String(KubernetesClient.pageSize))] + (token.isEmpty ? [] : [("continue", token)])
      let call = try Call("GET", "list", kind, namespace: namespace, query: query)
      let page = try await json(call, by: deadline)
      // `null` is Go's empty list; anything else is no list, and nothing must not pass for "none".
      guard let found = page["items"]?.array ?? (page["items"]?.isNull == true ? [] : nil), let version = page.resourceVersion else {
        throw KubernetesError(.malformedAnswer, attempted: call.attempted, message: "the answer is no list")
      }
      for item in found { items.append(item.asListItem(of: kind)) }
      let next = page["metadata", "continue"]?.string ?? ""
      if next.isEmpty { return (items, version) }
      guard next != token else {
        throw KubernetesError(.malformedAnswer, attempted: call.attempted, message: "the list's pages go round in a circle")
      }
      token = next
    }
  }

  func selection(_ labels: String?, _ fields: String?) -> [(String, String)] {
    [("labelSelector", labels), ("fieldSelector", fields)].compactMap { name, value in value.map { (name, $0) } }
  }
}

extension JSON {
  fileprivate func asListItem(of kind: ResourceKind) -> JSON {
    var item = self
    item["metadata", "managedFields"] = nil
    if item["kind"] == nil { item["kind"] = .string(kind.kind) }
    if item["apiVersion"] == nil { item["apiVersion"] = .string(kind.apiVersion) }
    return item
  }
}
