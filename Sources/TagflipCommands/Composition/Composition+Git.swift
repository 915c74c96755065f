import AuditTrail
import GitStore
import HTTPTransport
import PlanFiles
import ReleaseEngine
import ReleaseModel

/// The ports that Git stands behind.
struct GitPorts {
  var tags: any TagSource
  var files: any RepositoryFiles
  var audit: any AuditLog
  var exhibits: any ExhibitSource
  var operators: any OperatorJudge
}

// The ports that Git stands behind.
extension Composition {
  /// What keeps a remote from being composed is thrown by whoever asks for it: a rollback must not fail because the password of the release
  /// repo is not on this machine.
  func gitPorts(_ narrator: any Narrator) -> GitPorts {
    let branch = settings.repository.branch
    let audit = settings.audit
    let release = Result { () throws(PortError) in try remote(settings.repository, narrator) }
    let own = audit.remote.map { repository in Result { () throws(PortError) in try remote(repository, narrator) } }
    // A commit without a record's own time (no API server was reached) bears this machine's: nothing is decided by it.
    let log: any AuditLog =
      switch own ?? release {
      case .success(let remote):
        GitAuditLog(
          remote: remote, settings: audit, signer: audit.signingKey.map { AuditSigner(path: $0) },
          now: { Timestamp.ofThisMachine.milliseconds / 1000 })
      case .failure(let error): UnavailableGit(error: error)
      }
    switch release {
    case .success(let remote):
      // An audit remote that cannot be composed is told of by whoever writes to it.
      let tags = GitTags(remote: remote, branch: branch, auditBranch: audit.branch, auditRemote: own.flatMap { try? $0.get() })
      return GitPorts(
        tags: tags, files: GitFiles(remote: remote, branch: branch), audit: log,
        exhibits: SettledExhibits(remote: remote, settings: settings), operators: OperatorFiles(store: remote.store))
    case .failure(let error):
      let none = UnavailableGit(error: error)
      return GitPorts(tags: none, files: none, audit: log, exhibits: NoExhibits(), operators: NoOperators())
    }
  }

  /// The repository that the audit branch is in.
  func auditRemote(_ narrator: any Narrator) throws(PortError) -> GitRemote {
    try remote(settings.audit.remote ?? settings.repository, narrator)
  }

  private func remote(_ repository: RepositorySettings, _ narrator: any Narrator) throws(PortError) -> GitRemote {
    var tls = TLSSettings()
    if let path = repository.certificateAuthority {
      tls.certificateAuthority = try Files.read(
        path, attempted: "read the Git server's certificate authority", hint: "correct the settings")
    }
    var basic: RemoteAccess.Basic?
    if let username = repository.username {
      let password = try repository.password.map { secret throws(PortError) in try Secrets.value(of: secret, for: "the Git password") }
      basic = RemoteAccess.Basic(user: username, password: password ?? "")
    }
    var ssh = RemoteAccess.SSH()
    ssh.identityFile = repository.identity
    try Files.makeParent(of: repository.cache)
    do throws(GitError) {
      let access = RemoteAccess(url: try RemoteURL(parsing: repository.url), basic: basic, tls: tls, ssh: ssh)
      let store = try GitStore(
        cache: repository.cache, client: http, report: { narrator.tell(.remark(nil, $0)) })
      return GitRemote(store: store, access: access)
    } catch {
      throw PortError(
        .configuration, attempted: "open the repository", reason: error.description, hint: "correct repository.url in the settings",
        location: SourceLocation(file: settingsPath))
    }
  }
}
