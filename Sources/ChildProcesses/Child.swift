import Glibc

/// One process that was started here, until it has ended and been reaped.
///
/// Exactly one value owns a process, and it is used by one thread at a time. A child that is still running when its owner lets go of it is
/// killed, with its group.
package final class Child {
  /// What the child belongs to, apart from its parent.
  package enum Company: Sendable, Hashable {
    /// The process group of this process: what a terminal sends to one it sends to the other. Only the child itself can be ended.
    case ours
    /// A group of its own, so that it can be ended with all it started.
    case ownGroup
    /// A group and a session of its own: it has no terminal either, from which it could ask somebody something.
    case ownSession
  }

  private let process: pid_t
  private let company: Company
  /// How it ended; nil while it has not been seen to end.
  package private(set) var status: ExitStatus?

  /// Starts the command with these descriptors as its standard ones, and no other. They stay the caller's.
  ///
  /// In the child no signal is blocked, and none is ignored but those that whoever started this process may have wanted ignored:
  /// SIGHUP (`nohup`), SIGINT and SIGQUIT (a shell's background jobs).
  ///
  /// Throws `missing` where there is no such program, `notStarted` where the system cannot start it.
  package init(_ command: Command, input: CInt, output: CInt, errors: CInt, company: Company) throws(ChildProcessError) {
    let (process, code) = Self.spawn(command, descriptors: [input, output, errors], company: company)
    guard code == 0 else {
      let kind: ChildProcessError.Kind = [ENOENT, EACCES, ENOTDIR, ENOEXEC].contains(code) ? .missing : .notStarted
      throw ChildProcessError(kind, program: command.program, cause: Descriptors.message(code))
    }
    (self.process, self.company) = (process, company)
  }

  deinit { end(within: .zero) }

  /// Whether it has ended, without waiting.
  package var hasEnded: Bool {
    if status == nil { reap(options: WNOHANG) }
    return status != nil
  }

  /// Waits until it ends, for as long as that takes.
  @discardableResult
  package func wait() -> ExitStatus {
    while true {
      if let status { return status }
      reap(options: 0)
    }
  }

  /// Sends a signal to it and all of its own group.
  package func signal(_ number: CInt) {
    guard status == nil else { return }
    Glibc.kill(company == .ours ? process : -process, number)
  }

  /// Waits so long for it to end by itself, then ends it and everything in its group; harmless when repeated.
  ///
  /// - Parameter notice: how long it has after SIGTERM until it is killed.
  /// - Parameter meanwhile: called again and again while this waits, to take what the child still has to say, so that it does not wait in
  ///   turn; answers whether there was anything.
  package func end(within grace: Duration, notice: Duration = .milliseconds(200), meanwhile: () -> Bool = { false }) {
    guard status == nil, !ends(within: grace, meanwhile) else { return }
    signal(SIGTERM)
    let obeyed = ends(within: notice, meanwhile)
    // What it started may not have obeyed. The number cannot be another group's yet: either the child is not reaped, or it was just now.
    Glibc.kill(company == .ours ? process : -process, SIGKILL)
    while !obeyed, !ends(within: .seconds(1), meanwhile) {}
  }

  /// Kills what is left of its group, and then reaps it.
  package func kill() {
    guard status == nil else { return }
    signal(SIGKILL)
    wait()
  }

  /// Whether it has ended, leaving it unreaped: until then nothing else gets its number, so its group can still be killed safely.
  var isOver: Bool {
    guard status == nil else { return true }
    var information = unsafe siginfo_t()
    guard unsafe waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return true }
    return unsafe information.si_signo != 0
  }

  private func ends(within grace: Duration, _ meanwhile: () -> Bool) -> Bool {
    let end = ContinuousClock.now + grace
    repeat {
      if hasEnded { return true }
      // Whoever calls this has a thread that may wait (see the module's article), and real processes keep real time.
      if !meanwhile() { usleep(1_000) }
    } while ContinuousClock.now < end
    return false
  }

  private func reap(options: CInt) {
    var status: CInt = 0
    let result = unsafe waitpid(process, &status, options)
    if result == process { self.status = ExitStatus(waitStatus: status) }
    // Somebody else reaped it: nobody knows how it ended, so not well.
    if result < 0, errno == ECHILD { self.status = .code(255) }
  }
}
