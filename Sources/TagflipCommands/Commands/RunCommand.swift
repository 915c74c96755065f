import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Poll once: finish what is open, decide on new tags, release.",
    discussion: "Meant for cron or a CronJob. Safe to overlap and safe to kill; a run with nothing to do costs one listing and one GET.")

  @OptionGroup var shared: SharedOptions

  @Flag(help: "For schedulers: that another run is at work is no failure.")
  var scheduled = false

  func run() async throws {
    let report = try await Session(shared).perform { installation in await ReleaseRun(installation).run() }
    let text = RunText(report: report)
    let output = TextOutput()
    switch shared.output {
    case .text: output.result(text.text)
    case .json: output.result(text.json.text)
    }
    let code = ExitCode(report, isScheduled: scheduled)
    if code != .done { throw CommandFailure(code) }
  }
}

/// One command's work on an installation: composes it, and turns what goes wrong into words and an exit code.
struct Session {
  private let shared: SharedOptions

  init(_ shared: SharedOptions) { self.shared = shared }

  func perform<Value>(files: (any RepositoryFiles)? = nil, _ body: @escaping (Installation) async throws(PortError) -> Value)
    async throws(CommandFailure) -> Value
  {
    do throws(PortError) {
      let composition = try Composition(shared)
      let narrator = ConsoleNarrator(format: shared.log == .json ? .json : .text)
      return try await body(try composition.installation(narrator: narrator, files: files))
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The name of a service as the command line has it.
  static func service(_ text: String) throws(PortError) -> ServiceName {
    if let name = ServiceName(text) { return name }
    throw PortError(
      .configuration, attempted: "read the command line", reason: "\"\(PlainText.line(text, longest: 60))\" cannot be a service's name",
      hint: "use the name from tagflip.yaml")
  }

  static func version(_ text: String) throws(PortError) -> Version {
    if let version = Version(text) ?? (text.hasPrefix("v") ? Version(String(text.dropFirst())) : nil) { return version }
    throw PortError(
      .configuration, attempted: "read the command line", reason: "\"\(PlainText.line(text, longest: 60))\" is no semantic version",
      hint: "write it like 1.4.0")
  }
}
