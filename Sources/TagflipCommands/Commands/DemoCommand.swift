import ArgumentParser
import FoundationEssentials
import KubernetesModel
import RehearsalCluster
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// `tagflip demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Four releases on the embedded cluster under constant load: two good ones, one rolled back, one that users never see.",
    discussion: "Needs git. Everything is real but the containers: repository, runs, API, traffic. Nothing is kept.")

  @Option(help: "User requests per second.") var load = 100

  func run() async throws {
    let root = "/tmp/tagflip-demo-\(getpid())"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let story = DemoStory(root: root, load: load)
    let lost = try await EmbeddedCluster.run { cluster in try await story.tell(on: cluster) }
    guard lost == 0 else { throw CommandFailure(.failed, ["error: \(lost) requests were lost"]) }
  }
}
