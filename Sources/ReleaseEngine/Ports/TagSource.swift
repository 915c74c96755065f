package import Digests
package import ReleaseModel

/// The release repo, as far as tags and branch tips go.
package protocol TagSource: Sendable {
  /// One listing of the release repo's refs: every tag that begins as release tags do, and the protected branch's tip.
  func listing() async throws(PortError) -> RefListing

  /// What a tag says about itself. Fetches that one ref.
  func facts(of tag: ReleaseTag) async throws(PortError) -> TagFacts

  /// Whether a tag is what a rule asks of it.
  ///
  /// - Parameter now: the API server's time. Keys must be valid now, when the tag is decided on: the date inside a signature is the signer's
  ///   claim, and whoever stole an expired key can choose it.
  /// - Throws: what keeps it from being judged: a file of keys that cannot be read, a tool that is missing. The tag stays undecided.
  func judge(_ facts: TagFacts, by rule: TagRule, at now: Timestamp) async throws(PortError) -> TagVerdict
}

/// What a rule says of a tag.
package enum TagVerdict: Sendable, Hashable {
  /// With the signature that was verified, where one was asked for.
  case accepted(TagSignature?, TagJudgement)
  /// For good, in words for the record.
  case refused(String, TagJudgement)
}

/// The refs of the release repo at one instant.
package struct RefListing: Sendable, Hashable {
  package struct Tag: Sendable, Hashable {
    /// Without `refs/tags/`.
    package var name: String
    /// The object the ref points to, in hexadecimal.
    package var object: String

    package init(name: String, object: String) {
      self.name = name
      self.object = object
    }
  }

  package var tags: [Tag]
  /// The commit at the protected branch's tip; nil where the branch does not exist.
  package var branchTip: String?
  /// The audit branch's tip where it lives in the same repository and was listed along.
  package var auditTip: String?
  /// Of all that was listed.
  package var digest: Digest

  package init(tags: [Tag], branchTip: String?, auditTip: String?, digest: Digest) {
    self.tags = tags
    self.branchTip = branchTip
    self.auditTip = auditTip
    self.digest = digest
  }

  /// The commit at the protected branch's tip.
  /// - Throws: `notFound` where the branch does not exist.
  package func tip(_ repository: RepositorySettings, to attempted: String) throws(PortError) -> String {
    if let branchTip { return branchTip }
    throw PortError(
      .notFound, attempted: attempted, reason: "\(repository.url) has no branch \(repository.branch)",
      hint: "push it, or name another in the settings: repository.branch")
  }
}

/// The files of the release repo at one commit, or of a folder that stands for it.
package protocol RepositoryFiles: Sendable {
  /// The bytes of a file, or nil where there is none. A symbolic link, a submodule and a file over 1 MiB are refused.
  func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]?

  /// The paths of the files below a folder, sorted; empty where there is no such folder. More than ``RepositoryLimit/files`` are refused, never
  /// cut off.
  func list(_ folder: String, at commit: String) async throws(PortError) -> [String]

  /// The names of the folders in a folder that hold something of that name, sorted; empty where there is no such folder. What else they hold
  /// is not looked at. More than ``RepositoryLimit/folders`` are refused, never cut off.
  func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String]
}

/// How much of a release repo is listed at once.
package enum RepositoryLimit {
  /// The most files and folders below one folder, as of one service's manifests.
  package static let files = 1000
  /// The most folders in one folder, as of all services.
  package static let folders = 10_000

  /// What is said of more files than that.
  package static func tooManyFiles(below folder: String) -> PortError {
    PortError(
      .configuration, attempted: "list \(folder)", reason: "there are more than \(files) files and folders below it",
      hint: "one service's environment needs fewer: move what is none of its manifests elsewhere", location: SourceLocation(file: folder))
  }

  /// What is said of more folders than that.
  package static func tooManyFolders(in folder: String) -> PortError {
    PortError(
      .configuration, attempted: "list \(folder)", reason: "there are more than \(folders) folders in it",
      hint: "name the services that are released from here in tagflip.yaml (services: […]), or give some of them a repository of their own",
      location: SourceLocation(file: folder))
  }
}
