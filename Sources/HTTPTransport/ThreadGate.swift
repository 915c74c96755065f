#if canImport(Glibc)
  import Glibc
#endif

/// Lets one thread wait until another opens the gate. For threads of our own: a wait blocks.
@safe final class ThreadGate: Sendable {
  @unsafe private struct Parts {
    var mutex = unsafe pthread_mutex_t()
    var condition = pthread_cond_t()
    var isOpen = false
  }

  /// Shared as POSIX mutexes and conditions are made to be; `isOpen` is touched under the mutex alone.
  private nonisolated(unsafe) let parts: UnsafeMutablePointer<Parts>

  init() {
    unsafe parts = .allocate(capacity: 1)
    unsafe parts.initialize(to: unsafe Parts())
    unsafe pthread_mutex_init(&parts.pointee.mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    // Waits are measured by a clock that nobody sets.
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(&parts.pointee.condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(&parts.pointee.condition)
    unsafe pthread_mutex_destroy(&parts.pointee.mutex)
    unsafe parts.deinitialize(count: 1)
    unsafe parts.deallocate()
  }

  func open() {
    unsafe pthread_mutex_lock(&parts.pointee.mutex)
    unsafe parts.pointee.isOpen = true
    unsafe pthread_cond_signal(&parts.pointee.condition)
    unsafe pthread_mutex_unlock(&parts.pointee.mutex)
  }

  /// Waits until the gate is open, at most so long. Whether it is.
  func wait(milliseconds: Int) -> Bool {
    var end = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = end.tv_nsec + milliseconds * 1_000_000
    end.tv_sec += nanoseconds / 1_000_000_000
    end.tv_nsec = nanoseconds % 1_000_000_000
    unsafe pthread_mutex_lock(&parts.pointee.mutex)
    defer { unsafe pthread_mutex_unlock(&parts.pointee.mutex) }
    while unsafe !parts.pointee.isOpen {
      if unsafe pthread_cond_timedwait(&parts.pointee.condition, &parts.pointee.mutex, &end) != 0 { break }
    }
    return unsafe parts.pointee.isOpen
  }
}
