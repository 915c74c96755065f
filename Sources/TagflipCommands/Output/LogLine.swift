import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// One narration, or what a command failed with, as a line of JSON: a constant message, the detail as fields.
struct LogLine {
  let json: String

  /// - Parameter time: by the machine's own clock.
  init(_ narration: Narration, at time: Timestamp) {
    var fields = Self.fields(narration)
    fields["time"] = .string(time.description)
    json = fields.text
  }

  init(_ error: PortError, at time: Timestamp) {
    var fields = error.json
    fields["level"] = "error"
    fields["message"] = "the command failed"
    fields["time"] = .string(time.description)
    json = fields.text
  }

  private static func fields(_ narration: Narration) -> JSON {
    switch narration {
    case .stepStarted(let service, let step, let detail):
      [
        "level": "info", "message": "step started", "service": .string(service.text), "step": .string(step.rawValue),
        "detail": .string(detail),
      ]
    case .progress(let service, let step, let detail):
      [
        "level": "debug", "message": "progress", "service": .string(service.text), "step": .string(step.rawValue),
        "detail": .string(detail),
      ]
    case .stepEnded(let service, let record):
      [
        "level": record.result == .failed ? "error" : "info", "message": "step ended", "service": .string(service.text),
        "step": .string(record.step.rawValue), "result": .string(record.result.rawValue), "ms": .int(Int64(record.ms)),
        "detail": .string(record.detail),
      ]
    case .decided(let service, let conclusion):
      [
        "level": ExitCode(conclusion.outcome) == .done ? "info" : "error", "message": "decided", "service": .string(service.text),
        "outcome": .string(conclusion.outcome?.rawValue ?? conclusion.event.rawValue), "reason": .string(conclusion.reason),
        "rollout": .string(conclusion.rollout.text), "version": conclusion.version.map { .string($0.text) } ?? .null,
      ]
    case .recorded(let record, let commit):
      [
        "level": "info", "message": "recorded", "service": .string(record.service.text), "event": .string(record.event.rawValue),
        "commit": .string(commit),
      ]
    case .waiting(let service, let reason, let until):
      [
        "level": "info", "message": "waiting", "service": .string(service.text), "reason": .string(reason),
        "until": until.map { .string($0.description) } ?? .null,
      ]
    case .warning(let service, let error):
      [
        "level": "warning", "message": "something did not work", "service": service.map { .string($0.text) } ?? .null,
        "kind": .string(error.kind.rawValue), "attempted": .string(error.attempted), "reason": .string(error.reason),
        "hint": error.hint.map { .string($0) } ?? .null, "location": error.location.map { .string($0.description) } ?? .null,
      ]
    case .remark(let service, let text):
      ["level": "info", "message": "remark", "service": service.map { .string($0.text) } ?? .null, "text": .string(text)]
    }
  }
}
