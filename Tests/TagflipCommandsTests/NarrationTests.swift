import ReleaseEngine
import ReleaseModel
import Synchronization
import Testing

@testable import TagflipCommands

/// What people and logs read while a command works.
@Suite struct NarrationTests {
  /// A release as the engine tells it, with everything that can be told.
  static let story: [Narration] = [
    .remark(nil, "web/v1.x is no semantic version"), .stepStarted(Samples.web, .deploy, detail: "3 pods"),
    .progress(Samples.web, .deploy, detail: "1 of 3 pods ready"),
    .stepEnded(Samples.web, Samples.step(.deploy, "3 of 3 pods ready", ms: 4200)),
    .waiting(Samples.web, reason: "freeze: holidays", until: Samples.ten), .waiting(Samples.web, reason: "no room", until: nil),
    .warning(Samples.web, Samples.typo), .warning(nil, Samples.error(.unreachable)),
    .stepEnded(Samples.web, Samples.step(.bake, "4 of 10 checks failed", ms: 2200, .failed)),
    .stepEnded(Samples.web, Samples.step(.cutover, "no answer", ms: 5, .unknown)),
    .stepEnded(Samples.web, Samples.step(.smoke, "the plan names no smoke checks", ms: 0, .skipped)),
    .decided(Samples.web, Samples.conclusion(.rolledBack, "4 of 10 checks failed")),
    .decided(Samples.web, Samples.conclusion(nil, "its window is over", version: "1.0.0")),
    .recorded(Samples.record(), commit: "3289af3df1aa"), .progress(Samples.web, .rollback, detail: "green drains for 2 s"),
  ]

  /// Every line of the story, told a second after the one before.
  private func told(_ format: LogFormat, columns: Int? = nil, _ story: [Narration] = story, ends: Bool = true) -> String {
    let screen = Screen()
    let seconds = Mutex(0)
    let narrator = ConsoleNarrator(
      format: format, output: screen.stream(columns: columns),
      elapsed: {
        seconds.withLock { seconds in
          seconds += 1
          return .seconds(seconds)
        }
      }, now: { Samples.ten })
    for narration in story { narrator.tell(narration) }
    if ends { narrator.finish() }
    #expect(screen.output.isEmpty, "narration is no result")
    return screen.errors
  }

  @Test func `in a file or a pipe stands what has happened, line by line, without escapes`() {
    #expect(
      told(.text) == """
              1 s tagflip  web/v1.x is no semantic version
              4 s web  deploy   ok in 4.2 s: 3 of 3 pods ready
              5 s web  waiting: freeze: holidays (until 2026-11-27T10:00:00.000Z)
              6 s web  waiting: no room
              7 s web  warning: services/web/cutover.yaml:15:3: could not read the plan of web: unknown key "smok"; did you mean "smoke"?
              8 s tagflip  warning: could not apply Deployment shop/web-green: no
              9 s web  bake     FAILED in 2.2 s: 4 of 10 checks failed
             10 s web  cutover  unknown in 5 ms: no answer
             11 s web  smoke    skipped in 0 ms: the plan names no smoke checks
             12 s web 1.1.0  ROLLED-BACK: 4 of 10 checks failed
             13 s web 1.0.0  retired: its window is over
             14 s web  recorded outcome as 3289af3df1

        """)
  }

  @Test func `what was recorded has a name of its own`() {
    let lines = AuditRecord.Event.allCases.map { NarrationText(.recorded(Samples.record($0), commit: "3289af3df1aa")).line }
    let nouns = [
      "what exists", "plan", "outcome", "refusal", "supersession", "retirement", "adoption", "leave", "settlement", "retry", "override",
      "missing tags", "reseal", "drift report",
    ]
    #expect(lines == nouns.map { "web  recorded \($0) as 3289af3df1" })
  }

  private static let erase = "\r\u{1B}[2K"

  @Test func `on a terminal the step under way is one line that is written over, and nothing is left of it at the end`() {
    let story = Array(Self.story[1...3]) + [Self.story[14]]
    #expect(
      told(.text, columns: 80, story)
        == "      1 s web  deploy   … 3 pods" + Self.erase + "      2 s web  deploy   … 1 of 3 pods ready" + Self.erase
        + "      3 s web  deploy   ok in 4.2 s: 3 of 3 pods ready\n" + "      4 s web  rollback … green drains for 2 s" + Self.erase)
  }

  @Test func `a line that is written over fits the window, since one that wraps could not be taken back`() {
    let long = [Narration.progress(Samples.web, .deploy, detail: String(repeating: "x", count: 200))]
    for columns in [20, 80, 132] { #expect(told(.text, columns: columns, long, ends: false).count == columns - 1) }
    let ended = [Narration.stepEnded(Samples.web, Samples.step(.deploy, String(repeating: "x", count: 200)))]
    #expect(told(.text, columns: 20, ended).contains(String(repeating: "x", count: 200)), "what stays is told whole")
  }

  @Test func `a log is one object a line, with a constant message, a level and a time`() throws {
    let lines = told(.json).split(separator: "\n").map(String.init)
    #expect(lines.count == Self.story.count)
    let messages: [(String, String)] = [
      ("remark", "info"), ("step started", "info"), ("progress", "debug"), ("step ended", "info"), ("waiting", "info"), ("waiting", "info"),
      ("something did not work", "warning"), ("something did not work", "warning"), ("step ended", "error"), ("step ended", "info"),
      ("step ended", "info"), ("decided", "error"), ("decided", "info"), ("recorded", "info"), ("progress", "debug"),
    ]
    for (line, expected) in zip(lines, messages) {
      let document = try Document(line)
      #expect(document["message"] == .text(expected.0), "\(line)")
      #expect(document["level"] == .text(expected.1), "\(line)")
      #expect(document["time"] == .text("2026-11-27T10:00:00.000Z"), "\(line)")
    }
  }

  static let lines: [(Narration, String)] = [
    (
      story[3],
      #"""
      {"message": "step ended", "level": "info", "service": "web", "step": "deploy", "result": "passed", "ms": 4200,
       "detail": "3 of 3 pods ready"}
      """#
    ),
    (
      story[6],
      #"""
      {"message": "something did not work", "level": "warning", "service": "web", "kind": "configuration",
       "attempted": "read the plan of web", "reason": "unknown key \"smok\"", "hint": "did you mean \"smoke\"?",
       "location": "services/web/cutover.yaml:15:3"}
      """#
    ),
    (
      story[11],
      #"""
      {"message": "decided", "level": "error", "service": "web", "outcome": "rolled-back", "reason": "4 of 10 checks failed",
       "rollout": "r-000000000000abcd", "version": "1.1.0"}
      """#
    ),
    (story[13], #"{"message": "recorded", "level": "info", "service": "web", "event": "outcome", "commit": "3289af3df1aa"}"#),
    (story[0], #"{"message": "remark", "level": "info", "service": null, "text": "web/v1.x is no semantic version"}"#),
  ]

  @Test(arguments: lines) func `a log line has the detail in fields`(_ narration: Narration, _ expected: String) throws {
    guard case .object(var fields) = try Document(LogLine(narration, at: Samples.ten).json) else { throw Unexpected() }
    fields["time"] = nil
    #expect(Document.object(fields) == (try Document(expected)))
  }

  private struct Unexpected: Error {}
}
