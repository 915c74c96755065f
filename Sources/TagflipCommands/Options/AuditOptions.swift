import ArgumentParser
import AuditVerification
import GitStore
import KubernetesModel
import ReleaseModel

/// What every verb that reads the audit trail takes: a clone and a branch, no settings.
struct AuditOptions: ParsableArguments {
  @Option(help: .init("A clone that has the audit branch.", valueName: "folder")) var repo = "."
  @Option(help: .init("The audit branch, of the clone itself or of a remote that it follows.", valueName: "name")) var branch =
    "tagflip/audit"
  @Option(help: .init("How results are printed on standard output.", valueName: "format")) var output: OutputFormat = .text

  func clone() throws -> GitClone { try read { () throws(GitError) in try GitClone(at: repo) } }

  /// Runs what reads the clone, and says what to do where it cannot be read.
  func read<Value>(_ body: () async throws(GitError) -> Value) async throws -> Value {
    do throws(GitError) {
      return try await body()
    } catch {
      throw failure(error)
    }
  }

  private func read<Value>(_ body: () throws(GitError) -> Value) throws -> Value {
    do throws(GitError) {
      return try body()
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: GitError) -> CommandFailure {
    var failure = CommandFailure(error.kind == .cancelled ? .conflict : .unreadable, ["error: \(Word.line("\(error)"))"])
    if let hint = hint(error) { failure.lines.append("  next: \(hint)") }
    if output == .json {
      failure.result = [
        "error": [
          "kind": .string(error.kind.rawValue), "attempted": .string("\(error.attempted) \(error.subject)"), "reason": .string(error.cause),
          "hint": hint(error).map { .string($0) } ?? .null,
        ]
      ]
    }
    return failure
  }

  private func hint(_ error: GitError) -> String? {
    switch error.kind {
    case .notFound where error.attempted == "find the branch":
      "fetch it: git -C \(Word.plain(repo)) fetch origin \(Word.plain(branch)):\(Word.plain(branch)); or name another: --branch NAME"
    case .notFound where error.attempted == "find": "see what there is: tagflip audit log"
    case .notFound: "name a clone that has the audit branch: --repo FOLDER"
    case .corrupt, .tooLarge: "clone it anew, and verify that: tagflip audit verify"
    default: nil
    }
  }
}

/// Which records are wanted.
struct AuditFilterOptions: ParsableArguments {
  @Option(help: .init("Only this service's.", valueName: "name"), transform: Word.service) var service: ServiceName?
  @Option(
    help: .init("Only these: noted, plan, outcome, refused, superseded, retired, retry.", valueName: "kind"), transform: Word.event)
  var event: [AuditRecord.Event] = []
  @Option(help: .init("From that day (UTC) or instant on.", valueName: "2026-01-31"), transform: Word.beginning) var since: Timestamp?
  @Option(help: .init("Up to the end of that day (UTC), or before that instant.", valueName: "2026-01-31"), transform: Word.end)
  var until: Timestamp?

  var filter: AuditReader.Filter {
    var filter = AuditReader.Filter()
    filter.services = service.map { [$0] } ?? []
    filter.events = event
    (filter.since, filter.until) = (since, until)
    return filter
  }
}

extension Word {
  static func event(_ text: String) throws -> AuditRecord.Event {
    if let event = AuditRecord.Event(rawValue: text) { return event }
    throw ValidationError("there is no event \"\(plain(text))\"; \(hint(text, AuditRecord.Event.allCases.map(\.rawValue)))")
  }

  static func beginning(_ text: String) throws -> Timestamp { try instant(text, days: 0) }
  static func end(_ text: String) throws -> Timestamp { try instant(text, days: 1) }

  private static func instant(_ text: String, days: Int) throws -> Timestamp {
    if text.utf8.count == 10, let day = Timestamp(text + "T00:00:00Z") { return day + .seconds(days * 86_400) }
    if let instant = Timestamp(text) { return instant }
    throw ValidationError("write a day like 2026-01-31, or an instant like 2026-01-31T12:00:00Z")
  }

  static func commit(_ text: String) throws -> ObjectID {
    if let id = ObjectID(hex: text.lowercased()) { return id }
    throw ValidationError("a head is a commit's full id, 40 hexadecimal digits, as a notice names it")
  }

  /// Text from elsewhere as one line.
  static func line(_ text: String) -> String { PlainText.line(text, longest: 500) }
}
