/// A listing of refs as a conversation, apart from what carries it: bytes go in, and it says what to do next.
///
/// Begins with the service's advertisement. A server of protocol 2 is asked for the prefixes with `ls-refs`; an older one has said it all by then.
struct RefListingExchange {
  /// What the conversation needs next.
  enum Step: Hashable {
    /// More of what the server says.
    case read
    /// These bytes as a request of their own; what follows is its answer.
    case request([UInt8])
    case done(RefListing)
  }

  private enum State {
    case advertisement(RefAdvertisement)
    case answer(LsRefs)
    case ended
  }

  /// The longest conversation, in bytes.
  static let sizeLimit = 256 << 20

  private let filter: RefFilter
  private var parser = PktLineParser()
  private var state: State
  private var received = 0

  init(prefixes: [String]) {
    filter = RefFilter(prefixes: prefixes)
    state = .advertisement(RefAdvertisement(filter: filter))
  }

  /// Takes the next bytes of the server; none mean that it has closed.
  mutating func receive(_ bytes: [UInt8]) throws(ProtocolViolation) -> Step {
    guard !bytes.isEmpty else { throw ProtocolViolation("it ended early") }
    received += bytes.count
    guard received <= Self.sizeLimit else { throw ProtocolViolation("it is longer than \(Self.sizeLimit >> 20) MB") }
    parser.append(bytes)
    while let packet = try parser.next() {
      let step = try take(packet)
      if step != .read { return step }
    }
    return .read
  }

  private mutating func take(_ packet: PktLine) throws(ProtocolViolation) -> Step {
    switch state {
    case .advertisement(var advertisement):
      state = .ended  // gives up the shared storage
      _ = try advertisement.receive(packet)
      switch advertisement.outcome {
      case .listing(let listing): return .done(listing)
      case .version2(let capabilities):
        state = .answer(LsRefs(filter: filter))
        return .request(try LsRefs.request(prefixes: filter.prefixes, capabilities: capabilities))
      case nil: state = .advertisement(advertisement)
      }
    case .answer(var answer):
      state = .ended
      if let listing = try answer.receive(packet) { return .done(listing) }
      state = .answer(answer)
    case .ended: throw ProtocolViolation("packets after the end")
    }
    return .read
  }
}
