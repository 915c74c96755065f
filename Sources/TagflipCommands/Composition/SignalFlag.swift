import Synchronization

/// Raised in a signal handler, where nothing but an atomic store is allowed.
final class SignalFlag: Sendable {
  static let shared = SignalFlag()

  private let flag = Atomic<Bool>(false)

  func raise() { flag.store(true, ordering: .releasing) }

  var isRaised: Bool { flag.load(ordering: .acquiring) }
}
