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
      // Git names objects by their ids; a person knows the path.
      var problem = PortError(error)
      problem.attempted = "read \(path) at \(commit.prefix(12))"
      throw problem
    }
  }

  package func list(_ folder: String, at commit: String) async throws(PortError) -> [String] {
    let id = try await available(commit)
    do throws(GitError) {
      // Links and submodules are listed too, so that whoever reads all of a folder is refused there and never goes without.
      return try await remote.store.entries(under: folder, at: id, limit: RepositoryLimit.files).filter { $0.kind != .directory }.map(
        \.path
      )
      .sorted()
    } catch  where error.kind == .notFound {
      return []
    } catch  where error.kind == .tooLarge {
      throw RepositoryLimit.tooManyFiles(below: folder)
    } catch {
      throw PortError(error)
    }
  }

  package func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String] {
    let id = try await available(commit)
    do throws(GitError) {
      return try await remote.store.folders(in: folder, holding: name, at: id, limit: RepositoryLimit.folders)
    } catch  where error.kind == .notFound {
      return []
    } catch  where error.kind == .tooLarge {
      throw RepositoryLimit.tooManyFolders(in: folder)
    } catch {
      throw PortError(error)
    }
  }

  /// The commit, fetched where the cache lacks it: the branch's tip is the only one that nobody fetched before.
  private func available(_ commit: String) async throws(PortError) -> ObjectID {
    guard let id = ObjectID(hex: commit), let ref = RefName.branch(branch) else {
      throw PortError(.invalid, attempted: "read commit \(commit)", reason: "its id is malformed")
    }
    let isThere = try await asPort { () throws(GitError) in
      if try await remote.store.contains(id) { return true }
      _ = try await remote.store.fetch(remote.access, ref: ref, deadline: remote.deadline)
      return try await remote.store.contains(id)
    }
    // Without this, every file of a commit that is gone would be one that was never there.
    guard isThere else {
      throw PortError(
        .conflict, attempted: "read commit \(commit.prefix(12))", reason: "\(branch) does not lead to it any more",
        hint: "somebody rewrote the branch; the next run reads what it names now")
    }
    return id
  }
}
