import CLibgit2
import Glibc

/// A child with one two-way stream for its input and output, in a process group of its own so that it can be ended with all it started.
///
/// Used on the Git thread only. The child inherits nothing but the environment it is given; its owner ends it.
final class ChildProcess {
  /// How much of what it says on standard error is kept: the last so many bytes.
  static let errorTailLimit = 900

  private let process: pid_t
  private var stream: CInt
  private var errors: CInt
  private var errorTail: [UInt8] = []
  /// The wait status once it has ended and been reaped.
  private var status: CInt?

  /// Starts the command, looked up in `PATH` if it has no slash.
  ///
  /// Throws `unreachable` where it cannot be started.
  init(_ command: [String], environment: [String: String], attempted: String, on subject: String) throws(GitError) {
    func failure(_ call: String, _ code: CInt) -> GitError {
      GitError(.unreachable, attempted, on: subject, cause: "could not run \(command.first ?? "ssh"): \(call): \(Self.message(code))")
    }
    var (streams, pipes): ((CInt, CInt), (CInt, CInt)) = ((-1, -1), (-1, -1))
    // A socket rather than pipes: writing to a child that is gone then is an error and not SIGPIPE.
    guard unsafe Self.pair(&streams, { unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, $0) }) else {
      throw failure("socketpair", errno)
    }
    guard unsafe Self.pair(&pipes, { unsafe pipe($0) }) else {
      let code = errno
      Self.close([streams.0, streams.1])
      throw failure("pipe", code)
    }
    for pipe in [pipes.0, pipes.1] { _ = fcntl(pipe, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(pipes.0, F_SETFL, O_NONBLOCK)
    let (child, code) = Self.spawn(command, environment: environment, stream: streams.1, errors: pipes.1)
    Self.close([streams.1, pipes.1])
    guard code == 0 else {
      Self.close([streams.0, pipes.0])
      throw failure("posix_spawn", code)
    }
    (process, stream, errors) = (child, streams.0, pipes.0)
  }

  deinit { end(within: .zero) }

  // MARK: The stream

  /// The next bytes of its output, at most so many; none once it has closed it.
  func read(upTo count: Int, limit: Limit, attempted: String, on subject: String) throws(GitError) -> [UInt8] {
    while true {
      let ready = try wait(for: CShort(POLLIN), limit: limit, attempted: attempted, on: subject)
      guard ready else { continue }
      var received = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        received = unsafe recv(stream, buffer.baseAddress, count, CInt(MSG_DONTWAIT))
        filled = max(received, 0)
      }
      if received >= 0 { return bytes }
      guard errno == EAGAIN || errno == EINTR else { return [] }  // ECONNRESET: gone
    }
  }

