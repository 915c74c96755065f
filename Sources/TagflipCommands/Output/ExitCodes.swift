import ReleaseEngine
import ReleaseModel

/// The exit codes, as the README and `--help` document them.
enum ExitCode: Int32 {
  case done = 0
  case rolledBack = 10
  case failed = 11
  /// Users are on something bad, and tagflip cannot help it.
  case needsSomebody = 12
  case refused = 13
  case aborted = 14
  case busy = 20
  case configuration = 30
  case unreachable = 31
  case notAllowed = 32
  case conflict = 33

  /// How much it matters that somebody sees it; the weightiest of a run is its exit code.
  private var weight: Int {
    switch self {
    case .done: 0
    case .busy: 1
    case .refused: 2
    case .aborted: 3
    case .failed: 4
    case .conflict: 5
    case .configuration: 6
    case .notAllowed: 7
    case .unreachable: 8
    case .rolledBack: 9
    case .needsSomebody: 10
    }
  }

  init(_ error: PortError) {
    self =
      switch error.kind {
      case .configuration, .invalid, .notFound: .configuration
      case .unreachable, .unknown, .timedOut, .corrupt: .unreachable
      case .unauthenticated, .forbidden: .notAllowed
      case .conflict, .cancelled: .conflict
      }
  }

  init(_ outcome: Outcome?) {
    self =
      switch outcome {
      case .promoted, nil: .done
      case .rolledBack: .rolledBack
      case .failed: .failed
      case .failedExposed, .rollbackFailed: .needsSomebody
      case .rejected, .aborted: .aborted
      }
  }

  init(_ report: RunReport, isScheduled: Bool) {
    let codes = report.failures.map { ExitCode($0) } + report.all.map { ExitCode($0, isScheduled: isScheduled) }
    self = codes.max { $0.weight < $1.weight } ?? .done
  }

  private init(_ result: RunReport.Result, isScheduled: Bool) {
    self =
      switch result {
      case .nothing, .noted, .waiting, .retired: .done
      case .ended(let conclusion, _): ExitCode(conclusion.outcome)
      case .refused: .refused
      case .busy: isScheduled ? .done : .busy
      case .failed(let error): ExitCode(error)
      }
  }
}

/// A command that ends with something else than success, and what it says then.
struct CommandFailure: Error {
  var code: ExitCode
  /// Lines for standard error; empty where everything has been said already.
  var lines: [String]

  init(_ code: ExitCode, _ lines: [String] = []) {
    self.code = code
    self.lines = lines
  }

  init(_ error: PortError) {
    code = ExitCode(error)
    lines = ErrorText.lines(error)
  }

  func report(to output: inout TextOutput) {
    for line in lines { output.narrate(line) }
  }
}

/// An error as people read it: where, what, why, what next.
enum ErrorText {
  static func lines(_ error: PortError) -> [String] {
    let place = error.location.map { "\($0): " } ?? ""
    var lines = ["error: \(place)could not \(error.attempted): \(error.reason)"]
    if let hint = error.hint { lines.append("  next: \(hint)") }
    return lines
  }
}
