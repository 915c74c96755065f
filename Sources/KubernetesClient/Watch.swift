import HTTPTransport
import Synchronization

/// One watch under way: events until the server's timeout, silence, or an error. One reader at a time.
package final class Watch: Sendable {
  /// The longest event that is read, in bytes: etcd holds no object beyond 1.5 MiB, and an event may spell it at greater length.
  static let longestEvent = 8 << 20

  private let stream: HTTPBodyStream
  private let lines = Mutex(LineBuffer(longest: longestEvent))
  private let attempted: String

  init(stream: HTTPBodyStream, attempted: String) {
    self.stream = stream
    self.attempted = attempted
  }

  /// The next event; nil when the server ended the watch as announced.
  /// - Throws: ``KubernetesError``; kind `gone` means: list again and watch from there.
  package func next() async throws(KubernetesError) -> WatchEvent? {
    while true {
      if let line = try nextLine() { return try WatchEvent(line: line, attempted: attempted) }
      let chunk: [UInt8]?
      do throws(HTTPError) {
        chunk = try await stream.next()
      } catch {
        throw KubernetesError(error, attempted: attempted, isWrite: false)
      }
      guard let chunk else { return try end() }
      lines.withLock { $0.append(chunk) }
    }
  }

  private func nextLine() throws(KubernetesError) -> ArraySlice<UInt8>? {
    switch lines.withLock({ $0.next() }) {
    case .line(let line): return line
    case .more: return nil
    case .tooLong:
      throw KubernetesError(
        .malformedAnswer, attempted: attempted, message: "a watch event is longer than \(Watch.longestEvent) bytes")
    }
  }

  /// A last line without an end may be an event all the same, or half of one.
  private func end() throws(KubernetesError) -> WatchEvent? {
    guard let rest = lines.withLock({ $0.takeRest() }) else { return nil }
    do throws(KubernetesError) {
      return try WatchEvent(line: rest, attempted: attempted)
    } catch  where error.kind == .malformedAnswer {
      throw KubernetesError(.unreachable, attempted: attempted, message: "the watch ended in the middle of an event")
    }
  }
}

extension Watch: AsyncSequence {
  package struct AsyncIterator: AsyncIteratorProtocol {
    let watch: Watch

    package mutating func next() async throws(KubernetesError) -> WatchEvent? { try await watch.next() }

    package mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesError) -> WatchEvent? {
      try await watch.next()
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }
}
