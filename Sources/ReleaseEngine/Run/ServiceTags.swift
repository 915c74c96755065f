package import ReleaseModel

/// The release tags of a listing, by service.
package struct ServiceTags: Sendable, Hashable {
  package var of: [ServiceName: [ReleaseTag]]
  /// What looks like a release tag and is none, and why: shown, never acted on.
  package var strays: [String]
  /// The names of all tags that there are, release tags or not.
  var names: Set<String>

  /// Tags whose names are reserved for other things.
  private static let reserved = ["approve/", "reject/"]

  package init(_ tags: [RefListing.Tag], catalog: Catalog) {
    of = [:]
    strays = []
    names = Set(tags.map(\.name))
    for tag in tags where !ServiceTags.reserved.contains(where: tag.name.hasPrefix) {
      guard let parts = catalog.pattern.parts(of: tag.name) else { continue }
      guard let service = ServiceTags.service(parts.service, catalog) else {
        let known = catalog.services.map(\.text).joined(separator: ", ")
        strays.append(
          "tag \(PlainText.line(tag.name, longest: 100)) names no service of tagflip.yaml (known: \(known)); nothing is released")
        continue
      }
      guard let version = Version(parts.version) else {
        strays.append(
          "tag \(PlainText.line(tag.name, longest: 100)): \(PlainText.line(parts.version, longest: 60)) is no semantic version; nothing is released"
        )
        continue
      }
      of[service, default: []].append(ReleaseTag(service: service, version: version, name: tag.name, object: tag.object))
    }
    // A repository can hold many; the first few tell the story.
    if strays.count > 5 { strays = Array(strays.prefix(5)) + ["and \(strays.count - 5) more tags like these"] }
  }

  private static func service(_ text: String?, _ catalog: Catalog) -> ServiceName? {
    guard let text else { return catalog.services.count == 1 ? catalog.services.first : nil }
    return ServiceName(text).flatMap { catalog.services.contains($0) ? $0 : nil }
  }
}
