import FoundationEssentials
import Glibc

/// A temporary directory with a shell in it; it goes with its owner.
package final class Scratch: Sendable {
  package let path: String

  package init() throws {
    var template = Array("/tmp/tagflip-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ShellFailure(script: "mkdtemp", status: errno, output: "") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write(
      "gitconfig",
      "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n[core]\nlooseCompression = 1\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs a script of the shell with git isolated from this machine's configuration, and answers what it printed.
  @discardableResult
  package func sh(_ script: String) throws -> String {
    let environment =
      "export LC_ALL=C.UTF-8 HOME=\(path) GIT_CONFIG_GLOBAL=\(path)/gitconfig GIT_CONFIG_NOSYSTEM=1 "
      + "GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'"
    let shell = try Shell("set -e; cd \(path); \(environment); { \(script)\n} 2>&1")
    let output = shell.read()
    let status = shell.close()
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw ShellFailure(script: script, status: status, output: text) }
    return text.last == "\n" ? String(text.dropLast()) : text
  }

  package func write(_ name: String, _ text: String) throws {
    try write(name, bytes: Array(text.utf8))
  }

  package func write(_ name: String, bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
}

/// A script that failed, or what it printed was not what the test needs.
package struct ShellFailure: Error {
  package var script: String
  package var status: Int32
  package var output: String

  package init(script: String, status: Int32, output: String) { (self.script, self.status, self.output) = (script, status, output) }
}

/// Whether the tools named can be run here.
package func isInstalled(_ tools: String...) -> Bool {
  tools.allSatisfy { tool in
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"].contains { access("\($0)/\(tool)", X_OK) == 0 }
  }
}
