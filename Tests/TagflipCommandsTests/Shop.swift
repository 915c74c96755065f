import FoundationEssentials
import KubernetesModel
import RehearsalCluster

@testable import TagflipCommands

/// The demo's shop on an embedded cluster in this process, with the real binary beside it.
struct Shop: Sendable {
  let cluster: EmbeddedCluster
  let folder = Scratch()

  var repository: DemoRepository { DemoRepository(root: folder.path) }

  static func open(_ body: @escaping @Sendable (Shop) async throws -> Void) async throws {
    try await EmbeddedCluster.run { cluster in
      let shop = Shop(cluster: cluster)
      try await shop.repository.makeKeys()
      try await shop.repository.prepare()
      for name in ["shop", "tagflip"] {
        _ = try cluster.store.create(.namespaces, ["metadata": ["name": .string(name)]], by: "test")
      }
      let service: JSON = [
        "metadata": ["name": "web", "namespace": "shop"],
        "spec": [
          "selector": ["app": "web", "tagflip.dev/color": "none"], "ports": [["name": "http", "port": 80, "targetPort": 8080]],
        ],
      ]
      _ = try cluster.store.create(.services, service, by: "test")
      try shop.folder.write("kubeconfig", cluster.kubeconfig)
      try shop.settings()
      try await body(shop)
    }
  }

  /// The installation's settings.
  func settings(repository: String = "{url: releases.git}", _ extra: String = "") throws {
    try folder.write(
      "tagflip.yaml",
      """
      installation: test
      repository: \(repository)
      cluster: {kubeconfig: kubeconfig}
      state: {namespace: tagflip}
      images: trusted
      \(extra)
      """)
  }

  func tagflip(_ words: String...) async throws -> Program.Result { try await Program.tagflip(words, in: folder) }

  /// Starts a run, tells it to stop as soon as its log holds a text, and waits for its end.
  func run(stoppedAt text: String, by signal: String = "TERM") async throws -> Program.Result {
    let script = """
      "$0" run --log json --settings tagflip.yaml 2>err & pid=$!
      for i in $(seq 1 3000); do grep -qF "$1" err && break; sleep 0.01; done
      kill -\(signal) $pid; wait $pid
      """
    return try await Program.shell(script, [Program.path, text], in: folder)
  }
}

/// Programs that are run to their end, with what they wrote.
enum Program {
  struct Result: Sendable {
    var status: Int32
    var output: String
    var errors: String

    var all: String { output + errors }
  }

  /// The binary beside the test bundle.
  static let path: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    var folder = String(bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)])
    while folder.count > 1, !FileManager.default.isExecutableFile(atPath: folder + "/tagflip") {
      folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
    }
    return folder + "/tagflip"
  }()

  static func tagflip(_ words: [String], in folder: Scratch) async throws -> Result {
    try await shell("exec \"$0\" \"$@\" 2>err", [path] + words, in: folder)
  }

  /// - Parameter words: `$0`, `$1`, … of the script, which writes standard error to the file `err`.
  static func shell(_ script: String, _ words: [String], in folder: Scratch) async throws -> Result {
    let child = ChildProcess(arguments: ["sh", "-c", "cd \(folder.path) && { \(script)\n}"] + words, folder: folder.path)
    let (output, status) = try await child.run()
    let errors = FileManager.default.contents(atPath: "\(folder.path)/err").map { String(decoding: $0, as: UTF8.self) } ?? ""
    return Result(status: status, output: output, errors: errors)
  }
}
