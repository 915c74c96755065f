package import Digests

/// The installation's own settings, `config/tagflip.yaml`: policy that no release repo can widen.
package struct Settings: Sendable {
  /// How the installation is called in records.
  package var installation: String
  package var repository: RepositorySettings
  package var audit: AuditSettings
  package var cluster: ClusterSettings
  /// The namespace of the bot's own Leases, journals and index; never a target.
  package var stateNamespace: String
  /// The installation's own key: seals journals, and keys the digests of Secrets' values. Nil leaves journals without a seal.
  package var stateKey: SecretReference?
  package var policy: Policy
  /// How images are asked for at their registries.
  package var images: ImageSettings
  package var floors: Floors
  /// What release tags must be. Without a rule for a service any tag of a commit will do.
  package var tags: [TagRule]
  /// Whose requests count; nil where whoever may run tagflip may ask.
  package var operators: OperatorRules?
  package var freezes: [FreezeWindow]
  package var notices: NoticeSettings
  /// How long one run may take, in milliseconds.
  package var runDeadlineMs: Int
  /// How long a service's Lease outlives its last renewal: for so long what a killed run held stays taken.
  package var leaseMs: Int
  /// How often each service is looked at for what other hands changed, in milliseconds; nil where it is not.
  package var driftEveryMs: Int?
  /// The file as read, without the secrets that were written in it.
  package var text: [UInt8]
  /// SHA-256 of ``text``.
  package var digest: Digest

  package static let standardLeaseMs = 30_000
  package static let standardDriftEveryMs = 600_000

  package init(
    installation: String, repository: RepositorySettings, audit: AuditSettings, cluster: ClusterSettings, stateNamespace: String,
    stateKey: SecretReference? = nil, policy: Policy, images: ImageSettings = ImageSettings(), floors: Floors, tags: [TagRule] = [],
    operators: OperatorRules? = nil,
    freezes: [FreezeWindow], notices: NoticeSettings, runDeadlineMs: Int, leaseMs: Int = Settings.standardLeaseMs,
    driftEveryMs: Int? = Settings.standardDriftEveryMs, text: [UInt8]
  ) {
    self.installation = installation
    self.repository = repository
    self.audit = audit
    self.cluster = cluster
    self.stateNamespace = stateNamespace
    self.stateKey = stateKey
    self.policy = policy
    self.images = images
    self.floors = floors
    self.tags = tags
    self.operators = operators
    self.freezes = freezes
    self.notices = notices
    self.runDeadlineMs = runDeadlineMs
    self.leaseMs = leaseMs
    self.driftEveryMs = driftEveryMs
    self.text = text
    self.digest = Digest(of: text)
  }
}

extension Settings {
  /// The rule that a service's release tags must meet; nil where any tag of a commit will do.
  package func tagRule(for service: ServiceName) -> TagRule? {
    tags.first { $0.services.isEmpty || $0.services.contains(service) }
  }
}

/// A Git remote and what opens it. Credentials are named by file or environment variable, never written in the settings.
package struct RepositorySettings: Sendable, Hashable {
  /// A local path, `https://…`, `ssh://…` or `user@host:path`.
  package var url: String
  package var username: String?
  package var password: SecretReference?
  /// A PEM file of certificate authorities for HTTPS.
  package var certificateAuthority: String?
  /// A private key file for SSH; without it the user's own SSH configuration decides.
  package var identity: String?
  /// The protected branch whose tip holds `tagflip.yaml` and the templates.
  package var branch: String
  /// The folder of the disposable cache.
  package var cache: String

  package init(
    url: String, username: String? = nil, password: SecretReference? = nil, certificateAuthority: String? = nil, identity: String? = nil,
    branch: String = "main", cache: String
  ) {
    self.url = url
    self.username = username
    self.password = password
    self.certificateAuthority = certificateAuthority
    self.identity = identity
    self.branch = branch
    self.cache = cache
  }
}

/// Where a secret is found when it is needed.
package enum SecretReference: Sendable, Hashable {
  case file(String)
  case environment(String)
  /// Written in the settings themselves, for an address that is no secret. Treated as one all the same.
  case text(String)
}

