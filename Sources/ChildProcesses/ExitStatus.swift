/// How a child ended.
package enum ExitStatus: Sendable, Hashable {
  /// By itself, with this code; 0 is success.
  case code(Int)
  /// By this signal.
  case signal(Int)

  /// The status that `waitpid` answered.
  init(waitStatus: CInt) {
    let signal = Int(waitStatus & 0x7f)
    self = signal == 0 ? .code(Int(waitStatus >> 8 & 0xff)) : .signal(signal)
  }

  /// The exit code, or 128 plus the signal, as shells say it.
  package var code: Int {
    switch self {
    case .code(let code): code
    case .signal(let signal): 128 + signal
    }
  }

  package var isSuccess: Bool { self == .code(0) }
}

extension ExitStatus: CustomStringConvertible {
  /// `exit code 2` or `signal 9`.
  package var description: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let signal): "signal \(signal)"
    }
  }
}
