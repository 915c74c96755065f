/// What acts whether a Service sends users to it or not, and when it may: in two colors at once it would act twice.
package struct RunRule: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// One whose pods the active Service does not select: a queue's consumer.
    case deployment = "Deployment"
    case cronJob = "CronJob"
    /// One that is done before users come: a migration.
    case job = "Job"
  }

  package enum Time: String, Sendable, Hashable, Codable, CaseIterable {
    /// Held (at 0, or suspended) until users are on its color; stopped in the other color first, so that it never runs in both.
    case whenActive = "when-active"
    /// Has succeeded before the color's pods are started. Users are on the other color meanwhile, and after a rollback again.
    case beforeCutover = "before-cutover"
  }

  package var kind: Kind
  /// As the manifests name it.
  package var name: String
  package var runs: Time
  /// How long a hand-over to it may take until it has stopped there and is ready here; of a Job, how long it may run. In milliseconds.
  package var withinMs: Int

  package init(kind: Kind, name: String, runs: Time, withinMs: Int = RunRule.standardWithinMs) {
    self.kind = kind
    self.name = name
    self.runs = runs
    self.withinMs = withinMs
  }

  package static let standardWithinMs = 120_000
}

/// Which ServiceAccounts the pods of a color run as.
package enum PodIdentity: String, Sendable, Hashable, Codable, CaseIterable {
  /// Both colors share them, since cloud identities name them.
  case shared
  /// Each color has its own, with the color's suffix.
  case perColor = "per-color"
}

extension ServicePlan {
  /// What runs only in the color that users are on.
  package var whenActive: [RunRule] { (runs ?? []).filter { $0.runs == .whenActive } }

  /// What must have succeeded before the color's pods are started.
  package var beforeCutover: [RunRule] { (runs ?? []).filter { $0.runs == .beforeCutover } }

  /// How long what must have succeeded first may take, in milliseconds: Jobs run side by side.
  package var beforeCutoverMs: Int { beforeCutover.map(\.withinMs).max() ?? 0 }

  /// How long a hand-over may take, in milliseconds.
  package var handOverMs: Int { whenActive.map(\.withinMs).max() ?? 0 }

  /// The rule for an object of the manifests; nil where there is none.
  package func runRule(_ kind: RunRule.Kind, _ name: String) -> RunRule? { runs?.first { $0.kind == kind && $0.name == name } }
}
