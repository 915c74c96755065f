/// How release tags of a repository are spelled: literal text around `{service}` (at most once) and `{version}` (once).
package struct TagPattern: Sendable, Hashable, CustomStringConvertible {
  package let text: String
  private let prefix: String
  private let middle: String?
  private let suffix: String

  /// The pattern of repositories that name none: `web/v1.4.0`.
  package static let standard = TagPattern(text: "{service}/v{version}", prefix: "", middle: "/v", suffix: "")

  private init(text: String, prefix: String, middle: String?, suffix: String) {
    self.text = text
    self.prefix = prefix
    self.middle = middle
    self.suffix = suffix
  }

  /// The pattern that a text spells, or nil where `{version}` is missing, a placeholder stands twice or `{service}` follows `{version}`.
  package init?(_ text: String) {
    let version = text.components(around: "{version}")
    guard version.count == 2, !text.contains(" ") else { return nil }
    let service = version[0].components(around: "{service}")
    guard service.count <= 2, version[1].components(around: "{service}").count == 1 else { return nil }
    if service.count == 2 {
      // Without text between the two nobody could tell where the name ends.
      guard !service[1].isEmpty else { return nil }
      self.init(text: text, prefix: service[0], middle: service[1], suffix: version[1])
    } else {
      self.init(text: text, prefix: service[0], middle: nil, suffix: version[1])
    }
  }

  package var description: String { text }

  /// Whether tags name their service; without it the repository releases exactly one.
  package var namesService: Bool { middle != nil }

  /// The beginning that all tags of a service share, for asking a Git server for no others.
  package func tagPrefix(of service: ServiceName) -> String {
    if let middle { prefix + service.text + middle } else { prefix }
  }

  /// The name of a service's tag for a version.
  package func tagName(of service: ServiceName, version: Version) -> String {
    tagPrefix(of: service) + version.text + suffix
  }

  /// The parts of a tag's name, or nil where the name does not follow the pattern at all. `version` is the text at its place, valid or not.
  package func parts(of tagName: String) -> (service: String?, version: String)? {
    guard tagName.hasPrefix(prefix), tagName.hasSuffix(suffix), tagName.utf8.count >= prefix.utf8.count + suffix.utf8.count
    else { return nil }
    let inner = String(tagName.dropFirst(prefix.count).dropLast(suffix.count))
    guard let middle else { return (nil, inner) }
    // The first separator ends the name: names are DNS labels and hold neither slash nor dot.
    let pieces = inner.components(around: middle, atMost: 1)
    guard pieces.count == 2 else { return nil }
    return (pieces[0], pieces[1])
  }
}

extension String {
  /// The pieces between occurrences of a separator; one piece where it does not occur.
  fileprivate func components(around separator: String, atMost limit: Int = .max) -> [String] {
    var pieces: [String] = []
    var rest = self[...]
    while pieces.count < limit, let range = rest.firstRange(of: separator) {
      pieces.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return pieces + [String(rest)]
  }
}

/// A tag of the release repo that follows the pattern and names a valid version.
package struct ReleaseTag: Sendable, Hashable, Codable {
  package var service: ServiceName
  package var version: Version
  /// The tag's name without `refs/tags/`.
  package var name: String
  /// The object the ref points to, in hexadecimal: the tag object of an annotated tag, the commit of a lightweight one.
  package var object: String

  package init(service: ServiceName, version: Version, name: String, object: String) {
    self.service = service
    self.version = version
    self.name = name
    self.object = object
  }
}
