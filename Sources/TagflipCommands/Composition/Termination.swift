#if canImport(Glibc)
  import Glibc
#endif

/// Being told to stop: SIGTERM by a scheduler, SIGINT from a terminal.
///
/// In a container the process is number 1, to which the kernel does not apply a signal's default: without a handler, a pod that is deleted
/// would go on until it is killed at the end of its grace period.
enum Termination {
  private enum Event<Value: Sendable>: Sendable {
    case done(Value)
    case told
    case overdue
  }

  /// How long a run that is told to stop may take to finish or park what is under way, well within the 30 s that Kubernetes grants a pod.
  static let grace: Duration = .seconds(20)

  /// Does some work, and cancels it when the process is told to stop and the work has not ended by itself within its grace. A second time
  /// ends the process at once: every run is a recovery, so that is safe too.
  /// - Parameter notice: is called as soon as that happens, before the work has ended.
  static func cancelling<Value: Sendable>(
    on flag: SignalFlag = .shared, grace: Duration = .zero, notice: () -> Void, _ work: @escaping @Sendable () async -> Value
  ) async -> Value {
    listen()
    return await withTaskGroup(of: Event<Value>.self) { group in
      group.addTask { .done(await work()) }
      group.addTask {
        await wait(for: flag)
        return .told
      }
      var isNoticed = false
      while true {
        switch await group.next() {
        case .done(let value):
          // Work that looks at the flag itself may have parked before this looked.
          if flag.isRaised && !isNoticed { notice() }
          group.cancelAll()
          return value
        case .told:
          notice()
          isNoticed = true
          group.addTask {
            try? await Task.sleep(for: grace)
            return .overdue
          }
        case .overdue, nil: group.cancelAll()
        }
      }
    }
  }

  /// Waits until the process is told to stop, or the task is cancelled.
  static func signal() async {
    listen()
    await wait(for: .shared)
  }

  private static func wait(for flag: SignalFlag) async {
    while !flag.isRaised && !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
  }

  private static func listen() {
    // Made here: a signal handler may not be the first to touch it.
    _ = SignalFlag.shared
    for number in [SIGTERM, SIGINT] {
      Glibc.signal(number) { number in
        if SignalFlag.shared.isRaised { _exit(128 + number) }
        SignalFlag.shared.raise()
      }
    }
  }
}
