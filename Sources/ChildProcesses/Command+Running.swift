import Glibc

extension Command {
  /// How much of what a command writes is taken.
  package struct Limits: Sendable, Hashable {
    /// The most bytes on standard output; one more ends the command.
    package var output: Int
    /// How many of the last bytes on standard error are kept; what came before them is dropped.
    package var errors: Int

    package init(output: Int = 1 << 20, errors: Int = 4096) { (self.output, self.errors) = (output, errors) }
  }

  /// What a command that ran to its end left.
  package struct Completion: Sendable, Hashable {
    package var status: ExitStatus
    /// All of standard output.
    package var output: [UInt8]
    /// The end of standard error.
    package var errors: [UInt8]

    /// Standard output as text; what is no UTF-8 is replaced.
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    /// The end of standard error as text; what is no UTF-8 is replaced.
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
  }

  /// Runs the command to its end: it reads the input, what it writes is collected, and at the deadline it is killed with all it started.
  ///
  /// The child leads a session of its own: it cannot ask anybody on a terminal. Once it has ended, what it left running in its group is
  /// killed too, a fifth of a second later at most, so that a helper that keeps the output open holds nobody up.
  ///
  /// **Blocks the calling thread**, until the deadline at the worst: call it on a thread of your own and never in a task, since the
  /// cooperative pool has no thread to spare.
  ///
  /// Throws `missing` and `notStarted` like ``Child``, `timedOut` at the deadline and `tooLarge` when there is more output than the limit.
  /// An exit code other than 0 is an answer, not an error.
  package func run(
    input: [UInt8] = [], limits: Limits = Limits(), until deadline: ContinuousClock.Instant
  ) throws(ChildProcessError) -> Completion {
    let run = try CommandRun(self, input: input, limits: limits)
    return try run.finish(until: deadline)
  }
}

/// One run of a command: its child and our ends of its three streams.
private final class CommandRun {
  /// How long after its end a command's output is waited for that something it started still holds open.
  private static let settling: Duration = .milliseconds(200)

  private let command: Command
  private let limits: Command.Limits
  private let child: Child
  private var rest: ArraySlice<UInt8>
  private var input: CInt
  private var output: CInt
  private var errors: CInt
  private var completion = Command.Completion(status: .code(255), output: [], errors: [])
  private var buffer = [UInt8](repeating: 0, count: 65536)

  init(_ command: Command, input bytes: [UInt8], limits: Command.Limits) throws(ChildProcessError) {
    func failure() -> ChildProcessError {
      ChildProcessError(.notStarted, program: command.program, cause: Descriptors.message(errno))
    }
    guard let input = Descriptors.socketPair() else { throw failure() }
    defer { Descriptors.close(input.theirs) }
    guard let output = Descriptors.pipe() else {
      defer { Descriptors.close(input.ours) }
      throw failure()
    }
    defer { Descriptors.close(output.write) }
    guard let errors = Descriptors.pipe() else {
      defer { Descriptors.close(input.ours, output.read) }
      throw failure()
    }
    defer { Descriptors.close(errors.write) }
    for descriptor in [output.read, errors.read] { Descriptors.doNotWait(on: descriptor) }
    do throws(ChildProcessError) {
      child = try Child(command, input: input.theirs, output: output.write, errors: errors.write, company: .ownSession)
    } catch {
      Descriptors.close(input.ours, output.read, errors.read)
      throw error
    }
    (self.command, self.limits, rest) = (command, limits, bytes[...])
    (self.input, self.output, self.errors) = (input.ours, output.read, errors.read)
    if bytes.isEmpty { closeInput() }
  }

  deinit {
    child.kill()
    Descriptors.close(input, output, errors)
  }

  func finish(until deadline: ContinuousClock.Instant) throws(ChildProcessError) -> Command.Completion {
    var settled: ContinuousClock.Instant?
    while true {
      let now = ContinuousClock.now
      if settled == nil, child.isOver { settled = now + Self.settling }
      if let settled, output < 0 && errors < 0 || now >= settled { break }
      guard now < deadline else { throw ChildProcessError(.timedOut, program: command.program) }
      wait()
      write()
      drainErrors()
      try drainOutput()
    }
    child.kill()  // it has ended; its group may not have
    completion.status = child.wait()
    return completion
  }

  /// Waits until something can be read or written, for a moment at most: the child's end makes no descriptor ready if another holds them.
  private func wait() {
    var polled = [
      pollfd(fd: input, events: CShort(POLLOUT), revents: 0), pollfd(fd: output, events: CShort(POLLIN), revents: 0),
      pollfd(fd: errors, events: CShort(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&polled, 3, output < 0 && errors < 0 ? 1 : 20)
  }

  private func write() {
    guard input >= 0 else { return }
    let sent = unsafe rest.prefix(buffer.count).withUnsafeBytes {
      unsafe send(input, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
    }
    if sent > 0 { rest = rest.dropFirst(sent) }
    // A child that reads no further may still have an answer: that is for its status to say.
    if rest.isEmpty || sent < 0 && errno != EAGAIN && errno != EINTR { closeInput() }
  }

  private func closeInput() {
    Descriptors.close(input)
    input = -1
  }

  private func drainOutput() throws(ChildProcessError) {
    while output >= 0, let bytes = read(&output) {
      guard completion.output.count + bytes.count <= limits.output else {
        throw ChildProcessError(.tooLarge, program: command.program, cause: "more than \(limits.output) bytes")
      }
      completion.output += bytes
    }
  }

  private func drainErrors() {
    // Once for each wait: a child that never stops complaining must not keep us from looking at the clock.
    if errors >= 0, let bytes = read(&errors) { completion.errors = (completion.errors + bytes).suffix(limits.errors) }
  }

  /// What there is to read; nil where there is nothing now, and where the end was reached, which closes the descriptor.
  private func read(_ descriptor: inout CInt) -> ArraySlice<UInt8>? {
    let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
    if count > 0 { return buffer[..<count] }
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    Descriptors.close(descriptor)
    descriptor = -1
    return nil
  }
}
