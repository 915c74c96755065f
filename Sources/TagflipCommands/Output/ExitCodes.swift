import ReleaseEngine
import ReleaseModel

/// The exit codes, as the README and `--help` document them.
enum ExitCode: Int32, CaseIterable {
  case done = 0
  case rolledBack = 10
  case failed = 11
  /// Users are on something bad, and tagflip cannot help it.
  case needsSomebody = 12
  case refused = 13
  case aborted = 14
  case busy = 20
  /// Told to stop: the next run goes on.
  case parked = 21
  case configuration = 30
  case unreachable = 31
  case notAllowed = 32
  /// The world changed under the command, or the process was told to stop.
  case conflict = 33
  /// `audit verify` found something.
  case findings = 40
  /// The audit trail cannot be read.
  case unreadable = 41
  case usage = 64

  /// How much it matters that somebody sees it; the weightiest of a run is its exit code.
  private var weight: Int {
    switch self {
    case .done: 0
    case .busy: 1
    case .parked: 2
    case .refused: 3
    case .aborted: 4
    case .failed: 5
    case .conflict: 6
    case .configuration: 7
    case .notAllowed: 8
    case .unreachable: 9
    case .rolledBack: 10
    case .needsSomebody: 11
    case .findings: 12
    case .unreadable: 13
    case .usage: 14
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
      case .parked: .parked
      case .failed(let error): ExitCode(error)
      }
  }
}
