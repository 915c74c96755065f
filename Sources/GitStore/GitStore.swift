import CLibgit2
package import HTTPTransport

/// Git for a program that keeps no clone: it lists and fetches single refs, reads objects, writes commits without a work tree and pushes them with
/// compare-and-swap.
///
/// All of it runs on one thread of its own, since libgit2 blocks. What is fetched lands in a disposable cache. Every method that can wait takes a
/// deadline and stops within a tenth of a second of it, or of the task's cancellation.
package actor GitStore {
  /// The longest ref listing that is accepted.
  package static let refLimit = 1_000_000
  /// The largest tag object that is read, in bytes.
  package static let tagSizeLimit = 1 << 20
  /// How many entries of a fetched commit's tree are looked for at most.
  static let verifiedEntries = 100_000

  private let thread: GitThread
  private let directory: String
  let client: HTTPClient
  private let report: @Sendable (String) -> Void
  private var cache: Cache?
  /// Commits whose trees were found complete by this process, as far as they were looked at.
  private var verified: Set<ObjectID> = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

  /// A store over the cache in that directory, which is made when first needed.
  ///
  /// The directory must be missing, empty or a cache made before. Refs are listed over the client's kept connections. `report` hears why a cache was
  /// thrown away, in a sentence.
  package init(
    cache directory: String, client: HTTPClient, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(GitError) {
    self.directory = directory
    self.client = client
    self.report = report
    thread = try GitThread()
  }

  /// The cache, opened at its first use.
  var repository: OpenRepository {
    get throws(GitError) {
      if let cache { return cache.repository }
      try Libgit2.require()
      let cache = try Cache(at: directory, report: report)
      self.cache = cache
      return cache.repository
    }
  }

  /// What was read from the cache and written to it since it was opened, as far as it went through this module: libgit2 reads more to make a pack.
  package var tally: ObjectTally { cache?.repository.tally ?? ObjectTally() }

  /// Runs something on the store's own thread that waits for other programs, which no thread of the cooperative pool may do.
  package func wait<Value: Sendable, Failure: Error>(
    for body: @Sendable () throws(Failure) -> Value
  ) throws(Failure) -> Value { try body() }

  /// Reads from the cache; finding it damaged throws it away, so that the next fetch makes it anew.
  func read<Value>(_ body: (OpenRepository) throws(GitError) -> Value) throws(GitError) -> Value {
    let repository = try self.repository
    do throws(GitError) {
      return try body(repository)
    } catch {
      if error.kind == .corrupt { throwAwayCache(because: error) }
      throw error
    }
  }

  /// Puts objects into the cache; finding it damaged makes it anew and tries once more.
  func fill<Value>(_ body: (OpenRepository) throws(GitError) -> Value) throws(GitError) -> Value {
    do throws(GitError) {
      return try read(body)
    } catch {
      guard error.kind == .corrupt else { throw error }
      return try read(body)
    }
  }

  private func throwAwayCache(because error: GitError) {
    report("the cache was damaged: \(error)")
    cache?.discard()
    cache = nil
    verified = []
  }

  /// Makes sure that a fetched commit is there with its tree: a cut-off pack or a lost file shows here, where it can still be fetched again.
  ///
  /// Of files only the headers are looked at, and of a tree with more than ``verifiedEntries`` entries those nearest to its root, so that a long
  /// audit branch costs no more than a short one; damage elsewhere shows when it is read.
  func verify(_ id: ObjectID, in repository: OpenRepository, limit: Limit) throws(GitError) {
    do throws(GitError) {
      // Read whole, which compares the hash: of a mangled file, libgit2 takes the first byte for the type of an old kind of object.
      _ = try repository.bytes(of: id, limit: 64 << 20)
      let commit = try repository.peeled(id)
      guard try repository.header(of: commit).type == GIT_OBJECT_COMMIT, !verified.contains(commit) else { return }
      try repository.requireTree(of: commit, limit: Self.verifiedEntries) { () throws(GitError) in
        try limit.check("verify", on: commit.hex)
      }
      verified.insert(commit)
    } catch {
      // Just fetched and yet missing is damage; and so is a size that no commit has, which mangled bytes can spell.
      guard error.kind == .notFound || error.kind == .tooLarge else { throw error }
      throw GitError(.corrupt, error.attempted, on: error.subject, cause: error.cause)
    }
  }

  /// Runs bounded work on the Git thread; cancelling the task reaches into it.
  nonisolated func bounded<Value: Sendable>(
    by deadline: ContinuousClock.Instant, _ body: @Sendable (isolated GitStore, Limit) throws(GitError) -> Value
  ) async throws(GitError) -> Value {
    let limit = Limit(deadline: deadline)
    let result = await withTaskCancellationHandler {
      await run(limit, body)
    } onCancel: {
      limit.cancel()
    }
    return try result.get()
  }

  private func run<Value: Sendable>(
    _ limit: Limit, _ body: @Sendable (isolated GitStore, Limit) throws(GitError) -> Value
  ) -> Result<Value, GitError> {
    do throws(GitError) {
      try limit.check("start", on: "the Git operation")
      return .success(try body(self, limit))
    } catch {
      return .failure(error)
    }
  }
}
