package import ReleaseModel

/// The index, read and changed by compare-and-swap.
package struct IndexKeeper: Sendable {
  private let store: any StateStore
  private let clock: any RunClock

  package init(store: any StateStore, clock: any RunClock) {
    self.store = store
    self.clock = clock
  }

  /// The index as it is now; an empty one where there is none yet.
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
        if case .saved = try await store.save(.index, text: text, expecting: revision) { return after }
      } catch  where error.kind == .unknown {
        // Perhaps written, perhaps not: reading again tells.
      }
      try? await clock.sleep(for: .milliseconds(5 * (attempt + 1)))
    }
    throw PortError(.conflict, attempted: "update the index", reason: "20 other writers came first", hint: "run again")
  }

  /// Applies a change that rests on nothing but the index itself.
  @discardableResult
  package func update(_ change: @escaping (inout ServiceIndex) -> Void) async throws(PortError) -> ServiceIndex {
    try await update(reading: { () throws(PortError) in }) { index, _ in change(&index) }
  }

  private func stored() async throws(PortError) -> (index: ServiceIndex, revision: String?) {
    guard let document = try await store.load(.index) else { return (ServiceIndex(), nil) }
    do {
      return (try CanonicalJSON.value(ServiceIndex.self, from: document.text.utf8), document.revision)
    } catch {
      throw PortError(
        .corrupt, attempted: "read the index", reason: "it is not what tagflip wrote",
        hint: "delete the ConfigMap tagflip-index in the bot's namespace; the next run makes it anew from the journals")
    }
  }

  private func encoded(_ index: ServiceIndex) throws(PortError) -> String {
    do {
      return try CanonicalJSON.text(of: index)
    } catch {
      throw PortError(.invalid, attempted: "write the index", reason: "\(error)")
    }
  }
}
