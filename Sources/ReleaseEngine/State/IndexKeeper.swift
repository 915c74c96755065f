package import ReleaseModel

/// The index, read and changed by compare-and-swap.
package struct IndexKeeper: Sendable {
  // By reference: what is carried over suspension points must be small (see `Indirect`).
  @Indirect private var ports: Ports

  package init(_ ports: Ports) { self.ports = ports }

  /// The index as it is now. One that is lost or damaged is made anew from the journals, so that no open work is forgotten; an empty one
  /// where there are none either.
  package func load() async throws(PortError) -> ServiceIndex { try await stored().index }

  /// Applies a change to what is there, again and again until nobody came in between.
  ///
  /// The change must be such that applying it twice is the same as once: a lost answer is followed by another try. It escapes, here and
  /// wherever the engine hands a closure to an async function, since optimised builds of Swift 6.3 free the context of one that does not in
  /// the wrong order ("freed pointer was not the last allocation").
  ///
  /// What `reading` finds is read after the index and again for each try, so that a change that rests on it never undoes one that rests on
  /// something newer.
  @discardableResult
  package func update<Found>(
    reading: @escaping () async throws(PortError) -> Found, _ change: @escaping (inout ServiceIndex, Found) -> Void
  ) async throws(PortError) -> ServiceIndex {
    for attempt in 0..<20 {
      let (before, revision) = try await stored()
      var after = before
      change(&after, try await reading())
      if after == before && revision != nil { return after }
      let text = try encoded(after)
      do throws(PortError) {
        if case .saved = try await ports.state.save(.index, text: text, expecting: revision) { return after }
      } catch  where error.kind == .unknown {
        // Perhaps written, perhaps not: reading again tells.
      }
      try? await ports.clock.sleep(for: .milliseconds(5 * (attempt + 1)))
    }
    throw PortError(.conflict, attempted: "update the index", reason: "20 other writers came first", hint: "run again")
  }

  /// Applies a change that rests on nothing but the index itself.
  @discardableResult
  package func update(_ change: @escaping (inout ServiceIndex) -> Void) async throws(PortError) -> ServiceIndex {
    try await update(reading: { () throws(PortError) in }) { index, _ in change(&index) }
  }

  private func stored() async throws(PortError) -> (index: ServiceIndex, revision: String?) {
    let document = try await ports.state.load(.index)
    if let document, let index = try? CanonicalJSON.value(ServiceIndex.self, from: document.text.utf8) {
      return (index, document.revision)
    }
    return (try await rebuilt(), document?.revision)
  }

  /// Without digests: the next run looks at everything.
  private func rebuilt() async throws(PortError) -> ServiceIndex {
    var index = ServiceIndex()
    for service in try await ports.state.journals() {
      guard let journal = try await JournalKeeper(of: service, in: ports.journals).journal else { continue }
      index.services[service] = ServiceIndex.Entry(target: journal.target, open: journal.open?.id, attention: true)
    }
    return index
  }

  private func encoded(_ index: ServiceIndex) throws(PortError) -> String {
    do {
      return try CanonicalJSON.text(of: index)
    } catch {
      throw PortError(.invalid, attempted: "write the index", reason: "\(error)")
    }
  }
}
