import ReleaseEngine
import ReleaseModel
import Synchronization

/// Tells people at a terminal, or a log, what happens: a line for each step with the time it took, and on a terminal the progress of the
/// step that is under way, written over in place.
final class ConsoleNarrator: Narrator {
  private struct State {
    var isLive = false
  }

  private let format: LogFormat
  private let output: TextOutput
  private let elapsed: @Sendable () -> Duration
  private let now: @Sendable () -> Timestamp
  private let state = Mutex(State())

  /// - Parameters:
  ///   - elapsed: since the command began.
  ///   - now: the machine's own time; in a log, nothing rests on it.
  init(
    format: LogFormat, output: TextOutput = .standard, elapsed: @escaping @Sendable () -> Duration = ConsoleNarrator.stopwatch(),
    now: @escaping @Sendable () -> Timestamp = { .ofThisMachine }
  ) {
    self.format = format
    self.output = output
    self.elapsed = elapsed
    self.now = now
  }

  func tell(_ narration: Narration) {
    switch format {
    case .json: output.narrate(LogLine(narration, at: now()).json)
    case .text: show(NarrationText(narration))
    }
  }

  /// Takes back a line of progress that nothing followed, so that the result stands on a line of its own.
  func finish() {
    state.withLock { state in
      if state.isLive { output.narrateRaw(Self.eraseLine) }
      state.isLive = false
    }
  }

  private static let eraseLine = "\r\u{1B}[2K"

  private func show(_ text: NarrationText) {
    let line = "\(NarrationText.padded(elapsed().words, 9)) \(text.line)"
    state.withLock { state in
      guard let columns = output.columns() else {
        if !text.isTransient { output.narrate(line) }
        return
      }
      if state.isLive { output.narrateRaw(Self.eraseLine) }
      if text.isTransient {
        // A line that wraps could not be written over.
        output.narrateRaw(String(line.prefix(columns - 1)))
      } else {
        output.narrate(line)
      }
      state.isLive = text.isTransient
    }
  }

  private static func stopwatch() -> @Sendable () -> Duration {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }
}

/// One narration in words.
struct NarrationText {
  let line: String
  /// Whether the next line takes its place on a terminal.
  let isTransient: Bool

  init(_ narration: Narration) {
    switch narration {
    case .stepStarted(let service, let step, let detail), .progress(let service, let step, let detail):
      line = "\(service)  \(Self.padded(step.rawValue, 8, left: false)) … \(detail)"
      isTransient = true
    case .stepEnded(let service, let record):
      let mark =
        switch record.result {
        case .passed: "ok"
        case .failed: "FAILED"
        case .unknown: "unknown"
        case .skipped: "skipped"
        }
      line =
        "\(service)  \(Self.padded(record.step.rawValue, 8, left: false)) \(mark) in \(Duration.milliseconds(record.ms).words): \(record.detail)"
      isTransient = false
    case .decided(let service, let conclusion):
      let version = conclusion.version.map { " \($0)" } ?? ""
      line = "\(service)\(version)  \(conclusion.outcome?.rawValue.uppercased() ?? conclusion.event.rawValue): \(conclusion.reason)"
      isTransient = false
    case .recorded(let record, let commit):
      line = "\(record.service)  recorded \(Self.noun(record.event)) as \(commit.prefix(10))"
      isTransient = false
    case .waiting(let service, let reason, let until):
      line = "\(service)  waiting: \(reason)\(until.map { " (until \($0))" } ?? "")"
      isTransient = false
    case .warning(let service, let error):
      line = "\(service?.text ?? "tagflip")  warning: \(error)"
      isTransient = false
    case .remark(let service, let text):
      line = "\(service?.text ?? "tagflip")  \(text)"
      isTransient = false
    }
  }

  /// What was written down.
  private static func noun(_ event: AuditRecord.Event) -> String {
    switch event {
    case .noted: "what exists"
    case .plan: "plan"
    case .outcome: "outcome"
    case .refused: "refusal"
    case .superseded: "supersession"
    case .retired: "retirement"
    case .adopted: "adoption"
    case .left: "leave"
    case .settled: "settlement"
    case .retry: "retry"
    case .override: "override"
    case .deleted: "missing tags"
    case .resealed: "reseal"
    case .drift: "drift report"
    }
  }

  static func padded(_ text: String, _ width: Int, left: Bool = true) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}
