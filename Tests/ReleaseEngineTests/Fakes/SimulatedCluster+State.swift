import ReleaseEngine
import ReleaseModel

extension SimulatedCluster: StateStore {
  func load(_ document: StateDocument) async throws(PortError) -> StoredDocument? {
    try await tap.pass("state.load.\(document.kind)") { [self] in edit { $0.documents[document] } }
  }

  func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult {
    try await tap.pass("state.save.\(document.kind)") { [self] in
      edit { state in
        guard state.documents[document]?.revision == revision else { return .lost }
        state.writes += 1
        let revision = "rev-\(state.writes)"
        state.documents[document] = StoredDocument(text: text, revision: revision)
        rules.saved(document, state.documents)
        return .saved(revision: revision)
      }
    }
  }
}

extension SimulatedCluster {
  func journals() async throws(PortError) -> [ServiceName] {
    try await tap.pass("state.journals") { [self] in
      edit { state in
        state.documents.keys.compactMap { document in if case .journal(let service) = document { service } else { nil } }.sorted()
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
    try await tap.pass("leases.hold") { [self] in
      let now = clock.time
      return edit { state in
        if let lease = state.leases[service], lease.holder != holder, lease.until > now {
          return .busy(LeaseHolder(holder: lease.holder, until: lease.until))
        }
        state.leases[service] = (holder, now + span)
        return .held(until: now + span)
      }
    }
  }

  func holder(of service: ServiceName) async throws(PortError) -> LeaseHolder? {
    try await tap.pass("leases.holder") { [self] in
      edit { state in state.leases[service].flatMap { $0.until > clock.time ? LeaseHolder(holder: $0.holder, until: $0.until) : nil } }
    }
  }

  func release(_ service: ServiceName, holder: String) async throws(PortError) {
    try await tap.pass("leases.release") { [self] in
      edit { state in if state.leases[service]?.holder == holder { state.leases[service] = nil } }
    }
  }
}
