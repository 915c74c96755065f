import HTTPTransport
package import KubernetesModel

/// One or more kubeconfigs (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/), read as one.
package struct KubeConfig: Sendable {
  private let files: [KubeConfigFile]

  /// - Parameter files: in the order of their rank: the first that has an entry of a name gives it, whole.
  package init(files: [KubeConfigFile]) { self.files = files }

  /// One file.
  package init(document: JSON, path: String) { self.init(files: [KubeConfigFile(document: document, path: path)]) }

  /// The access that a context names.
  /// - Parameter context: nil for the `current-context`.
  /// - Throws: ``ClusterAccessError`` naming the file in which something is wrong.
  package func access(context name: String? = nil) throws(ClusterAccessError) -> ClusterAccess {
    for file in files { try file.checkKind() }
    let (contexts, clusters, users) = (try merged("contexts"), try merged("clusters"), try merged("users"))
    let chosen = if let name { Optional(name) } else { try currentContext() }
    guard let name = chosen, !name.isEmpty else {
      throw fault("names no current-context", "name one in the settings: cluster.context")
    }
    let context = try contexts.entry(name, or: fault)
    guard let clusterName = try context.text("cluster") else { throw context.fault(" names no cluster", "add it") }
    let cluster = try clusters.entry(clusterName, or: fault)
    // A context without a user is anonymous.
    let user = try context.text("user").map { name throws(ClusterAccessError) in try users.entry(name, or: fault) }
    var access = try KubeConfigCluster(cluster).access
    access.namespace = try context.text("namespace")
    if let user { try KubeConfigUser(user).complete(&access, cluster: cluster) }
    return access
  }

  private func currentContext() throws(ClusterAccessError) -> String? {
    for file in files { if let name = try file.currentContext() { return name } }
    return nil
  }

  private func merged(_ list: String) throws(ClusterAccessError) -> Merged {
    let field = String(list.dropLast())
    var merged = Merged(field: field)
    for file in files { for (name, entry) in try file.entries(list, field) { merged.add(name, entry) } }
    return merged
  }

  /// A fault of all files together.
  private func fault(_ reason: String, _ hint: String) -> ClusterAccessError {
    ClusterAccessError(file: files.isEmpty ? nil : files.map(\.path).joined(separator: ", "), reason: reason, hint: hint)
  }

  /// The entries of one of the lists, of all files.
  private struct Merged {
    let field: String
    private var names: [String] = []
    private var entries: [String: KubeConfigEntry] = [:]

    init(field: String) { self.field = field }

    /// The first entry of a name counts, whole: client-go mixes no fields either.
    mutating func add(_ name: String, _ entry: KubeConfigEntry) {
      guard entries[name] == nil else { return }
      names.append(name)
      entries[name] = entry
    }

    func entry(_ name: String, or fault: (String, String) -> ClusterAccessError) throws(ClusterAccessError) -> KubeConfigEntry {
      guard let entry = entries[name] else {
        throw fault("has no \(field) \"\(name)\"", names.isEmpty ? "it has none at all" : "it has: \(names.joined(separator: ", "))")
      }
      try entry.checkContent()
      return entry
    }
  }
}
