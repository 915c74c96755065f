/// What a service's release does and what it may cost: the template and the service's own `cutover.yaml` merged, under the installation's floors.
///
/// The merged value is part of the cutover plan, so its canonical JSON is covered by the plan's digest. Durations are whole milliseconds.
package struct ServicePlan: Sendable, Hashable, Codable {
  package var service: ServiceName
  package var namespace: String
  /// The name of the Service that users reach.
  package var activeService: String
  /// The name of the Service through which a color is reached before exposure; the bot owns it.
  package var previewService: String
  /// The Service port that checks use, by name or number; nil where the Service has only one.
  package var port: String?
  package var images: [ImageRule]
  /// How long an image may take to appear, in milliseconds.
  package var imagesWaitMs: Int
  /// Whether prerelease versions are released at all.
  package var prereleases: Bool
  package var deploy: DeployRules
  package var smoke: SmokeGate
  package var bake: BakeGate
  package var standby: StandbyRules
  package var rollback: RollbackRules
  package var first: FirstRelease
  package var headroom: HeadroomMode
  /// So many pods per Deployment, at most, the new color has until just before the cutover; nil where it has its full size from the beginning.
  package var previewReplicas: Int?
  package var probes: ProbeRules
  /// When that runs which acts without the Service; nil where there is nothing of the kind.
  package var runs: [RunRule]?
  /// Nil for ``PodIdentity/shared``.
  package var identity: PodIdentity?
  /// How long connections to the service live; nil where the plan does not say, which means ``Connections/short``.
  package var connections: Connections?
  /// How long users reach both colors before they reach the new one alone, in milliseconds; nil for one atomic flip.
  package var overlapMs: Int?

  package init(
    service: ServiceName, namespace: String, activeService: String, previewService: String, port: String? = nil, images: [ImageRule] = [],
    imagesWaitMs: Int = 1_800_000, prereleases: Bool = false, deploy: DeployRules = DeployRules(), smoke: SmokeGate = SmokeGate(),
    bake: BakeGate = BakeGate(), standby: StandbyRules = StandbyRules(), rollback: RollbackRules = RollbackRules(),
    first: FirstRelease = .stay, headroom: HeadroomMode = .require, previewReplicas: Int? = nil,
    probes: ProbeRules = ProbeRules(), runs: [RunRule]? = nil, identity: PodIdentity? = nil, connections: Connections? = nil,
    overlapMs: Int? = nil
  ) {
    self.service = service
    self.namespace = namespace
    self.activeService = activeService
    self.previewService = previewService
    self.port = port
    self.images = images
    self.imagesWaitMs = imagesWaitMs
    self.prereleases = prereleases
    self.deploy = deploy
    self.smoke = smoke
    self.bake = bake
    self.standby = standby
    self.rollback = rollback
    self.first = first
    self.headroom = headroom
    self.previewReplicas = previewReplicas
    self.probes = probes
    self.runs = runs
    self.identity = identity
    self.connections = connections
    self.overlapMs = overlapMs
  }

  /// How long users may be on a new color before it is promoted, in milliseconds: they may reach both for a while first, and the bake goes on
  /// until what acts without the Service has followed users, and established connections have.
  package var exposedMs: Int { (overlapMs ?? 0) + bake.durationMs + handOverMs + connectionsMs }

  /// How long the bake may go on until established connections have moved, in milliseconds.
  package var connectionsMs: Int { connections == .long ? deploy.readyWithinMs : 0 }
}

/// How long connections to a service live.
package enum Connections: String, Sendable, Hashable, Codable, CaseIterable {
  /// They end by themselves soon: the flip, which moves new ones, is all that it takes.
  case short
  /// They stay: after the flip the standby's pods are replaced one at a time, so that they move to the new color while the bake watches.
  case long
}

extension ServicePlan {
  /// The sizes that the new color is built at, of those that it has when users come.
  package func previewSizes(_ sizes: [String: Int]) -> [String: Int] {
    guard let previewReplicas else { return sizes }
    return sizes.mapValues { min($0, previewReplicas) }
  }

  /// How often the new color may be waited for, `deploy.readyWithin` each time.
  package var deployWaits: Int { previewReplicas == nil ? 1 : 2 }
}

/// Which tag or digest the containers that run an image get.
package struct ImageRule: Sendable, Hashable, Codable {
  /// Registry and repository, as the manifests name it.
  package var name: String
  /// A tag, in which `{version}` stands for the release's version; nil where a digest is given.
  package var tag: String?
  package var digest: String?

  package init(name: String, tag: String? = nil, digest: String? = nil) {
    self.name = name
    self.tag = tag
    self.digest = digest
  }

  /// The reference for one version.
  package func reference(for version: Version) -> ImageReference {
    ImageReference(name: name, tag: tag?.replacing("{version}", with: version.text), digest: digest)
  }
}

