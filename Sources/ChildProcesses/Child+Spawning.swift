import CLibspawn
import Glibc

extension Child {
  /// Starts the command; the process, and 0 or an error number.
  static func spawn(_ command: Command, descriptors: [CInt], company: Company) -> (process: pid_t, code: CInt) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    // Copied above the standard descriptors first: this process may itself have been started with those closed.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    defer { for copy in copies where copy >= 0 { close(copy) } }
    guard copies.allSatisfy({ $0 >= 0 }) else { return (0, errno) }
    for (number, copy) in copies.enumerated() { unsafe posix_spawn_file_actions_adddup2(&actions, copy, CInt(number)) }
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    setSignals(&attributes)
    var flags = CShort(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    switch company {
    case .ours: break
    case .ownGroup:
      unsafe posix_spawnattr_setpgroup(&attributes, 0)
      flags |= CShort(POSIX_SPAWN_SETPGROUP)
    case .ownSession: flags |= childprocesses_setsid
    }
    unsafe posix_spawnattr_setflags(&attributes, flags)
    var process: pid_t = 0
    let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let code = unsafe withCStrings(command.arguments) { arguments in
      unsafe withCStrings(variables) { variables in
        guard let file = unsafe arguments[0] else { return EINVAL }
        return unsafe posix_spawnp(&process, file, &actions, &attributes, arguments, variables)
      }
    }
    return (process, code)
  }

  private static func setSignals(_ attributes: inout posix_spawnattr_t) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    for kept in [SIGHUP, SIGINT, SIGQUIT] { unsafe sigdelset(&signals, kept) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
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
