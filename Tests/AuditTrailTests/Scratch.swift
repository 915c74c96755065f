import FoundationEssentials
import GitStore
import Glibc
import HTTPTransport

@testable import AuditTrail

/// A temporary directory with a shell in it; it goes with its owner.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/audittrail-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ShellFailure(script: "mkdtemp", status: errno, output: "") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write("gitconfig", "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n")
    try sh("git init -q --bare remote.git")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs a script of the shell with git isolated from this machine's configuration, and answers what it printed.
  @discardableResult
  func sh(_ script: String) throws -> String {
    let environment =
      "export LC_ALL=C.UTF-8 HOME=\(path) GIT_CONFIG_GLOBAL=\(path)/gitconfig GIT_CONFIG_NOSYSTEM=1 "
      + "GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'"
    guard let pipe = popen("set -e; cd \(path); \(environment); { \(script)\n} 2>&1", "r") else {
      throw ShellFailure(script: script, status: errno, output: "")
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output.append(contentsOf: buffer[..<count]) }
    let status = pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw ShellFailure(script: script, status: status, output: text) }
    return text.last == "\n" ? String(text.dropLast()) : text
  }

  func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)")) }

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

struct ShellFailure: Error {
  var script: String
  var status: Int32
  var output: String
}
