import PlanFiles
import ReleaseEngine
import ReleaseModel

/// What is to be previewed.
struct PlanSubject: Sendable {
  let subject: String
  let version: Version?
  let place: PlanCommand.Place?
  let withCluster: Bool

  /// The folder that stands for the release repo; nil for the repo itself.
  var files: FolderFiles? {
    guard case .folder(let path) = place else { return nil }
    return FolderFiles(path)
  }

  func report(_ installation: Installation) async throws(PortError) -> PlanPreview.Report {
    let ports = installation.ports
    if case .folder(let path) = place {
      try demandRepository(path)
      let catalog = try await ports.plans.catalog(at: "the folder")
      return try await report(installation, catalog, tags: [], commit: "the folder")
    }
    let refs = try await ports.tags.listing()
    let tip = try refs.tip(installation.settings.repository, to: "plan \(Word.plain(subject))")
    let catalog = try await ports.plans.catalog(at: tip)
    var commit = tip
    if case .commit(let id) = place { commit = id }
    return try await report(installation, catalog, tags: refs.tags, commit: commit)
  }

  private func report(
    _ installation: Installation, _ catalog: Catalog, tags: [RefListing.Tag], commit: String
  ) async throws(PortError) -> PlanPreview.Report {
    if let version, let service = ServiceName(subject) {
      try demand(service, in: catalog)
      let tag = ReleaseTag(service: service, version: version, name: catalog.pattern.tagName(of: service, version: version), object: commit)
      return try await PlanPreview(installation, service: service, version: version).run(
        tag: tag, commit: commit, catalog: catalog, withCluster: withCluster)
    }
    let tag = try tag(among: tags, catalog)
    let facts = try await installation.ports.tags.facts(of: tag)
    return try await PlanPreview(installation, service: tag.service, version: tag.version).run(
      tag: tag, commit: facts.commit, catalog: catalog, withCluster: withCluster)
  }

  private func demandRepository(_ folder: String) throws(PortError) {
    guard !Files.isFile("\(folder)/tagflip.yaml") else { return }
    throw PortError(
      .configuration, attempted: "plan \(Word.plain(subject))", reason: "the folder has no tagflip.yaml",
      hint: "name the release repo's own folder: --at FOLDER", location: SourceLocation(file: folder))
  }

  private func demand(_ service: ServiceName, in catalog: Catalog) throws(PortError) {
    guard !catalog.services.contains(service) else { return }
    throw PortError(
      .notFound, attempted: "plan \(service)", reason: "tagflip.yaml names no such service",
      hint: Word.hint(service.text, catalog.services.map(\.text)))
  }

  /// The tag that the command line names, or what may have been meant.
  private func tag(among tags: [RefListing.Tag], _ catalog: Catalog) throws(PortError) -> ReleaseTag {
    let all = ServiceTags(tags, catalog: catalog).of.values.flatMap(\.self)
    if let tag = all.first(where: { $0.name == subject }) { return tag }
    let isService = catalog.services.contains { $0.text == subject }
    let service = catalog.pattern.parts(of: subject)?.service
    let near = all.filter { $0.service.text == service }.sorted { $0.version > $1.version }.prefix(5).map(\.name)
    let there = near.isEmpty ? "" : "there are: \(near.joined(separator: ", ")); "
    let example = isService ? subject : service.flatMap { ServiceName($0)?.text } ?? "SERVICE"
    throw PortError(
      .notFound, attempted: "plan \(Word.plain(subject))",
      reason: isService ? "this is a service; which version of it?" : "there is no such release tag",
      hint: "\(there)before the tag: tagflip plan \(example) --version VERSION")
  }
}
