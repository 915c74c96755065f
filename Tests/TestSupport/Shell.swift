import CLibspawn
package import Glibc

/// `/bin/sh` with a script and a pipe, as `popen` starts it, but without any other descriptor of this process.
///
/// `popen` and `system` pass on every descriptor that is not marked, and SwiftNIO marks none: a daemon that a script leaves behind held the
/// listening sockets of tests that ran beside it, so that connections were taken that nobody ever served.
/// It is not built on `Child`, which does the same for the product: the tests of that are judged with it.
package struct Shell {
  private let process: pid_t
  /// Its end of the pipe, to be read or written.
  package let pipe: UnsafeMutablePointer<FILE>

  /// - Parameter writing: whether the pipe is the script's input, and not its output.
  package init(_ script: String, writing: Bool = false) throws(ShellFailure) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw ShellFailure(script: script, status: errno, output: "pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (ours, its) = writing ? (ends[1], ends[0]) : (ends[0], ends[1])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, its, writing ? STDIN_FILENO : STDOUT_FILENO)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    // The threads of tests block signals: a daemon that inherited that would never hear that it is to end.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, CShort(POSIX_SPAWN_SETSIGMASK))
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(script), nil]
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      Glibc.close(its)
      for argument in arguments { free(argument) }
    }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, environ)
    guard code == 0, let pipe = fdopen(ours, writing ? "w" : "r") else {
      Glibc.close(ours)
      throw ShellFailure(script: script, status: code, output: "posix_spawn")
    }
    (self.process, self.pipe) = (process, pipe)
  }

  /// What it prints until it has closed its output.
  package func read() -> [UInt8] {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output.append(contentsOf: buffer[..<count]) }
    return output
  }

  /// Closes the pipe and waits; how it ended, as `waitpid` says.
  @discardableResult
  package func close() -> Int32 {
    fclose(pipe)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
