/// Why no whole answer arrived.
package struct HTTPError: Error, Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case cannotResolve
    case cannotConnect
    /// A limit ran out; ``HTTPError/exceeded`` says which.
    case timedOut
    /// The certificate is not trusted, expired, or for another name.
    case untrusted
    case tls
    case bodyTooLarge
    /// The address policy refused the address that the name resolved to.
    case addressRefused
    /// The connection broke before the whole answer was there.
    case connectionBroken
    case cancelled
    case tooManyRedirects
    case malformed
    /// What carries the request to its target did not: a proxy, or an API server that passes requests on to a Service.
    case proxy
    /// Any other of libcurl's codes.
    case other(code: Int)
  }

  package var kind: Kind
  package var method: String
  /// The URL without userinfo, query and fragment.
  package var url: String
  /// One line, without secrets.
  package var reason: String
  /// Whether bytes of the request left, so that the server may have acted on it.
  package var mayHaveActed: Bool
  /// The limit that ran out; nil for all kinds but `timedOut`.
  package var exceeded: HTTPLimits.Bound?

  package init(
    _ kind: Kind, method: String, url: String, reason: String, mayHaveActed: Bool = false, exceeded: HTTPLimits.Bound? = nil
  ) {
    self.kind = kind
    self.method = method
    self.url = HTTPError.redacted(url)
    self.reason = reason
    self.mayHaveActed = mayHaveActed
    self.exceeded = exceeded
  }

  init(_ kind: Kind, of request: HTTPRequest, reason: String, mayHaveActed: Bool = false, exceeded: HTTPLimits.Bound? = nil) {
    self.init(kind, method: request.method, url: request.url, reason: reason, mayHaveActed: mayHaveActed, exceeded: exceeded)
  }

  /// A URL without what may be secret in it.
  package static func redacted(_ url: String) -> String {
    var text = url.prefix { $0 != "?" && $0 != "#" }
    guard let scheme = text.firstRange(of: "://") else { return String(text) }
    let rest = text[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    if let at = authority.lastIndex(of: "@") { text.removeSubrange(authority.startIndex...at) }
    return String(text)
  }
}

extension HTTPError: CustomStringConvertible {
  package var description: String { "\(method) \(url): \(reason)" }
}
