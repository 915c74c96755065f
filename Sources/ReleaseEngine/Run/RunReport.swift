package import ReleaseModel

/// What one run did, service by service, for people and for the exit code.
package struct RunReport: Sendable {
  /// What became of one service.
  package enum Result: Sendable, Hashable {
    case nothing
    /// Seen for the first time: what exists was noted.
    case noted(tags: Int)
    case ended(Conclusion, recorded: Bool)
    /// Tags that got no rollout.
    case refused([TagChoice.Refusal])
    case waiting(reason: String, until: Timestamp?)
    /// The run was told to stop: where the service's rollout stands, and that the next run goes on with it.
    case parked(String)
    /// Another run works on it.
    case busy(String)
    case retired(Version?)
    case failed(PortError)
  }

  package var results: [ServiceName: [Result]]
  /// What went wrong for the run as a whole: an unreachable repository, a broken catalog.
  package var failures: [PortError]
  /// Whether the run ended right after its first look.
  package var endedEarly: Bool

  package init(results: [ServiceName: [Result]] = [:], failures: [PortError] = [], endedEarly: Bool = false) {
    self.results = results
    self.failures = failures
    self.endedEarly = endedEarly
  }

  package var all: [Result] { results.sorted { $0.key < $1.key }.flatMap(\.value) }
}
