/// A service run on another machine through the system's `ssh`, so that the user's configuration, agent, certificates and known hosts count.
final class SSHConnection: SmartConnection {
  /// How long a service that was told everything may take to finish, hooks after a push included.
  private static let grace: Duration = .seconds(5)

  let isStateless = false
  private let remote: RemoteAccess
  private let service: SmartService
  private let version2: Bool
  private let limit: Limit
  private let attempted: String
  private let subject: String
  private var child: SSHChild?
  private var hasAnswered = false
  private var hasEnded = false

  /// A connection that is not yet made; `version2` asks for protocol 2, which the server may ignore.
  init(_ remote: RemoteAccess, service: SmartService, version2: Bool, attempted: String, limit: Limit) {
    self.remote = remote
    self.service = service
    self.version2 = version2
    self.attempted = attempted
    self.limit = limit
    subject = "\(remote.url)"
  }

  func begin() throws(GitError) {
    guard case .ssh(let user, let host, let port, let path) = remote.url.location else {
      throw GitError(.invalid, attempted, on: subject, cause: "it is no SSH URL")
    }
    let command = Self.command(remote.ssh, service: service, version2: version2, user: user, host: host, port: port, path: path)
    var environment = remote.ssh.environment
    environment["GIT_PROTOCOL"] = version2 ? "version=2" : nil
    child = try SSHChild(command, environment: environment, attempted: attempted, on: subject)
  }

  /// The whole command line. The path is quoted for the shell at the other end, and `--` ends the options: what a URL holds is never one.
  static func command(
    _ settings: RemoteAccess.SSH, service: SmartService, version2: Bool, user: String?, host: String, port: Int?, path: String
  ) -> [String] {
    var command = settings.command + ["-o", "BatchMode=yes"]
    if version2 { command += ["-o", "SendEnv=GIT_PROTOCOL"] }
    if let file = settings.identityFile { command += ["-o", "IdentitiesOnly=yes", "-i", file] }
    if let file = settings.knownHostsFile { command += ["-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(file)"] }
    if let port { command += ["-p", "\(port)"] }
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    return command + ["--", user.map { "\($0)@\(bare)" } ?? bare, "\(service.rawValue) \(quoted(path))"]
  }

  /// The text as one word of a POSIX shell; `~user/` at its start stays outside the quotes, as git has it.
  private static func quoted(_ path: String) -> String {
    var (home, rest) = ("", path[...])
    if path.hasPrefix("~"), let slash = path.firstIndex(of: "/") {
      let user = path[..<slash]
      if user.dropFirst().allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }) {
        home = "\(user)/"
        rest = path[path.index(after: slash)...]
      }
    }
    return "\(home)'\(rest.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
  }

  func request() throws(GitError) {}

  func write(_ bytes: [UInt8]) throws(GitError) {
    try connected.write(bytes, limit: limit, attempted: attempted, on: subject)
  }

  func read(upTo count: Int) throws(GitError) -> [UInt8] {
    let bytes = try connected.read(upTo: count, limit: limit, attempted: attempted, on: subject)
    if !bytes.isEmpty { hasAnswered = true }
    if bytes.isEmpty, !hasAnswered { throw startFailure() }
    hasEnded = bytes.isEmpty
    return bytes
  }

  func close() {
    // Only a push has more to finish than to notice that nobody listens.
    let mayFinish = service == .receivePack && hasAnswered && !hasEnded && limit.reached == nil
    child?.end(within: mayFinish ? Self.grace : .zero)
    child = nil
  }

  private var connected: SSHChild {
    get throws(GitError) {
      guard let child else { throw GitError(.protocol, attempted, on: subject, cause: "the connection is closed") }
      return child
    }
  }

  /// Why the service never said a word: `ssh` itself answers 255, what the server ran answers its own status.
  private func startFailure() -> GitError {
    child?.end(within: .seconds(1))
    let text = child?.errorText ?? ""
    let code = child?.exitCode ?? 255
    let kind: GitError.Kind =
      switch code {
      case 255: Self.isRefusal(text) ? .authentication : .unreachable
      case 126, 127: .protocol  // there is no git there
      default: .notFound
      }
    return GitError(
      kind, attempted, on: subject, cause: text.isEmpty ? "\(remote.ssh.command.first ?? "ssh") ended with status \(code)" : text)
  }

  /// What OpenSSH's client, which is not translated, says of keys and passwords that were not accepted.
  private static func isRefusal(_ text: String) -> Bool {
    ["Permission denied", "Host key verification failed", "Too many authentication failures"].contains { text.contains($0) }
  }
}
