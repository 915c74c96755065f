import FoundationEssentials
package import KubernetesModel

/// Hears of every request to the API that was carried out or refused, as an API server's audit log tells it: one `audit.k8s.io/v1` event each
/// (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/). Called on the event loop that answers; must not wait.
package typealias AuditSink = @Sendable (JSON) -> Void

/// What one request leaves in the audit log, as by the policy that README asks for: bodies of requests to Services, of the rest only who did what to what.
enum AuditEvent {
  static func of(
    _ request: APIRequest, _ place: APIHandler.Place, _ user: ClusterUser, _ answer: APIAnswer, received: Moment, answered: Moment
  ) -> JSON {
    let resource = place.type.resource
    var reference: JSON = ["resource": .string(resource.plural), "apiVersion": .string(place.type.version)]
    if !resource.group.isEmpty { reference["apiGroup"] = .string(resource.group) }
    if let namespace = place.namespace { reference["namespace"] = .string(namespace) }
    if let name = place.name { reference["name"] = .string(name) }
    if let subresource = place.subresource { reference["subresource"] = .string(subresource) }
    var event: JSON = [
      "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": .string(UUID().uuidString.lowercased()),
      "stage": "ResponseComplete",
      "requestURI": .string(request.uri), "verb": .string(APIHandler.verb(request, place)),
      "user": ["username": .string(user.name), "groups": .array(user.groups.map { .string($0) })], "sourceIPs": ["127.0.0.1"],
      "userAgent": .string(request.userAgent), "objectRef": reference,
      "responseStatus": ["metadata": [:], "code": .int(Int64(answer.code))],
      "requestReceivedTimestamp": .string(received.microTimestamp), "stageTimestamp": .string(answered.microTimestamp),
    ]
    if resource == .services, place.subresource == nil, !request.body.isEmpty, let body = try? JSON(parsing: request.body) {
      event["level"] = "Request"
      event["requestObject"] = body
    }
    return event
  }
}

extension APIAnswer {
  /// Of what is passed on to a pod nobody waits here for the pod's own.
  fileprivate var code: Int {
    switch self {
    case .json(let code, _, _), .text(let code, _, _): code
    case .watch, .log, .proxy: 200
    }
  }
}
