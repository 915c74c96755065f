/// Reads what `git-upload-pack` says first: the refs themselves (protocol 0 and 1) or what it can do (protocol 2).
///
/// A pure value: packets go in, and once it answers true, ``outcome`` holds what was said. See gitprotocol-pack(5) and gitprotocol-v2(5).
struct RefAdvertisement {
  /// What the server turned out to speak.
  enum Outcome: Hashable {
    case listing(RefListing)
    case version2(capabilities: [String: String])
  }

  private enum State {
    /// HTTP servers put `# service=…` and a flush before the rest; some do so for protocol 2 too.
    case beginning(afterServiceLine: Bool)
    case refs(RefListing)
    case capabilities([String: String])
    case ended(Outcome)
  }

  private var state = State.beginning(afterServiceLine: false)
  private let filter: RefFilter

  init(filter: RefFilter) { self.filter = filter }

  /// What was said; nil until it is complete.
  var outcome: Outcome? { if case .ended(let outcome) = state { outcome } else { nil } }

  /// Takes the next packet; true once the advertisement is complete.
  mutating func receive(_ packet: PktLine) throws(ProtocolViolation) -> Bool {
    if let text = packet.text, text.hasPrefix("ERR ") { throw ProtocolViolation(String(text.dropFirst(4))) }
    switch (state, packet) {
    case (.beginning, .data(let bytes)): try begin(bytes, text: packet.text ?? "")
    case (.beginning(afterServiceLine: true), .flush): state = .beginning(afterServiceLine: false)
    // An empty repository of a server that has nothing to say about itself.
    case (.beginning(afterServiceLine: false), .flush): state = .ended(.listing(RefListing(source: .wire(version: 0))))
    case (.refs(var listing), .data(let bytes)):
      state = .beginning(afterServiceLine: false)  // gives up the shared storage
      try filter.add(advertised: bytes, to: &listing)
      state = .refs(listing)
    case (.refs(let listing), .flush): state = .ended(.listing(listing))
    case (.capabilities(var capabilities), .data):
      let parts = (packet.text ?? "").split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      capabilities[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
      guard capabilities.count <= 100 else { throw ProtocolViolation("more than 100 capabilities") }
      state = .capabilities(capabilities)
    case (.capabilities(let capabilities), .flush): state = .ended(.version2(capabilities: capabilities))
    case (_, .delimiter), (_, .responseEnd), (.ended, _): throw ProtocolViolation("a packet out of place in the ref advertisement")
    }
    if case .ended = state { return true }
    return false
  }

  private mutating func begin(_ bytes: [UInt8], text: String) throws(ProtocolViolation) {
    switch text {
    case "version 2": state = .capabilities([:])
    case "version 1": state = .refs(RefListing(source: .wire(version: 1)))
    case _ where text.hasPrefix("# service="): state = .beginning(afterServiceLine: true)
    default:
      var listing = RefListing(source: .wire(version: 0))
      try filter.add(advertised: bytes, to: &listing)
      state = .refs(listing)
    }
  }
}
