import KubernetesModel
import TestSupport

@testable import KubernetesClient

/// A plugin that is a script of the shell. Each run appends a line to `runs`.
struct Plugin {
  let folder: Folder

  /// - Parameter script: `$N` is the number of the run, `$HERE` the plugin's folder.
  init(_ script: String) throws {
    folder = try Folder()
    try folder.write("plugin.sh", "HERE=\(folder.path); echo run >> $HERE/runs; N=$(wc -l < $HERE/runs | tr -d ' ')\n\(script)\n")
  }

  /// How often it was run.
  var runs: Int { folder.read("runs").split(separator: "\n").count }

  /// The user's `exec`.
  func exec(_ more: [String: JSON] = [:]) -> JSON {
    let fields: [String: JSON] = [
      "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "/bin/sh",
      "args": [.string("\(folder.path)/plugin.sh")],
    ]
    return .object(fields.merging(more) { _, new in new })
  }

  /// The access of a kubeconfig whose user is this plugin.
  func access(_ more: [String: JSON] = [:], cluster: JSON = ["server": "https://h:6443"]) throws -> ClusterAccess {
    try KubeConfigTests.access(
      KubeConfigTests.document(cluster: cluster, user: ["exec": exec(more)]), path: "\(folder.path)/config")
  }

  func plugin(_ more: [String: JSON] = [:]) throws -> ExecPlugin {
    guard case .plugin(let plugin) = try access(more).credentials else { throw NothingThrown() }
    return plugin
  }

  /// The shell's words that tell a credential.
  static func tells(_ status: String, version: String = "client.authentication.k8s.io/v1") -> String {
    "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"\(version)\",\"status\":{'\(status)'}}'"
  }

  /// Tells another token with each run.
  static let token = tells("'\"token\":\"token-'$N'\"'")
}
