package import ReleaseModel

/// Where journals lie, and the installation's seal on them.
package struct JournalStore: Sendable {
  let state: any StateStore
  let seal: JournalSeal
}

extension Ports {
  package var journals: JournalStore { JournalStore(state: state, seal: seal) }
}

/// One service's journal as this run knows it: every write is conditional on the last one read or written, and bears the installation's seal.
package struct JournalKeeper: Sendable {
  private let store: any StateStore
  private let seal: JournalSeal
  private let service: ServiceName
  private var revision: String?
  @Indirect private var stamp: JournalSeal.Stamp?
  /// The journal; nil where the service has none yet, and where the one that is there is damaged.
  package private(set) var journal: Journal?
  /// Why what is there is no journal: somebody edited it. Nothing is written over it but what ``replace(with:)`` is given.
  package private(set) var damage: PortError?
  /// What is there says, where it reads like a journal and does not bear the seal: nobody vouches for any of it.
  @Indirect package private(set) var claimed: Journal?

  /// Reads the journal. One that is damaged is no error here: it can be built anew.
  package init(of service: ServiceName, in journals: JournalStore) async throws(PortError) {
    store = journals.state
    seal = journals.seal
    self.service = service
    claimed = nil
    try await reload()
  }

  package mutating func reload() async throws(PortError) {
    let document = try await store.load(.journal(service))
    revision = document?.revision
    (stamp, damage, journal, claimed) = (nil, nil, nil, nil)
    guard let document else { return }
    let lines = document.text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    guard let line = lines.first, lines.count <= 2, let found = try? CanonicalJSON.value(Journal.self, from: line.utf8) else {
      return damage = damaged("is not what tagflip wrote")
    }
    if lines.count == 2 { stamp = try? CanonicalJSON.value(JournalSeal.Stamp.self, from: lines[1].utf8) }
    do throws(PortError) {
      if let objection = try seal.objection(to: line, stamp: stamp, of: service) {
        (claimed, damage) = (found, damaged("cannot be relied upon: \(objection)"))
      } else {
        journal = found
      }
    } catch {
      damage = error
    }
  }

  private func damaged(_ what: String) -> PortError {
    PortError(
      .corrupt, attempted: "read the journal of \(service)", reason: "the ConfigMap tagflip-journal-\(service) \(what)",
      hint: "the next run builds it anew from the Service, the Deployments and Git: tagflip run")
  }

  /// The journal where there is one, nil where there is none.
  /// - Throws: `corrupt` where it is damaged.
  package func readable() throws(PortError) -> Journal? {
    if let damage { throw damage }
    return journal
  }

  /// Puts a journal that was built anew in the place of one that is damaged or gone, if nobody wrote in between.
  package mutating func replace(with rebuilt: Journal) async throws(PortError) {
    (stamp, damage, journal, claimed) = (nil, nil, nil, nil)
    try await update(creating: rebuilt) { _ in }
  }

  /// Notes why what acts without the Service has not followed users yet; nil where it has.
  mutating func note(handOverLeft reason: String?) async throws(PortError) {
    let reason = reason.map { PlainText.line($0, longest: 300) }
    guard let known = journal, known.handOverLeft != reason else { return }
    try await update(creating: known) { $0.handOverLeft = reason }
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
    let line = try encoded(next)
    let nextStamp = try seal.stamp(line, of: service, after: stamp)
    var text = line
    if let nextStamp { text += "\n\(try encoded(nextStamp))" }
    for _ in 0..<5 {
      do throws(PortError) {
        guard case .saved(let saved) = try await store.save(.journal(service), text: text, expecting: revision) else { break }
        revision = saved
        journal = next
        stamp = nextStamp
        return
      } catch  where error.kind == .unknown {
        let document = try await store.load(.journal(service))
        if document?.text == text {
          revision = document?.revision
          journal = next
          stamp = nextStamp
          return
        }
        guard document?.revision == revision else { break }
      }
    }
    throw PortError(.conflict, attempted: "write the journal of \(service)", reason: "another run wrote it meanwhile")
  }

  private func encoded(_ value: some Encodable) throws(PortError) -> String {
    do {
      return try CanonicalJSON.text(of: value)
    } catch {
      throw PortError(.invalid, attempted: "write the journal of \(service)", reason: "\(error)")
    }
  }
}
