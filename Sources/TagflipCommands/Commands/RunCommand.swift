import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Poll once: finish what is open, decide on new tags, release.",
    discussion: """
      Meant for cron or a CronJob. Safe to overlap and safe to kill; a run with nothing to do costs one listing and one GET.
      Told to stop by SIGTERM or SIGINT it finishes or parks what is under way, says where, and leaves the rest to the next run.
      """)

  @OptionGroup var shared: SharedOptions

  @Flag(help: "For schedulers: end with 0 where another run is at work.")
  var scheduled = false

  func run() async throws {
    let report = try await Session(shared).perform(grace: Termination.grace) { installation in await ReleaseRun(installation).run() }
    let text = RunText(report: report)
    let output = TextOutput.standard
    output.result(text, as: shared.output)
    let code = ExitCode(report, isScheduled: scheduled)
    if code != .done { throw CommandFailure(code) }
  }
}
