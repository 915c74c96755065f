import HTTPTransport
import Notices
import ReleaseEngine
import ReleaseModel
import Synchronization

/// A notifier over the real transport, and what it has to tell.
struct NoticeBench {
  static let client = HTTPClient(userAgent: "tests")

  var http: any HTTPSending = client
  var hosts: [String] = ["127.0.0.1"]
  var webhook: String?
  var heartbeat: String?
  /// What resolving a secret throws instead of giving it.
  var failure: PortError?

  var notifier: WebhookNotifier {
    let settings = NoticeSettings(webhook: webhook.map { .text($0) }, heartbeat: heartbeat.map { .text($0) })
    return WebhookNotifier(http: http, settings: settings, policy: Policy(hosts: hosts, trustsImages: true)) {
      [failure] reference throws(PortError) in
      if let failure { throw failure }
      return switch reference {
      case .text(let text), .file(let text), .environment(let text): text
      }
    }
  }

  static let service = known(ServiceName("web"))
  static let version = known(Version("1.4.0"))
  static let rollout = RolloutID(random: 7)

  private static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  static func record(_ outcome: Outcome, reason: String, quarantines: Bool = false) -> AuditRecord {
    let at = Timestamp(milliseconds: 1_764_000_000_000)
    let conclusion = Conclusion(
      rollout: rollout, outcome: outcome, version: version, from: .blue, to: .green, actor: "system:serviceaccount:tagflip:tagflip",
      reason: reason, decidedAt: at, exposed: true, quarantines: quarantines)
    var record = AuditRecord(
      event: .outcome, service: service, installation: "production", at: at, actor: "system:serviceaccount:tagflip:tagflip",
      botVersion: "9.9.9", version: version, rollout: rollout, conclusion: conclusion)
    record.sequence = 12
    return record
  }

  static func notice(
    _ outcome: Outcome = .promoted, reason: String = "it held", quarantines: Bool = false, head: String? = "0a1b", count: Int? = 40
  ) -> Notice {
    Notice(record: record(outcome, reason: reason, quarantines: quarantines), auditHead: head, auditCount: count)
  }
}

/// A transport that fails each request in a given way, and counts.
final class FailingTransport: HTTPSending {
  private let error: HTTPError
  private let delay: Duration
  private let noted = Mutex<[HTTPRequest]>([])

  init(_ kind: HTTPError.Kind, mayHaveActed: Bool = false, after delay: Duration = .zero) {
    self.delay = delay
    error = HTTPError(
      kind, method: "POST", url: "", reason: "could not reach hooks.example for https://hooks.example/T0/s3cret", mayHaveActed: mayHaveActed
    )
  }

  var all: [HTTPRequest] { noted.withLock(\.self) }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    noted.withLock { $0.append(request) }
    try? await Task.sleep(for: delay)
    throw error
  }
}
