import ReleaseEngine
import ReleaseModel

extension SimulatedCluster: StateStore {
  func load(_ document: StateDocument) async throws(PortError) -> StoredDocument? {
    try await tap.pass("state.load.\(document.kind)") { edit { $0.documents[document] } }
  }

  func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult {
    try await tap.pass("state.save.\(document.kind)") {
      edit { state in
        guard state.documents[document]?.revision == revision else { return .lost }
        state.writes += 1
        let revision = "rev-\(state.writes)"
        state.documents[document] = StoredDocument(text: text, revision: revision)
        return .saved(revision: revision)
      }
    }
  }
}

extension StateDocument {
  var kind: String {
    switch self {
    case .index: "index"
    case .journal: "journal"
    }
  }
}

extension SimulatedCluster: Leases {
  func hold(_ service: ServiceName, holder: String, for span: Duration) async throws(PortError) -> LeaseResult {
    try await tap.pass("leases.hold") {
      let now = clock.time
      return edit { state in
        if let lease = state.leases[service], lease.holder != holder, lease.until > now {
          return .busy(holder: lease.holder, until: lease.until)
        }
        state.leases[service] = (holder, now + span)
        return .held(until: now + span)
      }
    }
  }

  func release(_ service: ServiceName, holder: String) async throws(PortError) {
    try await tap.pass("leases.release") {
      edit { state in if state.leases[service]?.holder == holder { state.leases[service] = nil } }
    }
  }
}
