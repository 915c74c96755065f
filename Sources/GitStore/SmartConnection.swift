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
  /// Lists refs by protocol 2, or by what the server's older advertisement already said.
  func listRefs(prefixes: [String], of subject: String) throws(GitError) -> RefListing {
    let filter = RefFilter(prefixes: prefixes)
    var advertisement = RefAdvertisement(filter: filter)
    try begin()
    try receive(from: subject) { (packet) throws(ProtocolViolation) in try advertisement.receive(packet) }
    switch advertisement.outcome {
    case .listing(let listing): return listing
    case .version2(let capabilities): return try listRefs(filter, capabilities: capabilities, of: subject)
    case nil: throw GitError(.protocol, "list refs of", on: subject, cause: "the advertisement broke off")
    }
  }

  private func listRefs(_ filter: RefFilter, capabilities: [String: String], of subject: String) throws(GitError) -> RefListing {
    let bytes: [UInt8]
    do throws(ProtocolViolation) {
      bytes = try LsRefs.request(prefixes: filter.prefixes, capabilities: capabilities)
    } catch {
      throw GitError(.protocol, "list refs of", on: subject, cause: error.reason)
    }
    try request()
    try write(bytes)
    var answer = LsRefs(filter: filter)
    var listing: RefListing?
    try receive(from: subject) { (packet) throws(ProtocolViolation) in
      listing = try answer.receive(packet)
      return listing != nil
    }
    guard let listing else { throw GitError(.protocol, "list refs of", on: subject, cause: "the answer broke off") }
    return listing
  }

  /// Reads packets until one is taken as the last; at most 256 MB of them.
  private func receive(from subject: String, _ take: (PktLine) throws(ProtocolViolation) -> Bool) throws(GitError) {
    var parser = PktLineParser()
    var received = 0
    do {
      while true {
        while let packet = try parser.next() { if try take(packet) { return } }
        let bytes = try read(upTo: 65_536)
        received += bytes.count
        guard !bytes.isEmpty else { throw ProtocolViolation("it ended early") }
        guard received <= 256 << 20 else { throw ProtocolViolation("it is longer than 256 MB") }
        parser.append(bytes)
      }
    } catch let violation as ProtocolViolation {
      throw GitError(.protocol, "list refs of", on: subject, cause: violation.reason)
    } catch let error as GitError {
      throw error
    } catch {
      throw GitError(.protocol, "list refs of", on: subject, cause: "\(error)")
    }
  }
}
