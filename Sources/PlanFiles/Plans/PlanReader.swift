import Digests
package import ReleaseEngine
package import ReleaseModel
import Yams

/// The plans' port over the files of a release repo: `tagflip.yaml` and the templates from the protected branch's tip, a service's own plan
/// and manifests from the tag's commit, all under the installation's policy and floors.
package struct PlanReader: Plans {
  let files: any RepositoryFiles
  let settings: Settings

  package init(files: any RepositoryFiles, settings: Settings) {
    self.files = files
    self.settings = settings
  }

  package func blueprint(
    of service: ServiceName, version: Version, commit: String, catalog: Catalog
  ) async throws(PortError) -> Blueprint {
    let sources = try await planSources(service, own: commit, shared: catalog.commit)
    let plan = try PlanFile(sources, service: service, settings: settings).plan()
    try checkNamespace(plan.namespace, of: service, sources)
    let manifests = try await ManifestFiles(files: files, commit: commit, plan: plan, policy: settings.policy).manifests()
    let digests = SourceDigests(
      settings: settings.digest, template: sources.template.map { Digest(of: $0.bytes) }, plan: Digest(of: sources.own.bytes))
    return Blueprint(plan: plan, version: version, manifests: manifests, sources: digests)
  }

  /// The files that a service's plan is merged from.
  func planSources(_ service: ServiceName, own: String, shared: String) async throws(PortError) -> PlanSources {
    let path = "services/\(service)/cutover.yaml"
    let attempted = "read the plan of \(service)"
    guard let bytes = try await files.read(path, at: own) else {
      throw PortError(
        .configuration, attempted: attempted, reason: "there is no such file", hint: "add it: ten lines are enough, see the README",
        location: SourceLocation(file: path))
    }
    guard let node = try YAMLText.documents(bytes, file: path, attempted: attempted).first else {
      throw PortError(.configuration, attempted: attempted, reason: "the file is empty", location: SourceLocation(file: path))
    }
    let ownFile = PlanSources.File(path: path, bytes: bytes, node: node)
    let name = node.mapping?["extends"]?.scalar?.string ?? "standard"
    return PlanSources(
      own: ownFile, template: try await template(name, at: shared, namedBy: ownFile), defaults: try await catalogFile(at: shared))
  }

  private func template(_ name: String, at commit: String, namedBy own: PlanSources.File) async throws(PortError) -> PlanSources.File? {
    let attempted = "read the template \(name)"
    guard name != "none" else { return nil }
    guard ServiceName.isLabel(name) else {
      throw PortError(
        .configuration, attempted: attempted, reason: "\"\(PlainText.line(name, longest: 60))\" cannot be a template's name",
        location: own.node.mapping?["extends"]?.location(in: own.path))
    }
    let path = "templates/\(name).yaml"
    guard let bytes = try await files.read(path, at: commit) else {
      throw PortError(
        .configuration, attempted: attempted, reason: "the protected branch has no \(path)",
        hint: "copy config/templates/standard.yaml there, or write extends: none", location: own.node.location(in: own.path))
    }
    guard let node = try YAMLText.documents(bytes, file: path, attempted: attempted).first else { return nil }
    return PlanSources.File(path: path, bytes: bytes, node: node)
  }

  func catalogFile(at commit: String) async throws(PortError) -> PlanSources.File {
    let path = "tagflip.yaml"
    guard let bytes = try await files.read(path, at: commit) else {
      throw PortError(
        .configuration, attempted: "read tagflip.yaml", reason: "the protected branch has no such file",
        hint: "commit one; an empty one releases every folder under services/", location: SourceLocation(file: path))
    }
    let node = try YAMLText.documents(bytes, file: path, attempted: "read tagflip.yaml").first ?? Node.mapping(Node.Mapping([]))
    return PlanSources.File(path: path, bytes: bytes, node: node)
  }

  /// Whether policy lets the plan have its namespace.
  func checkNamespace(_ namespace: String, of service: ServiceName, _ sources: PlanSources) throws(PortError) {
    guard let objection = settings.objection(toNamespace: namespace) else { return }
    let allowed = settings.policy.namespaces.joined(separator: ", ")
    throw PortError(
      .configuration, attempted: "read the plan of \(service)", reason: objection.reason,
      hint: namespace == settings.stateNamespace
        ? "release to another namespace" : "allowed are: \(allowed) (policy.namespaces of the settings)",
      location: sources.own.node.mapping?["namespace"]?.location(in: sources.own.path) ?? SourceLocation(file: sources.own.path))
  }
}

/// The files that a service's plan is merged from, nearest first.
struct PlanSources {
  struct File {
    var path: String
    var bytes: [UInt8]
    var node: Node
  }

  var own: File
  var template: File?
  /// `tagflip.yaml`, whose `defaults` are the farthest layer.
  var defaults: File
}
