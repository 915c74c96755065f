import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// A command that ends with something else than success, and what it says then.
struct CommandFailure: Error {
  var code: ExitCode
  /// Lines for standard error; empty where everything has been said already.
  var lines: [String] = []
  /// For standard output, where a program reads it.
  var result: JSON?

  init(_ code: ExitCode, _ lines: [String] = []) {
    self.code = code
    self.lines = lines
  }

  /// - Parameter options: the formats in which the error is told.
  init(_ error: PortError, _ options: SharedOptions) {
    code = ExitCode(error)
    switch options.log {
    case .text: lines = ErrorText.lines(error)
    case .json: lines = [LogLine(error, at: .ofThisMachine).json]
    }
    if options.output == .json { result = ["error": error.json] }
  }

  func report(to output: TextOutput) {
    if let result { output.result(result.text) }
    for line in lines { output.narrate(line) }
  }
}

/// An error as people read it: where, what, why, what next.
enum ErrorText {
  static func lines(_ error: PortError) -> [String] {
    // Where it was when it was told to stop is no fault.
    if error.kind == .cancelled { return ["stopped before it could \(error.attempted)", "  next: the next run goes on with what is open"] }
    let place = error.location.map { "\($0): " } ?? ""
    var lines = ["error: \(place)could not \(error.attempted): \(error.reason)"]
    if let hint = error.hint { lines.append("  next: \(hint)") }
    return lines
  }
}

extension PortError {
  var json: JSON {
    [
      "kind": .string(kind.rawValue), "attempted": .string(attempted), "reason": .string(reason), "hint": hint.map { .string($0) } ?? .null,
      "location": location.map { .string($0.description) } ?? .null,
    ]
  }
}
