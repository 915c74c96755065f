import ArgumentParser
import ReleaseEngine
import ReleaseModel
import Testing

@testable import TagflipCommands

/// What each thing that can come of a command makes of its exit code. The same table stands in the README and in `tagflip --help`.
@Suite struct ExitCodeTests {
  private static func code(_ results: [RunReport.Result], failures: [PortError] = [], isScheduled: Bool = false) -> Int32 {
    ExitCode(RunReport(results: [Samples.web: results], failures: failures), isScheduled: isScheduled).rawValue
  }

  static let results: [(RunReport.Result, Int32)] = [
    (.nothing, 0), (.noted(tags: 214), 0), (.waiting(reason: "freeze", until: nil), 0), (.retired(nil), 0),
    (Samples.ended(.promoted), 0), (Samples.ended(.promoted, recorded: false), 0), (.ended(Samples.conclusion(nil), recorded: true), 0),
    (Samples.ended(.rolledBack), 10), (Samples.ended(.failed), 11), (Samples.ended(.failedExposed), 12),
    (Samples.ended(.rollbackFailed), 12), (.refused([Samples.refusal("1.0.0", "old")]), 13), (Samples.ended(.aborted), 14),
    (Samples.ended(.rejected), 14), (.busy("another run works on it"), 20), (.parked("told to stop"), 21),
  ]

  @Test(arguments: results) func `a result of one service has its code`(_ result: RunReport.Result, _ code: Int32) {
    #expect(Self.code([result]) == code)
  }

  static let errors: [(PortError.Kind, Int32)] = [
    (.configuration, 30), (.invalid, 30), (.notFound, 30), (.unreachable, 31), (.unknown, 31), (.timedOut, 31), (.corrupt, 31),
    (.unauthenticated, 32), (.forbidden, 32), (.conflict, 33), (.cancelled, 33),
  ]

  @Test(arguments: errors)
  func `an error has the code of its kind, be it the whole run's, one service's or a verb's`(_ kind: PortError.Kind, _ code: Int32) {
    let error = Samples.error(kind)
    #expect(Self.code([], failures: [error]) == code)
    #expect(Self.code([.failed(error)]) == code)
    #expect(ExitCode(error).rawValue == code)
  }

  @Test(arguments: results) func `a schedule is told of everything but another run at work`(_ result: RunReport.Result, _ code: Int32) {
    #expect(Self.code([result], isScheduled: true) == (code == 20 ? 0 : code))
  }

  /// From what matters most. What users felt comes before what keeps the bot from working, and that before what a team can look at later.
  static let precedence: [RunReport.Result] = [
    Samples.ended(.rollbackFailed), Samples.ended(.rolledBack), .failed(Samples.error(.unreachable)), .failed(Samples.error(.forbidden)),
    .failed(Samples.error(.configuration)), .failed(Samples.error(.conflict)), Samples.ended(.failed), Samples.ended(.aborted),
    .refused([Samples.refusal("1.0.0", "old")]), .parked("told to stop"), .busy("another run works on it"), Samples.ended(.promoted),
  ]

  @Test func `of several results the weightiest is the code, in whatever order and of whatever service they are`() {
    for (index, weightier) in Self.precedence.enumerated() {
      for lighter in Self.precedence[index...] {
        #expect(Self.code([weightier, lighter]) == Self.code([weightier]), "\(weightier) before \(lighter)")
        #expect(Self.code([lighter, weightier]) == Self.code([weightier]), "\(weightier) before \(lighter)")
        let two = RunReport(results: [Samples.web: [lighter], Samples.name("api"): [weightier]])
        #expect(ExitCode(two, isScheduled: false).rawValue == Self.code([weightier]))
      }
    }
  }

  @Test func `a run's own failure is weighed with what came of its services`() {
    #expect(Self.code([Samples.ended(.promoted)], failures: [Samples.error(.unreachable)]) == 31)
    #expect(Self.code([Samples.ended(.rolledBack)], failures: [Samples.error(.unreachable)]) == 10)
  }

  @Test func `nothing at all is success`() {
    #expect(ExitCode(RunReport(endedEarly: true), isScheduled: false) == .done)
    #expect(ExitCode(RunReport(), isScheduled: false) == .done)
  }

  @Test func `help and README name every code, and no other`() throws {
    let discussion = RootCommand.configuration.discussion
    let codes = discussion.split(separator: "\n").compactMap { $0.split(separator: " ").first.flatMap { Int32($0) } }
    #expect(codes == ExitCode.allCases.map(\.rawValue).sorted())
    let table = Repository.text("README.md").split(separator: "\n").drop { $0 != "| exit code | means |" }.dropFirst(2)
    let named = table.prefix { $0.hasPrefix("|") }.flatMap { row in
      row.split(separator: "|")[0].split { !$0.isNumber }.compactMap { Int32($0) }
    }
    #expect(named.sorted() == codes)
  }
}