  /// Writes all bytes to its input; throws `protocol` once it no longer reads.
  func write(_ bytes: [UInt8], limit: Limit, attempted: String, on subject: String) throws(GitError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard try wait(for: CShort(POLLOUT), limit: limit, attempted: attempted, on: subject) else { continue }
      let sent = unsafe rest.withUnsafeBytes { unsafe send(stream, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)) }
      if sent >= 0 {
        rest = rest.dropFirst(sent)
      } else if errno != EAGAIN, errno != EINTR {
        throw GitError(.protocol, attempted, on: subject, cause: "the connection closed early\(errorText.isEmpty ? "" : ": \(errorText)")")
      }
    }
  }

  /// Waits one slice for the stream; what comes on standard error meanwhile is kept.
  private func wait(for events: CShort, limit: Limit, attempted: String, on subject: String) throws(GitError) -> Bool {
    try limit.check(attempted, on: subject)
    var polled = [pollfd(fd: stream, events: events, revents: 0), pollfd(fd: errors, events: CShort(POLLIN), revents: 0)]
    guard unsafe poll(&polled, 2, CInt(limit.wait)) > 0 else { return false }
    if polled[1].revents != 0 { drainErrors() }
    return polled[0].revents != 0
  }

  // MARK: Standard error

  /// The end of what it said on standard error.
  var errorText: String { String(decoding: errorTail, as: UTF8.self) }

  private func drainErrors() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe Glibc.read(errors, &buffer, buffer.count)
      guard count > 0 else {
        // Its end: a descriptor of -1 is left out by poll.
        if count == 0 || errno != EAGAIN {
          Self.close([errors])
          errors = -1
        }
        return
      }
      errorTail = (errorTail + buffer[..<count]).suffix(Self.errorTailLimit)
    }
  }

  // MARK: Its end

  /// The exit status, or 128 plus the signal, after the child was waited for; nil if it never had to be killed or reaped.
  private(set) var exitCode: Int?

  /// Closes its input, waits so long for it to end by itself, then ends it and everything in its group; harmless when repeated.
  func end(within grace: Duration) {
    guard status == nil else { return }
    shutdown(stream, CInt(SHUT_WR))
    if !reap(within: grace) {
      kill(-process, SIGTERM)
      let obeyed = reap(within: .milliseconds(200))
      kill(-process, SIGKILL)  // what it started may not have obeyed
      while !obeyed, !reap(within: .seconds(1)) {}
    }
    if errors >= 0 { drainErrors() }
    Self.close([stream, errors])
    (stream, errors) = (-1, -1)
  }

  /// Waits for the end, reading on so that it cannot block on what it still has to say.
  private func reap(within grace: Duration) -> Bool {
    let end = ContinuousClock.now + grace
    var sink = [UInt8](repeating: 0, count: 4096)
    repeat {
      var status: CInt = 0
      if unsafe waitpid(process, &status, WNOHANG) != 0 {
        self.status = status
        exitCode = status & 0x7f == 0 ? Int(status >> 8 & 0xff) : 128 + Int(status & 0x7f)
        return true
      }
      if errors >= 0 { drainErrors() }
      if unsafe recv(stream, &sink, sink.count, CInt(MSG_DONTWAIT)) <= 0 { usleep(1_000) }
    } while ContinuousClock.now < end
    return false
  }

  private static func close(_ descriptors: [CInt]) {
    for descriptor in descriptors where descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  private static func pair(_ pair: inout (CInt, CInt), _ make: (UnsafeMutablePointer<CInt>) -> CInt) -> Bool {
    var descriptors: [CInt] = [-1, -1]
    guard
      unsafe descriptors.withUnsafeMutableBufferPointer({ buffer in
        guard let base = buffer.baseAddress else { return CInt(-1) }
        return unsafe make(base)
      }) == 0
    else { return false }
    pair = (descriptors[0], descriptors[1])
    return true
  }

  private static func message(_ code: CInt) -> String { unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)" }
}

extension ChildProcess {
  /// Starts the command with these descriptors as its input and output and its standard error, and no other.
  fileprivate static func spawn(
    _ command: [String], environment: [String: String], stream: CInt, errors: CInt
  ) -> (pid_t, CInt) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    // Copied above the standard descriptors first: this process may itself have been started with those closed.
    let copies = [fcntl(stream, F_DUPFD_CLOEXEC, 10), fcntl(errors, F_DUPFD_CLOEXEC, 10)]
    defer { close(copies) }
    unsafe posix_spawn_file_actions_adddup2(&actions, copies[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, copies[0], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, copies[1], 2)
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(&attributes, CShort(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var process: pid_t = 0
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let code = unsafe withCStrings(command) { arguments in
      unsafe withCStrings(variables) { variables in
        guard let file = unsafe arguments[0] else { return EINVAL }
        return unsafe posix_spawnp(&process, file, &actions, &attributes, arguments, variables)
      }
    }
    return (process, code)
  }

  /// Lends texts to a call as C does argument lists: an array of pointers with a null at its end.
  private static func withCStrings(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt
  ) -> CInt {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return EINVAL }
      return unsafe body(base)
    }
  }
}
