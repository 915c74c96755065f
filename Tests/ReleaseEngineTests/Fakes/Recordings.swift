import ReleaseEngine
import ReleaseModel
import Synchronization

/// Keeps what it was told about outcomes.
final class RecordingNotifier: Notifier {
  private let tap: PortTap
  private let kept = Mutex<[Notice]>([])

  init(tap: PortTap) { self.tap = tap }

  var notices: [Notice] { kept.withLock { $0 } }

  func send(_ notice: Notice) async -> PortError? {
    do throws(PortError) {
      try await tap.pass("notifier.send") { [self] in kept.withLock { $0.append(notice) } }
      return nil
    } catch {
      return error
    }
  }

  func heartbeat() async -> PortError? {
    do throws(PortError) {
      try await tap.pass("notifier.heartbeat") {}
      return nil
    } catch {
      return error
    }
  }
}

/// Keeps what it was told while the engine worked.
final class RecordingNarrator: Narrator {
  private let kept = Mutex<[Narration]>([])

  var narrations: [Narration] { kept.withLock { $0 } }

  func tell(_ narration: Narration) { kept.withLock { $0.append(narration) } }
}
