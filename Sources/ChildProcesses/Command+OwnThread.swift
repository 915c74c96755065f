import CLibspawn
import Glibc

extension Command {
  /// Runs the command to its end as ``run(input:limits:until:)`` does, on a thread that is started for this run alone, for tasks, which may
  /// not block. The run ends at its deadline at the latest, whether anybody still waits for it or not.
  ///
  /// - Parameter then: is called once, on that thread; on the caller's where the system has no thread to give (`notStarted`).
  package func runOnOwnThread(
    input: [UInt8] = [], limits: Limits = Limits(), until deadline: ContinuousClock.Instant,
    then: @escaping @Sendable (Result<Completion, ChildProcessError>) -> Void
  ) {
    let errand = Errand(command: self, input: input, limits: limits, deadline: deadline, then: then)
    let context = unsafe Unmanaged.passRetained(errand)
    // No signal of the process is handled on this thread.
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    guard result == 0 else {
      unsafe context.release()
      return then(.failure(ChildProcessError(.notStarted, program: program, cause: "no thread: \(Descriptors.message(result))")))
    }
    pthread_detach(thread)
  }
}

/// One run, handed over to its thread.
private final class Errand: Sendable {
  let command: Command
  let input: [UInt8]
  let limits: Command.Limits
  let deadline: ContinuousClock.Instant
  let then: @Sendable (Result<Command.Completion, ChildProcessError>) -> Void

  init(
    command: Command, input: [UInt8], limits: Command.Limits, deadline: ContinuousClock.Instant,
    then: @escaping @Sendable (Result<Command.Completion, ChildProcessError>) -> Void
  ) {
    (self.command, self.input, self.limits, self.deadline, self.then) = (command, input, limits, deadline, then)
  }

  func run() {
    then(Result { () throws(ChildProcessError) in try command.run(input: input, limits: limits, until: deadline) })
  }
}
