import ArgumentParser
import FoundationEssentials
import RehearsalCluster
import ReleaseEngine
import ReleaseModel

/// `tagflip cluster`
struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Serve an embedded Kubernetes cluster on loopback until told to stop, and print its kubeconfig.",
    discussion: "For rehearsals: kubectl works on it, pods are real HTTP servers, Services really forward. Nothing is kept.")

  @Option(help: .init("The API's port; 0 for any that is free.", valueName: "number")) var port = 0
  @Option(help: .init("Write the kubeconfig to this file instead of standard output.", valueName: "path")) var kubeconfig: String?
  @Option(
    help: .init(
      "Log every request here, as an API server's audit log does (JSON lines): tagflip audit verify --api-log reads it.", valueName: "path")
  )
  var auditLog: String?
  @Option(help: .init("How many nodes the cluster pretends to have.", valueName: "number")) var nodes = 2

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must lie between 0 and 65535") }
    guard (1...1000).contains(nodes) else { throw ValidationError("--nodes must lie between 1 and 1000") }
  }

  func run() async throws {
    var configuration = EmbeddedCluster.Configuration()
    configuration.port = port
    configuration.plane.size.nodes = nodes
    configuration.audit = try auditLog.map { try RequestLog($0).sink }
    let path = kubeconfig
    let output = TextOutput.standard
    do {
      try await EmbeddedCluster.run(configuration) { cluster in
        if let path {
          try Files.write(cluster.kubeconfig, to: path, attempted: "write the kubeconfig", hint: "name another file: --kubeconfig PATH")
          output.narrate("serving \(cluster.server); kubectl --kubeconfig \(path) get nodes")
        } else {
          output.result(cluster.kubeconfig)
          output.narrate("serving \(cluster.server) until interrupted")
        }
        await Termination.signal()
      }
    } catch let error as PortError {
      throw CommandFailure(ExitCode(error), ErrorText.lines(error))
    } catch {
      let reason = PlainText.line("\(error)", longest: 300)
      let hint = port == 0 ? nil : "let it take any port that is free: --port 0"
      let failure = PortError(.configuration, attempted: "serve a cluster on 127.0.0.1:\(port)", reason: reason, hint: hint)
      throw CommandFailure(ExitCode(failure), ErrorText.lines(failure))
    }
  }
}
