package import ReleaseModel

/// Who listens while the engine works: the terminal, the log, a test.
package protocol Narrator: Sendable {
  func tell(_ narration: Narration)
}

/// One thing that happened, as it happens.
package enum Narration: Sendable, Hashable {
  case stepStarted(ServiceName, Step, detail: String)
  case stepEnded(ServiceName, StepRecord)
  /// Progress within a step: `3 of 5 pods ready`.
  case progress(ServiceName, Step, detail: String)
  case decided(ServiceName, Conclusion)
  case recorded(AuditRecord, commit: String)
  /// A state that lasts: waiting for a window, an image, a freeze's end.
  case waiting(ServiceName, reason: String, until: Timestamp?)
  case warning(ServiceName?, PortError)
  case remark(ServiceName?, String)
}
