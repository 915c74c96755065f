#if canImport(Glibc)
  import Glibc
#endif

/// Lets one thread wait until another opens the gate. For threads of our own: a wait blocks.
@safe final class ThreadGate: Sendable {
  /// Shared as POSIX semaphores are made to be.
  private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe semaphore.initialize(to: sem_t())
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  func open() { unsafe sem_post(semaphore) }

  func wait() {
    while unsafe sem_wait(semaphore) != 0, errno == EINTR {}
  }
}