/// The limits of the deploy step.
package struct DeployRules: Sendable, Hashable, Codable {
  /// How long the new color may take until every pod is ready, in milliseconds (waiting for images apart).
  package var readyWithinMs: Int

  package init(readyWithinMs: Int = 600_000) { self.readyWithinMs = readyWithinMs }
}

/// The gate before exposure: every check must pass on the preview Service.
package struct SmokeGate: Sendable, Hashable, Codable {
  package var checks: [HTTPCheck]
  /// How long the whole gate may take, in milliseconds.
  package var withinMs: Int

  package init(checks: [HTTPCheck] = [], withinMs: Int = 120_000) {
    self.checks = checks
    self.withinMs = withinMs
  }
}

/// The gate after exposure: health is watched for `durationMs` of watched time.
package struct BakeGate: Sendable, Hashable, Codable {
  package var durationMs: Int
  /// The pause between two rounds of checks, in milliseconds.
  package var intervalMs: Int
  package var checks: [HTTPCheck]
  /// The largest share of failed checks that still counts as healthy, 0…1.
  package var failureRate: Double
  /// How many checks must have been judged before the rate counts.
  package var minimumSamples: Int
  /// So many failed rounds in a row are a degradation whatever the rate says.
  package var consecutiveFailures: Int
  /// How many container restarts of the new color are tolerated during the bake.
  package var restarts: Int
  /// What to do when the old color fails the same checks.
  package var commonCause: CommonCause

  package init(
    durationMs: Int = 300_000, intervalMs: Int = 1000, checks: [HTTPCheck] = [], failureRate: Double = 0.05, minimumSamples: Int = 10,
    consecutiveFailures: Int = 3, restarts: Int = 0, commonCause: CommonCause = .stay
  ) {
    self.durationMs = durationMs
    self.intervalMs = intervalMs
    self.checks = checks
    self.failureRate = failureRate
    self.minimumSamples = minimumSamples
    self.consecutiveFailures = consecutiveFailures
    self.restarts = restarts
    self.commonCause = commonCause
  }
}

/// What happens when both colors fail alike, so that the release is not the cause.
package enum CommonCause: String, Sendable, Hashable, Codable, CaseIterable {
  /// Stay on the new color and go on watching.
  case stay
  /// Go back all the same; nothing is quarantined.
  case flip
}

/// How long the old color is kept, and what a new tag does meanwhile.
package struct StandbyRules: Sendable, Hashable, Codable {
  /// How long the standby stays warm after a promotion, in milliseconds.
  package var warmMs: Int
  /// What a new tag does while a standby is warm.
  package var whenWarm: WhenWarm

  package init(warmMs: Int = 900_000, whenWarm: WhenWarm = .wait) {
    self.warmMs = warmMs
    self.whenWarm = whenWarm
  }

  package enum WhenWarm: String, Sendable, Hashable, Codable, CaseIterable {
    /// The rollout starts when the window has ended.
    case wait
    /// The rollout takes the standby's place at once.
    case replace
  }
}

/// How a service goes back.
package struct RollbackRules: Sendable, Hashable, Codable {
  /// How long the color that was left keeps serving established connections, in milliseconds.
  package var drainMs: Int

  package init(drainMs: Int = 10_000) { self.drainMs = drainMs }
}

/// What a first release does when its bake fails, there being nothing to go back to.
package enum FirstRelease: String, Sendable, Hashable, Codable, CaseIterable {
  /// Users stay on it: `failed-exposed`.
  case stay
  /// The active Service selects `none` again.
  case withdraw
}

/// What happens when there is no room for a second environment.
package enum HeadroomMode: String, Sendable, Hashable, Codable, CaseIterable {
  case require
  case warn
  case off
}

/// How checks reach a color.
package struct ProbeRules: Sendable, Hashable, Codable {
  package var route: Route
  /// Where users reach the active color, `https://shop.example`; needed by the route `url`.
  package var activeURL: String?
  /// Where the preview Service is reached, by the route `url`; without it smoke checks use the route `service`.
  package var previewURL: String?

  package init(route: Route = .service, activeURL: String? = nil, previewURL: String? = nil) {
    self.route = route
    self.activeURL = activeURL
    self.previewURL = previewURL
  }

  package enum Route: String, Sendable, Hashable, Codable, CaseIterable {
    /// The Service's cluster IP, from inside the cluster.
    case service
    /// An address that users use.
    case url
    /// Through the API server's proxy: no evidence about the data plane, and recorded so.
    case api
  }
}
