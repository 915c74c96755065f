internal import CLibcurl

/// Where an HTTP interface begins: scheme, host, perhaps a port and a path, and nothing else.
///
/// User info would be shown wherever the address is, and a query or fragment would stand in front of the paths that are put behind it.
package struct HTTPBase: Sendable, Hashable {
  /// The address as it was written, without slashes at its end.
  package let url: String
  package let authority: HTTPAuthority

  /// The address that a text names, as libcurl reads it.
  /// - Throws: ``Fault`` where the text is no such address.
  package init(_ text: String) throws(Fault) {
    // libcurl would make an `http` URL of a mere host.
    guard ["http://", "https://"].contains(where: { text.lowercased().hasPrefix($0) }), HTTPBase.isVisible(text),
      let authority = HTTPAuthority(url: text), let parts = CurlURL(text)
    else { throw .noURL }
    guard parts.part(CURLUPART_USER) == nil, parts.part(CURLUPART_PASSWORD) == nil, parts.part(CURLUPART_OPTIONS) == nil else {
      throw .userInfo
    }
    // An empty query or fragment is one too, and libcurl does not tell of it.
    guard !text.contains("?") else { throw .query }
    guard !text.contains("#") else { throw .fragment }
    var url = text[...]
    while url.hasSuffix("/") { url.removeLast() }
    self.url = String(url)
    self.authority = authority
  }

  /// The URL of a path below it.
  /// - Parameter path: with what belongs to it, beginning with `/`.
  package func appending(_ path: String) -> String { url + path }

  private static func isVisible(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }

  /// Why a text is no base address, for people: `server "…" \(fault)`.
  package enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
    case noURL
    case userInfo
    case query
    case fragment

    package var description: String {
      switch self {
      case .noURL: "is no http or https URL"
      case .userInfo: "holds a name or a password"
      case .query: "has a query"
      case .fragment: "has a fragment"
      }
    }
  }
}
