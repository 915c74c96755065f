/// Why a command could not be run to its end. A command that ran and said no is none of these: see ``ExitStatus``.
package struct ChildProcessError: Error, Sendable, Hashable {
  /// What a caller can act on.
  package enum Kind: String, Sendable, Hashable {
    /// There is no such program, or it may not be run.
    case missing
    /// The system could not start it: no descriptor, process or memory left.
    case notStarted
    /// It was still running at the deadline, and was killed with all it had started.
    case timedOut
    /// It wrote more than the limit, and was killed with all it had started.
    case tooLarge
  }

  package let kind: Kind
  /// The program as the command named it. Arguments are left out: they may hold what is not for a log.
  package let program: String
  /// What the system said, or the limit that was exceeded, in one line; may be empty.
  package let cause: String

  package init(_ kind: Kind, program: String, cause: String = "") {
    self.kind = kind
    self.program = program
    self.cause = cause
  }
}

extension ChildProcessError: CustomStringConvertible {
  package var description: String {
    let words =
      switch kind {
      case .missing: "there is no such program here"
      case .notStarted: "it could not be started"
      case .timedOut: "the deadline passed"
      case .tooLarge: "it wrote too much"
      }
    return "could not run \(program): \(words)\(cause.isEmpty ? "" : ": \(cause)")"
  }
}
