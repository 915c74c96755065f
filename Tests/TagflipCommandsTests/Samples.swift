import Digests
import FoundationEssentials
import ReleaseEngine
import ReleaseModel
import Synchronization
import Testing

@testable import TagflipCommands

/// Values as an engine would report them, small enough to be read in an expected text.
enum Samples {
  static let web = name("web")
  static let rollout = RolloutID(random: 0xABCD)
  /// 2026-11-27T10:00:00Z.
  static let ten = Timestamp(milliseconds: 1_795_773_600_000)

  static func name(_ text: String) -> ServiceName {
    guard let name = ServiceName(text) else { preconditionFailure("\(text) is no service's name") }
    return name
  }

  static func version(_ text: String) -> Version {
    guard let version = Version(text) else { preconditionFailure("\(text) is no version") }
    return version
  }

  static func tag(_ text: String) -> ReleaseTag {
    ReleaseTag(service: web, version: version(text), name: "web/v\(text)", object: "a1")
  }

  static func conclusion(_ outcome: Outcome?, _ reason: String = "healthy for the whole bake", version text: String? = "1.1.0")
    -> Conclusion
  {
    Conclusion(
      event: outcome == nil ? .retired : .outcome, rollout: rollout, outcome: outcome, version: text.map(version), from: .blue, to: .green,
      actor: "bot", reason: reason, decidedAt: ten, exposed: true, quarantines: false)
  }

  static func ended(_ outcome: Outcome, recorded: Bool = true) -> RunReport.Result {
    .ended(conclusion(outcome), recorded: recorded)
  }

  static func refusal(_ text: String, _ reason: String) -> TagChoice.Refusal { TagChoice.Refusal(tag: tag(text), reason: reason) }

  /// An error with everything that one can have.
  static let typo = PortError(
    .configuration, attempted: "read the plan of web", reason: "unknown key \"smok\"", hint: "did you mean \"smoke\"?",
    location: SourceLocation(file: "services/web/cutover.yaml", line: 15, column: 3))

  static func error(_ kind: PortError.Kind) -> PortError { PortError(kind, attempted: "apply Deployment shop/web-green", reason: "no") }

  static func step(_ step: Step, _ detail: String, ms: Int = 312, _ result: StepRecord.Result = .passed) -> StepRecord {
    StepRecord(step: step, startedAt: ten, ms: ms, result: result, detail: detail)
  }

  static let settings = ServicePlan(
    service: web, namespace: "shop", activeService: "web", previewService: "web-preview",
    smoke: SmokeGate(checks: [HTTPCheck(path: "/healthz", times: 3), HTTPCheck(path: "/")]),
    bake: BakeGate(durationMs: 300_000, checks: [HTTPCheck(path: "/")], failureRate: 0.05))

  static func plan(from: Color? = .blue, settings: ServicePlan = settings, environment: Environment = environment) -> CutoverPlan {
    CutoverPlan(
      installation: "test", cluster: "default", tag: tag("1.1.0"), commit: "0123456789abcdef", from: from,
      fromVersion: from == nil ? nil : version("1.0.0"), to: from?.other ?? .blue, attempt: CutoverPlan.firstAttempt,
      environment: environment, settings: settings, sources: SourceDigests(settings: Digest(of: [1]), template: nil, plan: Digest(of: [2])))
  }

  static let environment = Environment(
    color: .green,
    objects: [
      Manifest(kind: "apps/v1/Deployment", name: "web-green", bytes: Array(#"{"kind":"Deployment"}"#.utf8)),
      Manifest(kind: "v1/Secret", name: "web-green", bytes: Array(#"{"data":{"key":"c2VjcmV0LTQ3MTE="},"kind":"Secret"}"#.utf8)),
    ],
    workloads: [Workload(name: "web", replicas: 3, autoscaled: false, images: ["registry.example/web:1.1.0"])])

  static func open() throws -> OpenRollout {
    let plan = plan()
    let facts = TagFacts(tag: plan.tag, commit: plan.commit, isAnnotated: true, tagger: nil, taggedAt: nil, message: "")
    var open = OpenRollout(
      id: rollout, plan: plan, planDigest: try plan.digest, announcedAt: ten, facts: facts, sequence: 4, superseded: [])
    open.steps = [step(.plan, "committed", ms: 49), step(.deploy, "3 of 3 pods ready")]
    open.bakedMs = 90_000
    return open
  }

  static func record(_ event: AuditRecord.Event = .outcome) -> AuditRecord {
    var record = AuditRecord(
      event: event, service: web, installation: "test", at: ten, actor: "bot", botVersion: "1", version: version("1.0.0"),
      conclusion: event == .outcome ? conclusion(.promoted, version: "1.0.0") : nil)
    record.sequence = 3
    return record
  }
}

/// Takes what a command writes.
final class Screen: Sendable {
  private let text = Mutex<(output: String, errors: String)>(("", ""))

  var output: String { text.withLock { $0.output } }
  var errors: String { text.withLock { $0.errors } }

  /// - Parameter columns: of a terminal; nil for a file or a pipe.
  func stream(columns: Int? = nil) -> TextOutput {
    TextOutput(columns: { columns }) { text, stream in
      self.text.withLock { seen in
        switch stream {
        case .output: seen.output += text
        case .errors: seen.errors += text
        }
      }
    }
  }
}

/// Any JSON document, read by a parser that is not the product's own.
indirect enum Document: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([Document])
  case object([String: Document])

  init(_ text: String) throws { self = try JSONDecoder().decode(Document.self, from: Data(text.utf8)) }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([Document].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: Document].self))
    }
  }

  subscript(_ keys: String...) -> Document? {
    keys.reduce(Optional(self)) { document, key in
      switch document {
      case .object(let members): members[key]
      case .list(let elements): Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      case .null, .bool, .number, .text, nil: nil
      }
    }
  }
}

/// The project's own files.
enum Repository {
  static func text(_ path: String) -> String {
    let top = #filePath.dropLast("/Tests/TagflipCommandsTests/Samples.swift".count)
    return FileManager.default.contents(atPath: "\(top)/\(path)").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// A folder that goes with the test.
final class Scratch: Sendable {
  let path = "/tmp/tagflip-commands-\(UInt64.random(in: .min ... .max))"

  init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and says where it is.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let full = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)]), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: full))
    return full
  }
}
