import ArgumentParser
import FoundationEssentials
import RehearsalCluster

#if canImport(Glibc)
  import Glibc
#endif

/// `tagflip demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Four releases on the embedded cluster under constant load: two good ones, one rolled back, one that users never see.",
    discussion: "Needs git. Everything is real but the containers: repository, runs, API, traffic. Nothing is kept unless --keep asks.")

  @Option(help: .init("User requests per second.", valueName: "number")) var load = 100

  @Option(help: .init("Leave the repositories, the settings and the bot's key here, in a folder that is new.", valueName: "folder"))
  var keep: String?

  func validate() throws {
    guard (1...1000).contains(load) else { throw ValidationError("--load must lie between 1 and 1000") }
  }

  func run() async throws {
    let root = try folder()
    defer { if keep == nil { try? FileManager.default.removeItem(atPath: root) } }
    let story = DemoStory(root: root, load: load)
    let told = await Termination.cancelling(notice: { TextOutput.standard.narrate("told to stop, and stopping") }) {
      await Self.result { try await EmbeddedCluster.run { cluster in try await story.tell(on: cluster) } }
    }
    switch told {
    case .success(0): return
    case .success(let lost): throw CommandFailure(.failed, ["error: \(Count.words(lost, "request")) got no answer"])
    case .failure(let error):
      throw CommandFailure(error is CancellationError ? .conflict : .failed, ["error: the demo ended early: \(error)"])
    }
  }

  /// Where the story plays: a folder of its own, by its full path.
  private func folder() throws -> String {
    let here = FileManager.default.currentDirectoryPath
    let root = keep.map { $0.hasPrefix("/") ? $0 : "\(here)/\($0)" } ?? "/tmp/tagflip-demo-\(getpid())"
    guard !FileManager.default.fileExists(atPath: root) else {
      throw CommandFailure(.usage, ["error: \(Word.plain(root)) is there already", "  next: name a folder that is not: --keep FOLDER"])
    }
    do {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(.configuration, ["error: \(Word.plain(root)) could not be made", "  next: name another: --keep FOLDER"])
    }
    return root
  }

  private static func result(_ body: () async throws -> Int) async -> Result<Int, any Error> {
    do {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
