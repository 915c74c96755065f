import Glibc

/// A thread that may block.
package enum Thread {
  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  package static func start(_ body: @escaping @Sendable () -> Void) throws {
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard result == 0 else { throw SystemFailure(call: "pthread_create", code: result) }
    pthread_detach(thread)
  }

  /// Runs a blocking body on a thread of its own and waits for it without blocking.
  package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do { try start { continuation.resume(with: Result(catching: body)) } } catch { continuation.resume(throwing: error) }
    }
  }
}

package struct SystemFailure: Error {
  package var call: String
  package var code: Int32

  package init(call: String, code: Int32) { (self.call, self.code) = (call, code) }
}

/// Whether something comes true before even a slow machine would have managed.
package func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
