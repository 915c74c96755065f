/// The program at the other end of Git's smart protocol.
enum SmartService: String {
  case uploadPack = "git-upload-pack"
  case receivePack = "git-receive-pack"
}

/// A conversation with one service of one remote, over whatever carries it.
///
/// Used on the Git thread only. Every call waits at most until the limit it was made with, and ends as `timedOut` or `cancelled` after it.
protocol SmartConnection: AnyObject {
  /// Whether each request is answered by itself, as over HTTP, instead of in one stream.
  var isStateless: Bool { get }
  /// Opens the conversation; what can be read next is the service's advertisement.
  func begin() throws(GitError)
  /// Starts a request after the advertisement; what is written next belongs to it, and what is read next is its answer.
  func request() throws(GitError)
  func write(_ bytes: [UInt8]) throws(GitError)
  /// The next bytes, at most so many; none at the end.
  func read(upTo count: Int) throws(GitError) -> [UInt8]
  /// Ends the conversation; harmless when repeated.
  func close()
}

extension SmartConnection {
  /// Opens the conversation and reads what a server says first in protocol 0 or 1: the refs of these prefixes.
  func advertisement(prefixes: [String], _ attempted: String, on subject: String) throws(GitError) -> RefListing {
    var advertisement = RefAdvertisement(filter: RefFilter(prefixes: prefixes))
    try begin()
    return try packets(attempted, on: subject) { (packet) throws(ProtocolViolation) in
      guard try advertisement.receive(packet) else { return nil }
      guard case .listing(let listing) = advertisement.outcome else {
        throw ProtocolViolation("it answers in a protocol that was not asked for")
      }
      return listing
    }
  }

  /// Sends a push of one ref after the advertisement, and reads what became of it.
  func push(
    _ ref: RefName, from old: ObjectID?, to new: ObjectID, pack: [UInt8], _ attempted: String, on subject: String
  ) throws(GitError) -> PushReport.Verdict {
    try request()
    try write(PushReport.request(ref, from: old, to: new) + pack)
    var report = PushReport(of: ref)
    let verdict = try packets(attempted, on: subject) { (packet) throws(ProtocolViolation) in try report.receive(packet) }
    // Hooks that follow run before the server closes: whoever looks at the ref next finds them done.
    while let rest = try? read(upTo: 65_536), !rest.isEmpty {}
    return verdict
  }

  /// Hands on the packets that arrive until something came of one.
  private func packets<Value>(
    _ attempted: String, on subject: String, _ take: (PktLine) throws(ProtocolViolation) -> Value?
  ) throws(GitError) -> Value {
    var (parser, received) = (PktLineParser(), 0)
    while true {
      let bytes = try read(upTo: 65_536)
      received += bytes.count
      do throws(ProtocolViolation) {
        guard !bytes.isEmpty else { throw ProtocolViolation("it ended early") }
        guard received <= RefListingExchange.sizeLimit else { throw ProtocolViolation("it does not end") }
        parser.append(bytes)
        while let packet = try parser.next() {
          if let value = try take(packet) { return value }
        }
      } catch {
        throw GitError(.protocol, attempted, on: subject, cause: error.reason)
      }
    }
  }

  /// Lists refs by protocol 2, or by what the server's older advertisement already said.
  func listRefs(prefixes: [String], of subject: String) throws(GitError) -> RefListing {
    var exchange = RefListingExchange(prefixes: prefixes)
    try begin()
    while true {
      let bytes = try read(upTo: 65_536)
      let step: RefListingExchange.Step
      do throws(ProtocolViolation) {
        step = try exchange.receive(bytes)
      } catch {
        throw GitError(.protocol, "list refs of", on: subject, cause: error.reason)
      }
      switch step {
      case .read: break
      case .request(let bytes):
        try request()
        try write(bytes)
      case .done(let listing): return listing
      }
    }
  }
}
