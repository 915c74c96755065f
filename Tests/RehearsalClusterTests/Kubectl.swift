import FoundationEssentials
import Glibc
import Testing

@testable import RehearsalCluster

/// The real `kubectl` against one embedded cluster.
final class Kubectl: Sendable {
  static let path: String? = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first { access($0, X_OK) == 0 }

  private let folder: String

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  init(_ cluster: EmbeddedCluster) throws {
    var template = Array("/tmp/tagflip-kubectl-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(description: "no temporary folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try Data(cluster.kubeconfig.utf8).write(to: URL(filePath: "\(folder)/kubeconfig"))
  }

  func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

  /// A file in the cluster's own folder.
  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  func namespace(_ name: String) throws -> String {
    try file("namespace-\(name).json", #"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "\#(name)"}}"#)
  }

  /// What it said on both streams.
  func callAsFunction(_ arguments: String...) throws -> String {
    let (status, output) = execute(arguments)
    guard status == 0 else { throw Failure(description: "kubectl \(arguments.joined(separator: " ")) ended with \(status):\n\(output)") }
    return output
  }

  func run(_ arguments: String...) -> (status: Int32, output: String) { execute(arguments) }

  private func execute(_ arguments: [String]) -> (status: Int32, output: String) {
    let output = "\(folder)/output"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let words = ["kubectl", "--kubeconfig", "\(folder)/kubeconfig", "--cache-dir", "\(folder)/cache", "--request-timeout=60s"] + arguments
    var argv = Self.copies(words)
    var environment = Self.copies(["HOME=\(folder)", "PATH=/usr/bin:/bin"])
    defer { (argv + environment).forEach { free($0) } }
    var pid = pid_t()
    guard posix_spawn(&pid, Self.path ?? "", &actions, nil, &argv, &environment) == 0 else { return (-1, "could not be started") }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    let text = (try? Data(contentsOf: URL(filePath: output))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return ((status >> 8) & 0xFF, text)
  }

  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var result: [UnsafeMutablePointer<CChar>?] = []
    for word in words { result.append(strdup(word)) }
    return result + [nil]
  }
}
