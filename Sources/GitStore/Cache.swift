import FoundationEssentials
import Glibc

/// The disposable bare repository that fetched objects are kept in between runs.
///
/// Nothing in it is needed: whatever is wrong with it, it is thrown away and made anew. Several processes may use one at the same time; each holds a
/// shared lock, and only who gets the exclusive one deletes anything. Only a directory that carries our tag is ever thrown away.
final class Cache {
  /// More packs than this make every lookup slow; each fetch adds one, and libgit2 cannot repack.
  static let packLimit = 200
  private static let tagName = "CACHEDIR.TAG"
  private static let tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n# A disposable cache of Git objects; it may be deleted at any time.\n"

  let repository: OpenRepository
  private let directory: String
  private let lock: CInt

  /// Opens the cache in a directory that is missing, empty or a cache of ours; `report` hears why one was thrown away.
  init(at directory: String, report: (String) -> Void) throws(GitError) {
    self.directory = directory
    try Self.prepare(directory, report: report)
    lock = try Self.openLock(in: directory)
    let exclusive = flock(lock, LOCK_EX | LOCK_NB) == 0
    if exclusive {
      Self.sweep(directory)
    } else {
      try Self.share(lock, directory: directory)
    }
    do throws(GitError) {
      repository = try Self.open(in: directory, exclusive: exclusive, report: report)
    } catch {
      close(lock)
      throw error
    }
    _ = flock(lock, LOCK_SH | LOCK_NB)
  }

  deinit { close(lock) }

  /// Moves the repository out of the way, so that the next opening makes a new one.
  func discard() { Self.setAside(in: directory) }

  private static func open(in directory: String, exclusive: Bool, report: (String) -> Void) throws(GitError) -> OpenRepository {
    let path = "\(directory)/repository.git"
    if let reason = unusable(path, exclusive: exclusive) {
      report(reason)
      setAside(in: directory)
      if exclusive { sweep(directory) }
    }
    if unsafe access(path, F_OK) == 0 { return try OpenRepository(bareAt: path) }
    return try OpenRepository(newBareAt: path)
  }

  /// Why the repository there must not be used; nil where it may, or where there is none.
  private static func unusable(_ path: String, exclusive: Bool) -> String? {
    guard let owner = OpenRepository.owner(of: path) else { return nil }
    guard owner == geteuid() else { return "the cache belonged to another user" }
    do throws(GitError) {
      let repository = try OpenRepository(bareAt: path)
      try repository.checkConfiguration()
      guard repository.headBranch != nil else { return "the cache was damaged: its HEAD is unreadable" }
      _ = try repository.listing(prefixes: ["refs/"], limit: 100_000) {}
    } catch {
      return "the cache was damaged: \(error.cause)"
    }
    let packs = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/objects/pack"))?.count ?? 0
    // A pack has an index beside it. Others may be reading, so tidying waits for the exclusive lock.
    return exclusive && packs > 2 * packLimit ? "the cache held more than \(packLimit) packs" : nil
  }

  // MARK: The directory

  private static func prepare(_ directory: String, report: (String) -> Void) throws(GitError) {
    if let owner = OpenRepository.owner(of: directory), owner != geteuid() {
      guard isTagged(directory) else {
        throw GitError(.foreignOwner, "use the cache", on: directory, cause: "it belongs to user \(owner) and is no cache of ours")
      }
      report("the cache belonged to another user")
      do { try FileManager.default.removeItem(atPath: directory) } catch {
        throw GitError(.storage, "throw away the cache", on: directory, cause: "\(error)")
      }
    }
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      if isTagged(directory) { return }
      let isOurs = try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy { $0.hasPrefix(tagName) || $0 == "lock" }
      // Another process may have been doing the same and be further by now.
      guard isOurs || isTagged(directory) else {
        throw GitError(.invalid, "use the cache", on: directory, cause: "it is not empty and has no \(tagName)")
      }
      try WholeFile.write(tag, to: "\(directory)/\(tagName)", attempted: "make the cache")
    } catch let error as GitError {
      throw error
    } catch {
      throw GitError(.storage, "make the cache", on: directory, cause: "\(error)")
    }
  }

  private static func isTagged(_ directory: String) -> Bool {
    FileManager.default.contents(atPath: "\(directory)/\(tagName)") == Data(tag.utf8)
  }

  // MARK: The lock

  private static func openLock(in directory: String) throws(GitError) -> CInt {
    let descriptor = unsafe Glibc.open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw GitError(.storage, "lock the cache", on: directory, cause: "error \(errno)") }
    return descriptor
  }

  /// Waits for whoever is opening the cache exclusively, which takes milliseconds, at most ten seconds.
  private static func share(_ lock: CInt, directory: String) throws(GitError) {
    for _ in 0..<1000 {
      if flock(lock, LOCK_SH | LOCK_NB) == 0 { return }
      usleep(10_000)
    }
    close(lock)
    throw GitError(.timedOut, "lock the cache", on: directory)
  }

  // MARK: Throwing away

  private static func setAside(in directory: String) {
    for number in 0..<1000 where unsafe access("\(directory)/discarded-\(number)", F_OK) != 0 {
      if unsafe rename("\(directory)/repository.git", "\(directory)/discarded-\(number)") == 0 || errno == ENOENT { return }
    }
  }

  /// Deletes what was set aside; only under the exclusive lock, since others may still be reading there.
  private static func sweep(_ directory: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where name.hasPrefix("discarded-") {
      try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    }
  }
}
