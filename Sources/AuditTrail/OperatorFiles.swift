package import GitStore
package import ReleaseEngine
package import ReleaseModel

/// Judges operators' requests by the files that the settings name, read each time: a key that was taken back counts no more at once.
package struct OperatorFiles: OperatorJudge {
  private let store: GitStore

  /// - Parameter store: whose thread waits for `ssh-keygen`.
  package init(store: GitStore) { self.store = store }

  package func judge(_ request: SignedRequest, by rules: OperatorRules, at now: Timestamp) async throws(PortError) -> RequestVerdict {
    try await store.wait { () throws(PortError) -> RequestVerdict in
      try TagJudge(rules, at: now).verdict(on: request)
    }
  }
}
