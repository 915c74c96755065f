import CLibgit2

/// Writing commits into the cache, from where they are pushed.
extension GitStore {
  /// Signs the bytes of a commit; nil leaves it unsigned. It is called on the Git thread, so it may compute but must not wait for the network.
  package typealias Signer = @Sendable ([UInt8]) throws -> String?

  /// Writes a commit and answers its id; no ref moves. The same draft gives the same id unless the signature differs.
  ///
  /// Throws `invalid` for a malformed path, name or message, `notFound` for the deletion of what is not there, and whatever the signer throws as `unsigned`.
  package func writeCommit(_ draft: CommitDraft, sign: Signer? = nil) throws(GitError) -> ObjectID {
    guard !draft.message.utf8.contains(0) else { throw GitError(.invalid, "write", on: "the commit", cause: "its message holds NUL") }
    return try read { (repository) throws(GitError) in
      var base: ObjectID?
      if let commit = draft.base { base = try repository.commit(commit).tree }
      let tree = try repository.writeTree(base: base, changes: draft.changes)
      let bytes = try repository.commitBytes(draft, tree: tree)
      guard let signature = try Self.signature(of: bytes, by: sign) else { return try repository.write(bytes, as: GIT_OBJECT_COMMIT) }
      return try repository.writeSignedCommit(bytes, signature: signature)
    }
  }

  private static func signature(of bytes: [UInt8], by sign: Signer?) throws(GitError) -> String? {
    do {
      return try sign?(bytes)
    } catch {
      throw GitError(.unsigned, "sign", on: "the commit", cause: "\(error)")
    }
  }
}

extension OpenRepository {
  /// The commit as it would be stored, unsigned; its parents must be here.
  fileprivate func commitBytes(_ draft: CommitDraft, tree: ObjectID) throws(GitError) -> [UInt8] {
    var lines = ["tree \(tree)"]
    for parent in draft.parents { lines.append("parent \(try commit(parent).id)") }
    lines.append("author \(try draft.author.headerValue)")
    lines.append("committer \(try draft.committer.headerValue)")
    return Array((lines + ["", draft.message]).joined(separator: "\n").utf8)
  }

  /// Stores a commit with its signature in the `gpgsig` header, folded as Git wants it.
  fileprivate func writeSignedCommit(_ bytes: [UInt8], signature: String) throws(GitError) -> ObjectID {
    var oid = git_oid()
    // An armor ends in a newline, which as a header would become an empty continuation line.
    let armor = signature.hasSuffix("\n") ? String(signature.dropLast()) : signature
    let content = String(decoding: bytes, as: UTF8.self)
    try Libgit2.call("write", on: "the signed commit") {
      unsafe git_commit_create_with_signature(&oid, repository.pointer, content, armor, "gpgsig")
    }
    tally.noteWritten()
    return ObjectID(oid)
  }
}

extension Authorship {
  /// `Name <email> seconds +hhmm`, as commits and tags hold it; throws `invalid` for names that could not be read back.
  fileprivate var headerValue: String {
    get throws(GitError) {
      for part in [name, email] {
        let isPlain = part.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "<" && $0 != ">" }
        guard isPlain, !part.isEmpty, part.first != " ", part.last != " " else {
          throw GitError(.invalid, "write", on: "the commit", cause: "\(part.isEmpty ? "an empty name" : part) cannot be an author")
        }
      }
      let minutes = offsetMinutes.magnitude
      let digits = "\(10_000 + minutes / 60 * 100 + minutes % 60)".dropFirst()
      return "\(name) <\(email)> \(seconds) \(offsetMinutes < 0 ? "-" : "+")\(digits)"
    }
  }
}
