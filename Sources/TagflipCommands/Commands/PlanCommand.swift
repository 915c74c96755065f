import ArgumentParser
import KubernetesModel
import PlanFiles
import ReleaseEngine
import ReleaseModel

/// `tagflip plan`
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what the release of a tag would do, or of a version that is not tagged yet. Changes nothing.",
    discussion: "tagflip plan web/v1.4.0, or before any tag: tagflip plan web --version 1.4.0 --at DIR|COMMIT")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A release tag, or a service together with --version.") var subject: String
  @Option(help: "The version that is to be released.") var version: String?
  @Option(help: "Where its files are: a folder, or a commit (default: the protected branch's tip).") var at: String?
  @Flag(help: "Do not ask the cluster.") var offline = false

  func run() async throws {
    let folder = at.flatMap { $0.contains("/") || $0 == "." ? $0 : nil }
    let report = try await Session(shared).perform(files: folder.map { FolderFiles($0) }) { installation throws(PortError) in
      try await preview(installation, isFolder: folder != nil)
    }
    switch shared.output {
    case .text: TextOutput().result(PlanText(report: report).text)
    case .json: TextOutput().result(PlanText(report: report).json.text)
    }
    if !report.objections.isEmpty { throw CommandFailure(.refused) }
  }

  private func preview(_ installation: Installation, isFolder: Bool) async throws(PortError) -> PlanPreview.Report {
    let ports = installation.ports
    if isFolder {
      let catalog = try await ports.plans.catalog(at: "the folder")
      return try await preview(installation, catalog, tags: [], commit: "the folder")
    }
    let refs = try await ports.tags.listing()
    guard let tip = refs.branchTip else {
      throw PortError(
        .notFound, attempted: "plan \(subject)", reason: "the branch \(installation.settings.repository.branch) does not exist")
    }
    let catalog = try await ports.plans.catalog(at: tip)
    return try await preview(installation, catalog, tags: refs.tags, commit: at ?? tip)
  }

  private func preview(
    _ installation: Installation, _ catalog: Catalog, tags: [RefListing.Tag], commit: String
  ) async throws(PortError) -> PlanPreview.Report {
    if let version {
      let service = try Session.service(subject)
      let wanted = try Session.version(version)
      let tag = ReleaseTag(service: service, version: wanted, name: catalog.pattern.tagName(of: service, version: wanted), object: commit)
      return try await PlanPreview(installation, service: service, version: wanted).run(
        tag: tag, commit: commit, catalog: catalog, withCluster: !offline)
    }
    let all = ServiceTags(tags, catalog: catalog).of.values.flatMap(\.self)
    guard let tag = all.first(where: { $0.name == subject }) else {
      throw PortError(
        .notFound, attempted: "plan \(PlainText.line(subject, longest: 100))", reason: "there is no such release tag",
        hint: "before the tag: tagflip plan SERVICE --version VERSION")
    }
    let facts = try await installation.ports.tags.facts(of: tag)
    return try await PlanPreview(installation, service: tag.service, version: tag.version).run(
      tag: tag, commit: facts.commit, catalog: catalog, withCluster: !offline)
  }
}
