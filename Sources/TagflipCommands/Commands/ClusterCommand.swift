import ArgumentParser
import FoundationEssentials
import KubernetesModel
import RehearsalCluster

#if canImport(Glibc)
  import Glibc
#endif

/// `tagflip cluster`
struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Serve an embedded Kubernetes cluster on loopback until told to stop, and print its kubeconfig.",
    discussion: "For rehearsals: kubectl works on it, pods are real HTTP servers, Services really forward. Nothing is kept.")

  @Option(help: "The API's port; 0 for any that is free.") var port = 0
  @Option(help: "Write the kubeconfig to this file instead of standard output.") var kubeconfig: String?
  @Option(help: "How many nodes the cluster pretends to have.") var nodes = 2

  func run() async throws {
    var configuration = EmbeddedCluster.Configuration()
    configuration.port = port
    configuration.plane.size.nodes = nodes
    let path = kubeconfig
    try await EmbeddedCluster.run(configuration) { cluster in
      if let path {
        try Data(cluster.kubeconfig.utf8).write(to: URL(filePath: path))
        TextOutput().narrate("serving \(cluster.server); kubectl --kubeconfig \(path) get nodes")
      } else {
        TextOutput().result(cluster.kubeconfig)
        TextOutput().narrate("serving \(cluster.server) until interrupted")
      }
      await Termination.signal()
    }
  }
}

/// Waits for SIGTERM or SIGINT.
enum Termination {
  static func signal() async {
    let flag = SignalFlag.shared
    Glibc.signal(SIGTERM) { _ in SignalFlag.shared.raise() }
    Glibc.signal(SIGINT) { _ in SignalFlag.shared.raise() }
    while !flag.isRaised { try? await Task.sleep(for: .milliseconds(100)) }
  }
}
