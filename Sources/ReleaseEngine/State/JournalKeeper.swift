package import ReleaseModel

/// One service's journal as this run knows it: every write is conditional on the last one read or written.
package struct JournalKeeper: Sendable {
  private let store: any StateStore
  private let service: ServiceName
  private var revision: String?
  /// The journal; nil where the service has none yet, and where the one that is there is damaged.
  package private(set) var journal: Journal?
  /// Why what is there is no journal: somebody edited it. Nothing is written over it but what ``replace(with:)`` is given.
  package private(set) var damage: PortError?

  /// Reads the journal. One that is damaged is no error here: it can be built anew.
  package init(of service: ServiceName, store: any StateStore) async throws(PortError) {
    self.store = store
    self.service = service
    try await reload()
  }

  package mutating func reload() async throws(PortError) {
    let document = try await store.load(.journal(service))
    revision = document?.revision
    damage = nil
    journal = nil
    guard let document else { return }
    do {
      journal = try CanonicalJSON.value(Journal.self, from: document.text.utf8)
    } catch {
      damage = PortError(
        .corrupt, attempted: "read the journal of \(service)", reason: "the ConfigMap tagflip-journal-\(service) is not what tagflip wrote",
        hint: "the next run builds it anew from the Service, the Deployments and Git: tagflip run")
    }
  }

  /// The journal where there is one, nil where there is none.
  /// - Throws: `corrupt` where it is damaged.
  package func readable() throws(PortError) -> Journal? {
    if let damage { throw damage }
    return journal
  }

  /// Puts a journal that was built anew in the place of one that is damaged or gone, if nobody wrote in between.
  package mutating func replace(with rebuilt: Journal) async throws(PortError) {
    damage = nil
    journal = nil
    try await update(creating: rebuilt) { _ in }
  }

  /// Writes a changed journal if nobody wrote in between.
  ///
  /// After a lost answer it reads again: if what is there is what was meant, it was written.
  /// - Throws: `conflict` where another run wrote; this run must stop.
  package mutating func update(creating start: Journal, _ change: @escaping (inout Journal) -> Void) async throws(PortError) {
    if let damage { throw damage }
    var next = journal ?? start
    change(&next)
    guard next != journal else { return }
    let text = try encoded(next)
    for _ in 0..<5 {
      do throws(PortError) {
        guard case .saved(let saved) = try await store.save(.journal(service), text: text, expecting: revision) else { break }
        revision = saved
        journal = next
        return
      } catch  where error.kind == .unknown {
        let document = try await store.load(.journal(service))
        if document?.text == text {
          revision = document?.revision
          journal = next
          return
        }
        guard document?.revision == revision else { break }
      }
    }
    throw PortError(.conflict, attempted: "write the journal of \(service)", reason: "another run wrote it meanwhile")
  }

  private func encoded(_ journal: Journal) throws(PortError) -> String {
    do {
      return try CanonicalJSON.text(of: journal)
    } catch {
      throw PortError(.invalid, attempted: "write the journal of \(service)", reason: "\(error)")
    }
  }
}
