import KubernetesModel
import ReleaseModel

/// One request that an API server carried out, as its audit log tells (audit.k8s.io/v1 Event).
struct LoggedRequest: Sendable {
  /// What a request is about.
  struct Subject: Sendable, Hashable {
    var group: String
    /// In the plural: `services`.
    var resource: String
    var namespace: String
    var name: String
  }

  let subject: Subject
  let subresource: String
  let verb: String
  /// Whose rights were used: the user, or whom he impersonated.
  let user: String
  /// Who impersonated him.
  let impersonator: String?
  let userAgent: String?
  /// The name that the client chose for its fields; nil where the request names none.
  let fieldManager: String?
  let auditID: String
  /// When it arrived, and when it was answered.
  let received: Timestamp
  let answered: Timestamp
  /// What was sent; nil where the log's level leaves it out.
  let body: JSON?

  /// Whether it writes what a hand-over writes and nothing else: size or suspension, and what for. A log without bodies does not tell.
  var isHandOver: Bool {
    guard let body, Set((body.object ?? [:]).keys).isSubset(of: ["metadata", "spec"]) else { return false }
    let spec = Set((body["spec"]?.object ?? [:]).keys)
    let metadata = Set((body["metadata"]?.object ?? [:]).keys)
    let annotations = Set(body.annotations.keys)
    return (spec == ["replicas"] || spec == ["suspend"]) && metadata.isSubset(of: ["resourceVersion", "annotations"])
      && annotations.contains(Marker.prefix + "handed") && annotations.isSubset(of: [Marker.prefix + "handed", Marker.prefix + "size"])
  }

  static let writes: Set<String> = ["create", "update", "patch", "delete", "deletecollection"]

  /// What an event says.
  enum Reading: Sendable {
    case write(LoggedRequest)
    /// It is an event, and no change: another stage, a read, a dry run, something refused. When it was, where it says.
    case other(Timestamp?)
    /// It is none that this version can read: why.
    case none(String)
  }

  static func read(_ event: JSON) -> Reading {
    guard event["kind"]?.string == "Event" else { return .none("it is no Event") }
    guard event["apiVersion"]?.string == "audit.k8s.io/v1" else { return .none("it is no event of audit.k8s.io/v1") }
    guard let verb = event["verb"]?.string, let stage = event["stage"]?.string else { return .none("it has no verb or no stage") }
    let time = event["requestReceivedTimestamp"]?.string.flatMap { Timestamp($0) }
    let answered = event["stageTimestamp"]?.string.flatMap { Timestamp($0) }
    guard let received = time ?? answered else { return .none("it bears no time") }
    guard stage == "ResponseComplete", writes.contains(verb) else { return .other(answered ?? received) }
    guard let subject = Subject(event) else { return .other(answered ?? received) }
    guard let code = event["responseStatus", "code"]?.int else { return .none("it does not say how it was answered") }
    guard (200..<300).contains(code), !isDryRun(event) else { return .other(answered ?? received) }
    guard let user = event["user", "username"]?.string else { return .none("it names no user") }
    return .write(LoggedRequest(event, subject, verb: verb, user: user, received: received, answered: answered ?? received))
  }

  private init(_ event: JSON, _ subject: Subject, verb: String, user: String, received: Timestamp, answered: Timestamp) {
    self.subject = subject
    self.verb = verb
    self.received = received
    self.answered = answered
    let impersonated = event["impersonatedUser", "username"]?.string
    self.user = impersonated ?? user
    impersonator = impersonated == nil ? nil : user
    subresource = event["objectRef", "subresource"]?.string ?? ""
    userAgent = event["userAgent"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    fieldManager = Self.query(event, "fieldManager")
    auditID = PlainText.line(event["auditID"]?.string ?? "", longest: 60)
    body = event["requestObject"].flatMap { $0.isNull ? nil : $0 }
  }

  private static func isDryRun(_ event: JSON) -> Bool {
    query(event, "dryRun") != nil || event["requestObject", "dryRun"]?.array?.isEmpty == false
  }

  /// The value of a key in the request's query, as it stands there.
  private static func query(_ event: JSON, _ key: String) -> String? {
    guard let uri = event["requestURI"]?.string, let mark = uri.firstIndex(of: "?") else { return nil }
    for pair in uri[uri.index(after: mark)...].split(separator: "&") where pair.hasPrefix("\(key)=") {
      return String(pair.dropFirst(key.count + 1))
    }
    return nil
  }
}

extension LoggedRequest.Subject {
  /// Nil where the event names no resource (health checks, discovery).
  init?(_ event: JSON) {
    guard let reference = event["objectRef"], let resource = reference["resource"]?.string else { return nil }
    self.resource = resource
    group = reference["apiGroup"]?.string ?? ""
    namespace = reference["namespace"]?.string ?? ""
    // A create names its object in the body alone.
    name =
      reference["name"]?.string ?? event["requestObject", "metadata", "name"]?.string ?? event["responseObject", "metadata", "name"]?
      .string ?? ""
  }
}
