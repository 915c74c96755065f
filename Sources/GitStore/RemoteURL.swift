/// Where a remote repository is: parsed once, so that nothing below handles a URL as text.
///
/// Credentials inside a URL are kept apart and never appear in its description.
package struct RemoteURL: Sendable, Hashable {
  /// The three ways to reach a repository.
  package enum Location: Sendable, Hashable {
    /// A directory on this machine.
    case local(path: String)
    /// Smart HTTP; the path begins with `/`, has no trailing `/` and is kept as it was written, percent-encoded.
    case http(secure: Bool, host: String, port: Int?, path: String)
    /// A command run over SSH; the path is what that command gets as its argument.
    case ssh(user: String?, host: String, port: Int?, path: String)
  }

  package let location: Location
  /// Name and password (or token) written into an HTTP URL.
  let embedded: RemoteAccess.Basic?

  /// Reads a local path, `file://`, `http(s)://`, `ssh://` or `[user@]host:path`.
  ///
  /// Throws: `GitError.invalid` for anything else, in particular `git://` (no authentication, no integrity), and for texts that could be taken
  /// for an option of a command.
  package init(parsing text: String) throws(GitError) {
    guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }) || text.hasPrefix("/") else {
      throw Self.invalid(text, "it is empty or contains blanks or control characters")
    }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw Self.invalid(text, "it contains control characters")
    }
    if let separator = text.firstRange(of: "://") {
      self = try Self.parse(scheme: text[..<separator.lowerBound].lowercased(), rest: text[separator.upperBound...])
    } else if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
      self = try Self.parse(scpLike: text[..<colon], path: text[text.index(after: colon)...])
    } else {
      guard !text.hasPrefix("-") else { throw Self.invalid(text, "it begins with a dash") }
      self.init(location: .local(path: text), embedded: nil)
    }
  }

  /// A directory on this machine.
  package init(path: String) { self.init(location: .local(path: path), embedded: nil) }

  private init(location: Location, embedded: RemoteAccess.Basic?) {
    self.location = location
    self.embedded = embedded
  }

  private static func parse(scheme: String, rest: Substring) throws(GitError) -> RemoteURL {
    switch scheme {
    case "file":
      let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
      guard path.hasPrefix("/"), let decoded = percentDecoded(path) else {
        throw invalid("file://\(rest)", "file:// needs an absolute path")
      }
      return RemoteURL(location: .local(path: decoded), embedded: nil)
    case "http", "https": return try parseHTTP(secure: scheme == "https", rest: rest)
    case "ssh", "git+ssh", "ssh+git": return try parseSSH(rest: rest)
    default: throw invalid("\(scheme)://…", "the scheme \(scheme) is not supported; use a path, file, https or ssh")
    }
  }

  private static func parseHTTP(secure: Bool, rest: Substring) throws(GitError) -> RemoteURL {
    let authority = try Authority(rest, shown: secure ? "https://…" : "http://…")
    var path = authority.path.isEmpty ? "/" : authority.path
    guard !path.contains("?"), !path.contains("#") else {
      throw invalid("\(secure ? "https" : "http")://\(authority.host)/…", "it has a query or fragment")
    }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let basic = authority.user.map { RemoteAccess.Basic(user: $0, password: authority.password ?? "") }
    return RemoteURL(location: .http(secure: secure, host: authority.host, port: authority.port, path: path), embedded: basic)
  }

  private static func parseSSH(rest: Substring) throws(GitError) -> RemoteURL {
    let authority = try Authority(rest, shown: "ssh://…")
    guard authority.password == nil else { throw invalid("ssh://\(authority.host)", "SSH takes no password from a URL") }
    guard var path = percentDecoded(authority.path[...]), path.count > 1 else { throw invalid("ssh://\(authority.host)", "it has no path") }
    if path.hasPrefix("/~") { path.removeFirst() }  // ssh://host/~user/repo means the home directory, as in git
    return try checkedSSH(user: authority.user, host: authority.host, port: authority.port, path: path)
  }

  private static func parse(scpLike authority: Substring, path: Substring) throws(GitError) -> RemoteURL {
    let parts = authority.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let host = String(parts.last ?? "")
    guard !path.hasPrefix(":") else { throw invalid("\(host)::…", "remote helpers are not supported") }
    return try checkedSSH(user: parts.count == 2 ? String(parts[0]) : nil, host: host, port: nil, path: String(path))
  }

  /// Refuses what the `ssh` or the Git command could take for an option, as git itself does since CVE-2017-1000117.
  private static func checkedSSH(user: String?, host: String, port: Int?, path: String) throws(GitError) -> RemoteURL {
    let parts = [("user", user ?? "x"), ("host", host), ("path", path)]
    for (name, part) in parts where part.isEmpty || part.hasPrefix("-") {
      throw invalid("ssh://\(host)", "its \(name) is empty or begins with a dash")
    }
    return RemoteURL(location: .ssh(user: user, host: host, port: port, path: path), embedded: nil)
  }

  private static func invalid(_ shown: String, _ cause: String) -> GitError {
    GitError(.invalid, "understand the remote", on: shown.contains("@") ? "…" : shown, cause: cause)
  }
}

extension RemoteURL: CustomStringConvertible {
  /// The location without credentials.
  package var description: String {
    switch location {
    case .local(let path): path
    case .http(let secure, let host, let port, let path): "\(secure ? "https" : "http")://\(host)\(port.map { ":\($0)" } ?? "")\(path)"
    case .ssh(let user, let host, let port, let path):
      "ssh://\(user.map { "\($0)@" } ?? "")\(host)\(port.map { ":\($0)" } ?? "")\(path.hasPrefix("/") ? path : "/\(path)")"
    }
  }
}

extension RemoteURL {
  /// `user:password@host:port/path` of a URL.
  private struct Authority {
    var user: String?
    var password: String?
    var host: String
    var port: Int?
    var path: String

    init(_ rest: Substring, shown: String) throws(GitError) {
      let slash = rest.firstIndex(of: "/") ?? rest.endIndex
      path = String(rest[slash...])
      var hostAndPort = rest[..<slash]
      if let at = hostAndPort.lastIndex(of: "@") {
        let parts = hostAndPort[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = RemoteURL.percentDecoded(parts[0])
        password = parts.count == 2 ? RemoteURL.percentDecoded(parts[1]) : nil
        hostAndPort = hostAndPort[hostAndPort.index(after: at)...]
      }
      let afterBracket = hostAndPort.lastIndex(of: "]") ?? hostAndPort.startIndex
      if let colon = hostAndPort[afterBracket...].lastIndex(of: ":") {
        guard let number = Int(hostAndPort[hostAndPort.index(after: colon)...]), (1...65535).contains(number) else {
          throw RemoteURL.invalid(shown, "its port is no port number")
        }
        port = number
        hostAndPort = hostAndPort[..<colon]
      }
      host = String(hostAndPort)
      guard !host.isEmpty, !host.hasPrefix("-"), host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_[]:%".contains($0)) })
      else { throw RemoteURL.invalid(shown, "its host is empty or malformed") }
    }
  }

  /// The text with `%xx` resolved; nil where that is malformed, no UTF-8 or a control character.
  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let digits = String(rest.prefix(2)), let value = UInt8(digits, radix: 16), value >= 0x20 else {
        return nil
      }
      rest = rest.dropFirst(2)
      bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
