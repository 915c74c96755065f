import KubernetesModel

/// Who a request comes from.
package struct ClusterUser: Sendable, Hashable {
  package var name: String
  package var groups: [String]

  package init(name: String, groups: [String] = ["system:authenticated"]) {
    self.name = name
    self.groups = groups
  }
}

/// Who may do what in an embedded cluster: bearer tokens, and what is denied to their users.
package struct ClusterUsers: Sendable {
  /// Something that a user may not do.
  package struct Denial: Sendable, Hashable {
    package var user: String
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`; `*` for all.
    package var verb: String
    /// The plural, `services` or `deployments/scale`; `*` for all.
    package var resource: String

    package init(user: String, verb: String, resource: String) {
      self.user = user
      self.verb = verb
      self.resource = resource
    }
  }

  /// By token. A token that is not here is refused; `kubectl` sends none over plain HTTP, and who sends none is ``ClusterUsers/nameless``.
  package var tokens: [String: ClusterUser]
  package var nameless = ClusterUser(name: "rehearsal:admin", groups: ["system:masters", "system:authenticated"])
  package var denials: [Denial] = []

  package init(tokens: [String: ClusterUser] = [:]) { self.tokens = tokens }
}

/// Answers requests from the store. Pure but for the store and the audit log: it waits for nothing, so that it may run on an event loop.
struct APIHandler: Sendable {
  let store: ObjectStore
  let users: ClusterUsers
  let pods: any PodAccess
  var audit: AuditSink?
  let discovery = Discovery()

  /// What a path leads to.
  struct Place: Sendable {
    var type: APIResource
    var namespace: String?
    var name: String?
    var subresource: String?
    /// What follows a `proxy`.
    var rest: [String] = []
  }

  func answer(_ request: APIRequest) -> APIAnswer {
    do throws(APIStatus) {
      let user = try impersonated(try authenticate(request), request)
      if let answer = discovery.answer(request) { return answer }
      let place = try place(request)
      let received = store.clock.now()
      let answer = carryOut(request, place, user)
      audit?(AuditEvent.of(request, place, user, answer, received: received, answered: store.clock.now()))
      return answer
    } catch {
      return error.answer
    }
  }

  private func carryOut(_ request: APIRequest, _ place: Place, _ user: ClusterUser) -> APIAnswer {
    do throws(APIStatus) {
      try authorize(user, request, place)
      return try answer(request, place, user)
    } catch {
      return error.answer
    }
  }

  private func authenticate(_ request: APIRequest) throws(APIStatus) -> ClusterUser {
    guard let token = request.token else { return users.nameless }
    guard let user = users.tokens[token] else { throw APIStatus(401, "Unauthorized", "Unauthorized") }
    return user
  }

  /// Whom a request is to count as: its sender, or whom he names.
  private func impersonated(_ user: ClusterUser, _ request: APIRequest) throws(APIStatus) -> ClusterUser {
    guard let name = request.header("impersonate-user") else { return user }
    guard
      !users.denials.contains(where: {
        $0.user == user.name && ["impersonate", "*"].contains($0.verb) && ["users", "*"].contains($0.resource)
      })
    else {
      throw APIStatus(
        403, "Forbidden",
        "users \"\(name)\" is forbidden: User \"\(user.name)\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
        details: ["name": .string(name), "kind": "users"])
    }
    let groups = request.headers.filter { $0.0.lowercased() == "impersonate-group" }.map(\.1)
    return ClusterUser(name: name, groups: groups + (groups.contains("system:authenticated") ? [] : ["system:authenticated"]))
  }

  private func place(_ request: APIRequest) throws(APIStatus) -> Place {
    var segments = request.segments[...]
    let group: String
    switch segments.popFirst() {
    case "api": group = ""
    case "apis": group = segments.popFirst() ?? ""
    default: throw .notServed()
    }
    guard APIResource.groups.contains(where: { $0.group == group }) else { throw .notServed() }
    let version = segments.popFirst() ?? ""
    var namespace: String?
    if segments.first == "namespaces", segments.count >= 3, !["status", "finalize"].contains(segments[segments.startIndex + 2]) {
      namespace = segments[segments.startIndex + 1]
      segments = segments.dropFirst(2)
    }
    guard let plural = segments.popFirst(), let type = APIResource.at(group: group, version: version, plural: plural),
      namespace == nil || type.isNamespaced
    else { throw .unknownResource() }
    var place = Place(type: type, namespace: namespace, name: segments.popFirst(), subresource: segments.popFirst())
    place.rest = Array(segments)
    if let sub = place.subresource, !type.subresources.contains(sub) { throw .unknownResource() }
    return place
  }

  private func authorize(_ user: ClusterUser, _ request: APIRequest, _ place: Place) throws(APIStatus) {
    let verb = Self.verb(request, place)
    let target = place.type.resource.plural + (place.subresource.map { "/\($0)" } ?? "")
    let isDenied = users.denials.contains { denial in
      // Everybody may ask what he may, but where that itself is denied.
      denial.user == user.name && [verb, "*"].contains(denial.verb)
        && (denial.resource == target || (denial.resource == "*" && !APIResource.reviews.contains(place.type)))
    }
    guard isDenied else { return }
    let scope = place.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    let name = place.name.map { " \"\($0)\"" } ?? ""
    var details: JSON = ["kind": .string(place.type.resource.plural)]
    if let name = place.name { details["name"] = .string(name) }
    if !place.type.resource.group.isEmpty { details["group"] = .string(place.type.resource.group) }
    throw APIStatus(
      403, "Forbidden",
      "\(place.type.qualified)\(name) is forbidden: User \"\(user.name)\" cannot \(verb) resource \"\(target)\" in API group "
        + "\"\(place.type.resource.group)\" \(scope)", details: details)
  }

  static func verb(_ request: APIRequest, _ place: Place) -> String {
    switch request.method {
    case "GET": request.flag("watch") ? "watch" : place.name == nil ? "list" : "get"
    case "POST": "create"
    case "PUT": "update"
    case "PATCH": "patch"
    default: place.name == nil ? "deletecollection" : "delete"
    }
  }

  private func answer(_ request: APIRequest, _ place: Place, _ user: ClusterUser) throws(APIStatus) -> APIAnswer {
    switch place.subresource {
    case "proxy": return .proxy(try proxyOrder(request, place))
    case "log": return try log(request, place)
    default: break
    }
    guard request.acceptsJSON else { throw .notAcceptable() }
    try request.checkOptions()
    if let review = try reviewed(request, place, user) { return review }
    switch place.subresource {
    case "scale": return try scale(request, place)
    default: break
    }
    switch (request.method, place.name) {
    case ("GET", nil):
      guard request.flag("watch") else { return try list(request, place) }
      return .watch(try watchOrder(request, place), headers: place.type.warnings)
    case ("GET", let name?): return try get(request, place, name)
    case ("POST", nil): return try create(request, place)
    case ("PUT", _?): return try put(request, place)
    case ("PATCH", _?): return try patch(request, place)
    case ("DELETE", let name?): return try delete(request, place, name)
    case ("DELETE", nil): return try deleteCollection(request, place)
    default: throw .methodNotAllowed()
    }
  }

  // MARK: Reviews

  private func reviewed(_ request: APIRequest, _ place: Place, _ user: ClusterUser) throws(APIStatus) -> APIAnswer? {
    guard APIResource.reviews.contains(place.type) else { return nil }
    guard request.method == "POST" else { throw .methodNotAllowed() }
    var review = try APIBody.object(request, place.type).object
    review["apiVersion"] = .string(place.type.apiVersion)
    review["kind"] = .string(place.type.kind)
    review["metadata"] = ["creationTimestamp": .string(store.clock.now().timestamp)]
    if place.type.kind == "SelfSubjectReview" {
      review["status"] = ["userInfo": ["username": .string(user.name), "groups": .array(user.groups.map { .string($0) })]]
    } else {
      guard review["spec", "resourceAttributes"] != nil || review["spec", "nonResourceAttributes"] != nil else {
        throw APIStatus(
          422, "Invalid",
          ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or "
            + "resourceAttributes must be specified", details: ["group": "authorization.k8s.io"])
      }
      let attributes = review["spec", "resourceAttributes"] ?? [:]
      let target = (attributes["resource"]?.string ?? "") + (attributes["subresource"]?.string.map { $0.isEmpty ? "" : "/\($0)" } ?? "")
      let denied = users.denials.contains { denial in
        denial.user == user.name && [attributes["verb"]?.string ?? "", "*"].contains(denial.verb)
          && [target, "*"].contains(denial.resource)
      }
      review["status"] = ["allowed": .bool(!denied)]
    }
    return .json(201, review)
  }
}

extension APIStatus {
  fileprivate var answer: APIAnswer {
    if isPlainText { return .text(code, message) }
    return .json(code, json, headers: retryAfter.map { [("Retry-After", String($0))] } ?? [])
  }
}
