package import ReleaseEngine
import ReleaseModel
import Yams

extension PlanReader {
  package func catalog(at commit: String) async throws(PortError) -> Catalog {
    let file = try await catalogFile(at: commit)
    let problems = Problems(attempted: "read tagflip.yaml")
    let root = LayeredObject(
      [YAMLObject(file.node, file: file.path, problems: problems, known: CatalogKeys.all, what: "tagflip.yaml")], problems: problems)
    let pattern = pattern(root, problems)
    // Who names the services is not held to what lies beside them.
    let isNamed = root.find("groups") != nil || root.find("services") != nil
    let found = isNamed ? [] : try await files.folders(in: "services", holding: "cutover.yaml", at: commit)
    let groups = groups(root, found, problems)
    try problems.throwIfAny()
    let services = groups.flatMap(\.self)
    if !pattern.namesService && services.count != 1 {
      throw PortError(
        .configuration, attempted: problems.attempted,
        reason: "tagPattern \(pattern) names no service, but there are \(services.count)", hint: "put {service} into it",
        location: root.location("tagPattern"))
    }
    var catalog = Catalog(commit: commit, pattern: pattern, groups: groups, targets: [:])
    for service in services { await resolve(service, &catalog) }
    refuseSharedTargets(&catalog)
    return catalog
  }

  private func pattern(_ root: LayeredObject, _ problems: Problems) -> TagPattern {
    guard let text = root.string("tagPattern") else { return .standard }
    if let pattern = TagPattern(text) { return pattern }
    problems.add(
      "tagPattern \"\(PlainText.line(text, longest: 80))\" is none", at: root.location("tagPattern"),
      hint: "it holds {version} once and {service} at most once before it, such as {service}/v{version}")
    return .standard
  }

  private func groups(_ root: LayeredObject, _ found: [String], _ problems: Problems) -> [[ServiceName]] {
    func names(_ texts: [String], _ key: String) -> [ServiceName] {
      texts.compactMap { text in
        if let name = ServiceName(text) { return name }
        problems.add(
          "\"\(PlainText.line(text, longest: 60))\" cannot be a service's name", at: root.location(key),
          hint: "use a DNS label of at most 50 characters")
        return nil
      }
    }
    if let (node, layer) = root.find("groups") {
      let groups = (node.sequence ?? []).map { group in names(group.sequence?.compactMap { $0.scalar?.string } ?? [], "groups") }
      let all = groups.flatMap(\.self)
      if groups.isEmpty || groups.contains(where: \.isEmpty) || Set(all).count != all.count {
        problems.add("groups must be lists of service names, each name once", at: node.location(in: layer.file))
      }
      return groups
    }
    let services = names(root.strings("services") ?? found, "services")
    if services.isEmpty && problems.all.isEmpty {
      problems.add("no service is released from here", at: root.location("services"), hint: "add services/NAME/cutover.yaml")
    }
    return [services]
  }

  /// Where a service lives, by the plan at the protected branch's tip. What else is wrong there is not looked at: each tag is judged by the
  /// plan at its own commit.
  private func resolve(_ service: ServiceName, _ catalog: inout Catalog) async {
    do throws(PortError) {
      let sources = try await planSources(service, own: catalog.commit, shared: catalog.commit)
      let place = try PlanFile(sources, service: service, settings: settings).place()
      try checkNamespace(place.namespace, of: service, sources)
      catalog.targets[service] = ServiceTarget(
        service: service, cluster: settings.cluster.name, namespace: place.namespace, activeService: place.activeService,
        previewService: place.previewService)
    } catch {
      catalog.broken[service] = error
    }
  }

  /// Two plans that name one active Service would fight over it: neither is released.
  private func refuseSharedTargets(_ catalog: inout Catalog) {
    let byPlace = Dictionary(grouping: catalog.targets.values) { "\($0.cluster)/\($0.namespace)/\($0.activeService)" }
    for targets in byPlace.values where targets.count > 1 {
      let files = targets.map { "services/\($0.service)/cutover.yaml" }.sorted()
      for target in targets {
        catalog.targets[target.service] = nil
        catalog.broken[target.service] = PortError(
          .configuration, attempted: "read the plan of \(target.service)",
          reason: "the plans \(files.joined(separator: " and ")) name the same active Service \(target.namespace)/\(target.activeService)",
          hint: "give each service a Service of its own", location: SourceLocation(file: "services/\(target.service)/cutover.yaml"))
      }
    }
  }
}

/// The keys of `tagflip.yaml`.
enum CatalogKeys {
  static let all = ["tagPattern", "services", "groups", "defaults"]
}