/// Where records go.
package struct AuditSettings: Sendable, Hashable {
  /// Another remote than the release repo's; nil for the release repo itself.
  package var remote: RepositorySettings?
  package var branch: String
  package var authorName: String
  package var authorEmail: String
  /// The SSH key that signs every commit, a private one or a public one that an agent holds the other half of; nil leaves them unsigned.
  package var signingKey: String?

  package init(
    remote: RepositorySettings? = nil, branch: String = "tagflip/audit", authorName: String = "tagflip",
    authorEmail: String = "tagflip@localhost", signingKey: String? = nil
  ) {
    self.remote = remote
    self.branch = branch
    self.authorName = authorName
    self.authorEmail = authorEmail
    self.signingKey = signingKey
  }
}

/// Which cluster is released to. Without a kubeconfig the environment's count, and without those the pod's service account.
package struct ClusterSettings: Sendable, Hashable {
  package var name: String
  package var kubeconfig: String?
  package var context: String?
  /// Whether the set of nodes is fixed, so that headroom counts them.
  package var fixedNodes: Bool

  package init(name: String = "default", kubeconfig: String? = nil, context: String? = nil, fixedNodes: Bool = false) {
    self.name = name
    self.kubeconfig = kubeconfig
    self.context = context
    self.fixedNodes = fixedNodes
  }
}

/// What a tag may do at the most.
package struct Policy: Sendable, Hashable {
  /// The namespaces that may be released to; empty allows all but the bot's own.
  package var namespaces: [String]
  /// ServiceAccounts that pods may name besides `default`; empty allows those of the environment itself only.
  package var serviceAccounts: [String]
  /// Secrets outside the environment that pods may use.
  package var secrets: [String]
  /// Hosts (names or addresses) that checks may reach besides the Services themselves. Naming a loopback or link-local one lifts its refusal.
  package var hosts: [String]
  /// Whether images are taken as they are, without asking their registry.
  package var trustsImages: Bool

  package init(namespaces: [String] = [], serviceAccounts: [String] = [], secrets: [String] = [], hosts: [String] = [], trustsImages: Bool)
  {
    self.namespaces = namespaces
    self.serviceAccounts = serviceAccounts
    self.secrets = secrets
    self.hosts = hosts
    self.trustsImages = trustsImages
  }
}

/// The least that every plan must ask. Plans only tighten.
package struct Floors: Sendable, Hashable {
  /// The shortest bake, in milliseconds.
  package var bakeMs: Int
  /// The largest tolerated failure rate, 0…1.
  package var failureRate: Double
  /// The shortest warm window of a standby, in milliseconds.
  package var standbyMs: Int
  /// Gates that no plan may drop.
  package var gates: [Gate]

  package init(bakeMs: Int = 0, failureRate: Double = 1, standbyMs: Int = 0, gates: [Gate] = []) {
    self.bakeMs = bakeMs
    self.failureRate = failureRate
    self.standbyMs = standbyMs
    self.gates = gates
  }

  package enum Gate: String, Sendable, Hashable, CaseIterable {
    case smoke
    case bake
    case headroom
  }
}

/// A span in which no rollout starts.
package struct FreezeWindow: Sendable, Hashable {
  package var from: Timestamp
  package var until: Timestamp
  package var reason: String
  /// The services it holds for; empty for all.
  package var services: [ServiceName]

  package init(from: Timestamp, until: Timestamp, reason: String, services: [ServiceName] = []) {
    self.from = from
    self.until = until
    self.reason = reason
    self.services = services
  }

  package func holds(for service: ServiceName, at instant: Timestamp) -> Bool {
    (services.isEmpty || services.contains(service)) && from <= instant && instant < until
  }
}

/// Who is told.
package struct NoticeSettings: Sendable, Hashable {
  /// Gets one JSON POST for each outcome.
  package var webhook: SecretReference?
  /// Is called by each run.
  package var heartbeat: SecretReference?

  package init(webhook: SecretReference? = nil, heartbeat: SecretReference? = nil) {
    self.webhook = webhook
    self.heartbeat = heartbeat
  }
}
