/// What goes over to other repositories.
extension GitStore {
  /// Lists the refs whose names begin with one of the prefixes, and the branch that `HEAD` names.
  ///
  /// An empty repository has no refs, which is no error. Throws `GitError`, `tooLarge` beyond ``refLimit``.
  package nonisolated func listRefs(
    _ remote: RemoteAccess, prefixes: [String], deadline: ContinuousClock.Instant
  ) async throws(GitError) -> RefListing {
    guard case .http = remote.url.location else {
      return try await bounded(by: deadline) { (store, limit) throws(GitError) in
        try store.list(remote, prefixes: prefixes, limit: limit)
      }
    }
    let endpoint = HTTPEndpoint(remote: remote, limit: Limit(deadline: deadline), attempted: "list refs of")
    return try await endpoint.listRefs(prefixes: prefixes, client: client)
  }

  /// Fetches what one ref names with everything it needs, and nothing else, into the cache; answers the object the ref names.
  ///
  /// For a tag that is the tag object where there is one. Throws `notFound` where the remote has no such ref, `emptyRepository` where it has none at all.
  package nonisolated func fetch(
    _ remote: RemoteAccess, ref: RefName, deadline: ContinuousClock.Instant
  ) async throws(GitError) -> ObjectID {
    try await bounded(by: deadline) { (store, limit) throws(GitError) in try store.fetch(remote, ref: ref, limit: limit) }
  }

  /// Moves a ref of the remote to a commit of the cache if the ref still is as expected (nil: does not exist), fast-forward only.
  ///
  /// `.updated` is answered only after the remote accepted the change and the ref, read again, confirmed it. Throws `invalid` where the commit
  /// does not descend from what is expected, and `outcomeUnknown` where the answer was lost and the ref could not be read.
  package nonisolated func push(
    _ commit: ObjectID, to ref: RefName, of remote: RemoteAccess, expecting expected: ObjectID?, deadline: ContinuousClock.Instant
  ) async throws(GitError) -> PushResult {
    try await bounded(by: deadline) { (store, limit) throws(GitError) in
      try store.push(commit, to: ref, of: remote, expecting: expected, limit: limit)
    }
  }

  /// Asks the remote for a push and sends none: whether whoever asks may write to it at all.
  ///
  /// What holds for single branches (protected ones, hooks) shows only when something is pushed. Throws what a push would, `storage` for a directory
  /// that cannot be written.
  package nonisolated func checkPush(to remote: RemoteAccess, deadline: ContinuousClock.Instant) async throws(GitError) {
    try await bounded(by: deadline) { (store, limit) throws(GitError) in
      switch remote.url.location {
      case .local(let path): try LocalRemote(path: path).checkPush()
      case .http, .ssh: try store.smart(remote, limit).checkPush()
      }
    }
  }

  private func list(_ remote: RemoteAccess, prefixes: [String], limit: Limit) throws(GitError) -> RefListing {
    switch remote.url.location {
    case .local(let path): try LocalRemote(path: path).list(prefixes: prefixes, limit: limit)
    case .http, .ssh: try smart(remote, limit).list(prefixes: prefixes)
    }
  }

  private func fetch(_ remote: RemoteAccess, ref: RefName, limit: Limit) throws(GitError) -> ObjectID {
    try fill { (repository) throws(GitError) in
      let id: ObjectID
      switch remote.url.location {
      case .local(let path): id = try LocalRemote(path: path).fetch(ref, into: repository, limit: limit)
      case .http, .ssh: id = try smart(remote, limit).fetch(ref, into: repository)
      }
      try verify(id, in: repository, limit: limit)
      return id
    }
  }

  private func push(
    _ commit: ObjectID, to ref: RefName, of remote: RemoteAccess, expecting expected: ObjectID?, limit: Limit
  ) throws(GitError) -> PushResult {
    let repository = try self.repository
    if let expected, try !repository.descends(commit, from: expected) {
      throw GitError(.invalid, "push", on: "\(ref) of \(remote.url)", cause: "\(commit) does not descend from \(expected)")
    }
    switch remote.url.location {
    case .local(let path):
      return try LocalRemote(path: path).push(commit, from: repository, to: ref, expecting: expected, limit: limit)
    case .http, .ssh: return try smart(remote, limit).push(commit, from: repository, to: ref, expecting: expected)
    }
  }

  private func smart(_ remote: RemoteAccess, _ limit: Limit) -> SmartRemote {
    SmartRemote(url: "\(remote.url)", limit: limit) { (service, version2, attempted) throws(GitError) in
      if case .http = remote.url.location {
        return HTTPConnection(HTTPEndpoint(remote: remote, limit: limit, attempted: attempted), service: service, version2: version2)
      }
      return SSHConnection(remote, service: service, version2: version2, attempted: attempted, limit: limit)
    }
  }
}
