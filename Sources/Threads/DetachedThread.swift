import Glibc

/// A thread for what blocks, which no thread of the cooperative pool may do.
///
/// No signal of the process is handled on it. It ends with its body, and nobody waits for it.
package enum DetachedThread {
  private final class Errand: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs a body on a thread that is started for it.
  ///
  /// - Returns: 0; else the error's number (pthread_create(3)) where the system has no thread to give, and the body is never called.
  package static func start(_ body: @escaping @Sendable () -> Void) -> CInt {
    let context = unsafe Unmanaged.passRetained(Errand(body))
    // A new thread has the mask of the one that starts it.
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context.toOpaque())
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    guard result == 0 else {
      unsafe context.release()
      return result
    }
    pthread_detach(thread)
    return 0
  }
}
