import CLibgit2
import Glibc

/// A repository on this machine, opened: the cache, or a remote that is a directory here.
///
/// Used on the Git thread only; it owns its libgit2 objects.
final class OpenRepository {
  let path: String
  let repository: Repository
  let objects: ObjectStore
  /// What was read and written since it was opened.
  var tally = ObjectTally()

  /// Opens a repository that is exactly there (or, `searching`, in a directory above), bare or with a work tree, after libgit2's check of who owns it.
  init(remoteAt path: String, attempted: String, searching: Bool = false) throws(GitError) {
    try Libgit2.require()
    self.path = path
    do throws(GitError) {
      repository = try unsafe Libgit2.make(attempted, on: path) {
        unsafe git_repository_open_ext(&$0, path, searching ? 0 : GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil)
      }
    } catch {
      // libgit2 1.5 calls it "not found" where no safe.directory is configured at all.
      guard error.kind == .notFound, error.cause.contains("safe.directory"), let owner = Self.owner(of: path) else { throw error }
      throw GitError(
        .foreignOwner, attempted, on: path,
        cause: "it belongs to user \(owner); if that is right: git config --global --add safe.directory \(path)")
    }
    objects = try Self.objects(of: repository, at: path)
  }

  /// Opens the bare repository at the path.
  init(bareAt path: String) throws(GitError) {
    try Libgit2.require()
    self.path = path
    repository = try unsafe Libgit2.make("open", on: path) { unsafe git_repository_open_bare(&$0, path) }
    objects = try Self.objects(of: repository, at: path)
  }

  /// Makes a bare repository at the path and opens it.
  init(newBareAt path: String) throws(GitError) {
    try Libgit2.require()
    self.path = path
    repository = try unsafe Libgit2.make("create", on: path) { unsafe git_repository_init(&$0, path, 1) }
    objects = try Self.objects(of: repository, at: path)
  }

  private static func objects(of repository: borrowing Repository, at path: String) throws(GitError) -> ObjectStore {
    let pointer = unsafe repository.pointer
    return try unsafe Libgit2.make("open the objects of", on: path) { unsafe git_repository_odb(&$0, pointer) }
  }

  /// Throws where the repository's own configuration cannot be read.
  func checkConfiguration() throws(GitError) {
    let _: Owned<ConfigurationKind> = try unsafe Libgit2.make("read the configuration of", on: path) {
      unsafe git_repository_config(&$0, repository.pointer)
    }
  }

  /// Whether its history was cut off when it was cloned.
  var isShallow: Bool { unsafe git_repository_is_shallow(repository.pointer) == 1 }

  /// The user a file belongs to, links not followed; nil where there is none.
  static func owner(of path: String) -> uid_t? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_uid : nil
  }
}
