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
