import ReleaseModel

// Tags that are on record and not in the release repo any more.
extension ServiceRun {
  /// How many tags one record tells of: a repo that lost thousands makes several.
  private static let perRecord = 200

  /// Records tags that somebody deleted. What was decided on them stands; one that is pushed again is refused.
  func recordGoneTags(_ tags: ServiceTags, _ catalog: Catalog) async throws(PortError) {
    let found = try await ports.audit.gone(of: service, present: tags.names)
    let gone = found.compactMap { tag -> ReleaseTag? in
      guard let parts = catalog.pattern.parts(of: tag.name), let version = Version(parts.version) else { return nil }
      return ReleaseTag(service: service, version: version, name: tag.name, object: tag.object)
    }
    guard !gone.isEmpty else { return }
    let now = try await ports.identity.now()
    let sorted = gone.sorted { $0.name < $1.name }
    let records = stride(from: 0, to: sorted.count, by: Self.perRecord).map { start in
      AuditRecord(
        event: .deleted, service: service, installation: installation.settings.installation, at: now, actor: actor,
        botVersion: installation.botVersion, tags: Array(sorted[start..<min(start + Self.perRecord, sorted.count)]))
    }
    let result = try await AuditKeeper(ports).append(records, expecting: nil)
    for (record, entry) in zip(records, result.entries) where !entry.wasThere {
      ports.narrator.tell(.recorded(record, commit: entry.commit))
    }
  }
}
