import GitStore
import HTTPTransport
import TestSupport

@testable import AuditTrail

extension Scratch {
  /// A scratch directory with an empty `remote.git` in it.
  static func withRemote() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.sh("git init -q --bare remote.git")
    return scratch
  }

  /// What git says about `remote.git`.
  @discardableResult
  func git(_ arguments: String) throws -> String { try sh("git -C remote.git \(arguments)") }

  /// The repository as a directory of this machine: no process stands between, and no hook runs.
  func remote(cache: String = "cache", repository: String = "remote.git") throws -> GitRemote {
    GitRemote(store: try store(cache), access: RemoteAccess(url: RemoteURL(path: "\(path)/\(repository)")), limit: .seconds(30))
  }

  /// The repository as a server offers it: a script in place of `ssh` runs the real `git receive-pack` and `git upload-pack`, hooks and all.
  ///
  /// `body` is shell that comes first and knows the command as `$command`.
  func served(_ body: String = "", cache: String = "cache") throws -> GitRemote {
    try write(
      "ssh-\(cache)", "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\ncommand=$3\n\(body)\nexec sh -c \"$command\"\n")
    let environment = ["PATH": "/usr/bin:/bin", "HOME": path, "GIT_CONFIG_GLOBAL": "\(path)/gitconfig", "GIT_CONFIG_NOSYSTEM": "1"]
    let ssh = RemoteAccess.SSH(command: ["/bin/sh", "\(path)/ssh-\(cache)"], environment: environment)
    let url = try RemoteURL(parsing: "ssh://bot@example.org\(path)/remote.git")
    return GitRemote(store: try store(cache), access: RemoteAccess(url: url, ssh: ssh), limit: .seconds(30))
  }

  private func store(_ cache: String) throws -> GitStore {
    try GitStore(cache: "\(path)/\(cache)", client: HTTPClient(userAgent: "tests"))
  }
}
