import FoundationEssentials
import GitStore
import Glibc

/// A temporary directory with a shell in it; it goes with its owner.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/gitstore-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ShellFailure(script: "mkdtemp", status: errno, output: "") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write(
      "gitconfig",
      "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n[core]\nlooseCompression = 1\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs a script of the shell with git isolated from this machine's configuration, and answers what it printed.
  @discardableResult
  func sh(_ script: String) throws -> String {
    let environment =
      "export LC_ALL=C HOME=\(path) GIT_CONFIG_GLOBAL=\(path)/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'"
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

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
  }

  /// The object id that git prints for an expression in a repository here.
  func id(_ expression: String, in repository: String = "remote.git") throws -> ObjectID {
    let text = try sh("git -C \(repository) rev-parse --verify '\(expression)'")
    guard let id = ObjectID(hex: text) else { throw ShellFailure(script: "rev-parse \(expression)", status: 0, output: text) }
    return id
  }
}

struct ShellFailure: Error {
  var script: String
  var status: Int32
  var output: String
}

/// Whether the tools named can be run here.
func isInstalled(_ tools: String...) -> Bool {
  tools.allSatisfy { tool in
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"].contains { access("\($0)/\(tool)", X_OK) == 0 }
  }
}

extension ContinuousClock.Instant {
  /// A deadline that only a hanging test reaches.
  static var ample: ContinuousClock.Instant { .now + .seconds(30) }
}

extension RefName {
  static func of(_ name: String) throws -> RefName {
    guard let ref = RefName(name) else { throw ShellFailure(script: name, status: 0, output: "no ref name") }
    return ref
  }
}

/// A repository with a history worth reading: two tags of `web`, one of `api`, a branch, nested files, a link and a submodule.
func makeRemote(in scratch: Scratch) throws {
  try scratch.sh(
    """
    git init -q --bare remote.git
    git init -q work; cd work
    mkdir -p services/web/manifests module
    echo 'name: web' > services/web/cutover.yaml
    echo 'kind: Deployment' > services/web/manifests/deployment.yaml
    echo '#!/bin/sh' > run; chmod +x run; ln -s run link
    git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,module
    git add services run link; git commit -q -m 'First'
    git tag -a -m 'Web one' web/v1.0.0
    echo 'replicas: 2' >> services/web/cutover.yaml; git commit -q -a -m 'Second

    With a body.'
    git tag web/v1.1.0; git tag -a -m 'Api one' api/v1.0.0
    git push -q ../remote.git main --tags
    """)
}
