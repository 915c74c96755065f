import GitStore
package import ReleaseEngine

/// The release repo's files at a commit that was fetched: a tag's, or the protected branch's tip.
package struct GitFiles: RepositoryFiles {
  private let remote: GitRemote
  private let branch: String

  package init(remote: GitRemote, branch: String) {
    self.remote = remote
    self.branch = branch
  }

  package func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]? {
    let id = try await available(commit)
    do throws(GitError) {
      return try await remote.store.file(path, at: id, limit: 1 << 20)
    } catch  where error.kind == .notFound {
      return nil
    } catch {
      throw PortError(error)
    }
  }

  package func list(_ folder: String, at commit: String) async throws(PortError) -> [String] {
    let id = try await available(commit)
    do throws(GitError) {
      return try await remote.store.entries(under: folder, at: id, limit: 1000).filter { $0.kind.isFile }.map(\.path).sorted()
    } catch  where error.kind == .notFound {
      return []
    } catch {
      throw PortError(error)
    }
  }

  /// The commit, fetched where the cache lacks it: the branch's tip is the only one that nobody fetched before.
  private func available(_ commit: String) async throws(PortError) -> ObjectID {
    guard let id = ObjectID(hex: commit), let ref = RefName.branch(branch) else {
      throw PortError(.invalid, attempted: "read commit \(commit)", reason: "its id is malformed")
    }
    return try await asPort { () throws(GitError) in
      if try await remote.store.contains(id) { return id }
      _ = try await remote.store.fetch(remote.access, ref: ref, deadline: remote.deadline)
      return id
    }
  }
}
