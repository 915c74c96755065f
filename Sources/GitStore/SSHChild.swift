import ChildProcesses
import Glibc

/// A child with one two-way stream for its input and output, in a process group of its own so that it can be ended with all it started.
///
/// Used on the Git thread only. The child inherits nothing but the environment it is given; its owner ends it.
final class SSHChild {
  /// How much of what it says on standard error is kept: the last so many bytes.
  static let errorTailLimit = 900

  private let child: Child
  private var stream: CInt
  private var errors: CInt
  private var errorTail: [UInt8] = []

  /// Starts the command, looked up in `PATH` if it has no slash.
  ///
  /// Throws `unreachable` where it cannot be started.
  init(_ command: [String], environment: [String: String], attempted: String, on subject: String) throws(GitError) {
    func failure(_ cause: String) -> GitError {
      GitError(.unreachable, attempted, on: subject, cause: "could not run \(command.first ?? "ssh"): \(cause)")
    }
    // A socket rather than pipes: writing to a child that is gone then is an error and not SIGPIPE.
    guard let streams = Descriptors.socketPair() else { throw failure(Descriptors.message(errno)) }
    defer { Descriptors.close(streams.theirs) }
    guard let pipe = Descriptors.pipe() else {
      let code = errno
      Descriptors.close(streams.ours)
      throw failure(Descriptors.message(code))
    }
    defer { Descriptors.close(pipe.write) }
    Descriptors.doNotWait(on: pipe.read)
    do throws(ChildProcessError) {
      child = try Child(
        Command(command, environment: environment), input: streams.theirs, output: streams.theirs, errors: pipe.write, company: .ownGroup)
    } catch {
      Descriptors.close(streams.ours, pipe.read)
      throw failure(error.cause)
    }
    (stream, errors) = (streams.ours, pipe.read)
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
    while errors >= 0 {
      let count = unsafe Glibc.read(errors, &buffer, buffer.count)
      guard count > 0 else {
        // Its end: a descriptor of -1 is left out by poll.
        if count == 0 || errno != EAGAIN {
          Descriptors.close(errors)
          errors = -1
        }
        return
      }
      errorTail = (errorTail + buffer[..<count]).suffix(Self.errorTailLimit)
    }
  }

  // MARK: Its end

  /// The exit status, or 128 plus the signal, after the child was waited for; nil while it was not.
  var exitCode: Int? { child.status?.code }

  /// Closes its input, waits so long for it to end by itself, then ends it and everything in its group; harmless when repeated.
  func end(within grace: Duration) {
    guard stream >= 0 else { return }
    shutdown(stream, CInt(SHUT_WR))
    var sink = [UInt8](repeating: 0, count: 4096)
    // Reading on meanwhile, so that it cannot block on what it still has to say.
    child.end(within: grace) {
      drainErrors()
      return unsafe recv(stream, &sink, sink.count, CInt(MSG_DONTWAIT)) > 0
    }
    drainErrors()
    Descriptors.close(stream, errors)
    (stream, errors) = (-1, -1)
  }
}
