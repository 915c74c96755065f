package import HTTPTransport

/// A remote repository and what is needed to be let in.
package struct RemoteAccess: Sendable, Hashable {
  /// A name with a password or token, sent as HTTP Basic authentication.
  package struct Basic: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    package let user: String
    package let password: String

    /// A pair; servers that take a token want it as the password, most with any user name.
    package init(user: String, password: String) {
      self.user = user
      self.password = password
    }

    /// The user name; the password is never printed.
    package var description: String { "\(user):…" }
    package var debugDescription: String { description }
  }

  /// How the system's `ssh` is run.
  package struct SSH: Sendable, Hashable {
    /// The command and its first arguments.
    package var command: [String]
    /// A private key to use instead of those the user's configuration and agent offer.
    package var identityFile: String?
    /// A file of known host keys to trust alone; hosts that are not in it are refused.
    package var knownHostsFile: String?
    /// The environment of the child; it needs `PATH`, and for the user's own configuration `HOME` and `SSH_AUTH_SOCK`.
    package var environment: [String: String]

    /// Settings of these parts.
    package init(
      command: [String] = ["ssh"], identityFile: String? = nil, knownHostsFile: String? = nil, environment: [String: String] = [:]
    ) {
      self.command = command
      self.identityFile = identityFile
      self.knownHostsFile = knownHostsFile
      self.environment = environment
    }
  }

  package var url: RemoteURL
  /// Sent with every HTTP request; defaults to what the URL itself holds.
  package var basic: Basic?
  /// How an HTTPS server is verified, and we to it.
  package var tls: TLSSettings
  package var ssh: SSH

  /// Access of these parts.
  package init(url: RemoteURL, basic: Basic? = nil, tls: TLSSettings = TLSSettings(), ssh: SSH = SSH()) {
    self.url = url
    self.tls = tls
    self.basic = basic ?? url.embedded
    self.ssh = ssh
  }
}
