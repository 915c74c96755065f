import HTTPTransport
import Synchronization

/// The server's clock as its answers tell it.
///
/// A `Date` says only that the server's time lies within one second. Between answers the local monotonic clock carries it on; an answer
/// corrects what was carried on no further than it contradicts it, so that the time told does not jump back while the server's does not.
final class ServerTime: Sendable {
  private let clock = ContinuousClock()
  private let known = Mutex<(milliseconds: Int64, at: ContinuousClock.Instant)?>(nil)

  /// Milliseconds since 1970; nil before the first answer.
  var now: Int64? { known.withLock { $0.map { $0.milliseconds + elapsed(since: $0.at) } } }

  func note(_ head: HTTPHead) {
    guard let text = head["Date"], let seconds = HTTPDate.seconds(text) else { return }
    let earliest = seconds * 1000
    known.withLock { known in
      let carried = known.map { $0.milliseconds + elapsed(since: $0.at) } ?? earliest
      known = (min(max(carried, earliest), earliest + 999), clock.now)
    }
  }

  private func elapsed(since instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = (clock.now - instant).components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}
