import ChildProcesses

/// How a program is run that does what this module does not do itself.
package struct Tool: Sendable, Hashable {
  /// The program and the arguments that always come first; without a slash it is looked up in this process's `PATH`.
  package var command: [String]
  /// The environment it gets; an agent's address, `SSH_AUTH_SOCK`, is in it.
  package var environment: [String: String]
  /// How long one run may take before it is killed.
  package var timeout: Duration

  /// A tool of these parts; by default it gets this process's environment and 20 s.
  package init(_ command: String..., environment: [String: String] = Command.ownEnvironment, timeout: Duration = .seconds(20)) {
    (self.command, self.environment, self.timeout) = (command, environment, timeout)
  }

  /// Runs it to its end, whatever that is. **Blocks**: see ``ChildProcesses``.
  ///
  /// Throws `unavailable` where it is not here or cannot be run, and `timedOut`.
  func run(
    _ arguments: [String], input: [UInt8] = [], limit: Int = 1 << 20, attempted: String, subject: String
  ) throws(SignatureError) -> Command.Completion {
    do throws(ChildProcessError) {
      return try Command(command + arguments, environment: environment).run(
        input: input, limits: Command.Limits(output: limit), until: .now + timeout)
    } catch {
      switch error.kind {
      case .missing: throw SignatureError(.unavailable, attempted, subject, "\(name) is not installed here (\(error.cause))")
      case .timedOut: throw SignatureError(.timedOut, attempted, subject, "\(name) was still running after \(timeout)")
      case .notStarted, .tooLarge: throw SignatureError(.unavailable, attempted, subject, "\(error)")
      }
    }
  }

  /// The program without its folder.
  var name: String { command.first.map { String($0[($0.lastIndex(of: "/").map($0.index(after:)) ?? $0.startIndex)...]) } ?? "" }

  /// What it said when it failed: the end of it, in one line.
  func complaint(of completion: Command.Completion) -> String {
    let text = SignatureError.line(completion.errorText.suffix(500))
    return text.isEmpty ? "\(name) ended with \(completion.status)" : "\(name): \(text)"
  }
}
