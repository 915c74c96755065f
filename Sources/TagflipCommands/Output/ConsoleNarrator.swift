import ReleaseEngine
import ReleaseModel
import Synchronization

/// Tells people at a terminal, or a log, what happens: a line for each step with the time it took, and on a terminal the progress of the
/// step that is under way, written over in place.
final class ConsoleNarrator: Narrator {
  enum Format: String {
    case text
    case json
  }

  private struct State {
    var isLive = false
  }

  private let output = TextOutput()
  private let format: Format
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  init(format: Format) { self.format = format }

  func tell(_ narration: Narration) {
    switch format {
    case .json: output.narrate(LogLine(narration).json)
    case .text: show(NarrationText(narration))
    }
  }

  private func show(_ text: NarrationText) {
    let elapsed = NarrationText.padded("\((ContinuousClock.now - start).words)", 9)
    state.withLock { state in
      guard TextOutput.isTerminal else {
        if !text.isTransient { output.narrate("\(elapsed) \(text.line)") }
        return
      }
      if state.isLive { output.narrateRaw("\r\u{1B}[2K") }
      if text.isTransient {
        output.narrateRaw("\(elapsed) \(String(text.line.prefix(100)))")
      } else {
        output.narrate("\(elapsed) \(text.line)")
      }
      state.isLive = text.isTransient
    }
  }
}

/// One narration in words.
struct NarrationText {
  let line: String
  /// Whether the next line takes its place on a terminal.
  let isTransient: Bool

  init(_ narration: Narration) {
    switch narration {
    case .stepStarted(let service, let step, let detail):
      line = "\(service)  \(Self.padded(step.rawValue, 8, left: false)) … \(detail)"
      isTransient = true
    case .progress(let service, let step, let detail):
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
      line = "\(service)\(version)  \(conclusion.outcome?.rawValue.uppercased() ?? "retired"): \(conclusion.reason)"
      isTransient = false
    case .recorded(let record, let commit):
      line = "\(record.service)  recorded \(record.event.rawValue) as \(commit.prefix(10))"
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

  static func padded(_ text: String, _ width: Int, left: Bool = true) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}
