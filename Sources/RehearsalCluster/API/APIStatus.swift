import KubernetesModel

/// An answer that is no object: the `Status` that clients read, with its HTTP code. Texts are those of a real API server.
struct APIStatus: Error, Sendable {
  var code: Int
  var reason: String
  var message: String
  var details: JSON?
  var retryAfter: Int?

  init(_ code: Int, _ reason: String, _ message: String, details: JSON? = nil, retryAfter: Int? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
    self.retryAfter = retryAfter
  }

  var json: JSON {
    var status: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message), "code": .int(Int64(code)),
    ]
    if !reason.isEmpty { status["reason"] = .string(reason) }
    if let details { status["details"] = details }
    return status
  }

  // MARK: Kinds

  private static func details(_ type: APIResource, _ name: String, causes: [JSON] = []) -> JSON {
    var details: JSON = ["name": .string(name), "kind": .string(type.resource.plural)]
    if !type.resource.group.isEmpty { details["group"] = .string(type.resource.group) }
    if !causes.isEmpty { details["causes"] = .array(causes) }
    return details
  }

  static func notFound(_ type: APIResource, _ name: String) -> APIStatus {
    APIStatus(404, "NotFound", "\(type.qualified) \"\(name)\" not found", details: details(type, name))
  }

  static func unknownResource() -> APIStatus {
    APIStatus(404, "NotFound", "the server could not find the requested resource", details: [:])
  }

  static func alreadyExists(_ type: APIResource, _ name: String) -> APIStatus {
    APIStatus(409, "AlreadyExists", "\(type.qualified) \"\(name)\" already exists", details: details(type, name))
  }

  static func conflict(
    _ type: APIResource, _ name: String,
    _ why: String = "the object has been modified; please apply your changes to the latest version and try again"
  ) -> APIStatus {
    APIStatus(409, "Conflict", "Operation cannot be fulfilled on \(type.qualified) \"\(name)\": \(why)", details: details(type, name))
  }

  static func badRequest(_ message: String) -> APIStatus { APIStatus(400, "BadRequest", message) }

  static func forbidden(_ type: APIResource, _ name: String, _ why: String) -> APIStatus {
    APIStatus(403, "Forbidden", "\(type.qualified) \"\(name)\" is forbidden: \(why)", details: details(type, name))
  }

  static func methodNotAllowed() -> APIStatus {
    APIStatus(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])
  }

  static func unsupportedMediaType() -> APIStatus { APIStatus(415, "UnsupportedMediaType", "415: Unsupported Media Type", details: [:]) }

  /// What a JSON patch whose test failed gets, and a JSON patch that makes no sense.
  static func bareInvalid() -> APIStatus {
    APIStatus(422, "Invalid", "the server rejected our request due to an error in our request", details: [:])
  }

  static func gone() -> APIStatus {
    APIStatus(410, "Expired", "The resourceVersion for the provided watch is too old.")
  }

  static func invalid(_ type: APIResource, _ name: String, _ faults: [FieldFault]) -> APIStatus {
    let texts = faults.map { "\($0.field): \($0.message)" }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    let group = type.resource.group.isEmpty ? "" : ".\(type.resource.group)"
    var details: JSON = ["kind": .string(type.kind), "causes": .array(faults.map(\.cause))]
    if !name.isEmpty { details["name"] = .string(name) }
    if !type.resource.group.isEmpty { details["group"] = .string(type.resource.group) }
    return APIStatus(422, "Invalid", "\(type.kind)\(group) \"\(name)\" is invalid: \(list)", details: details)
  }

  /// Options of a request that do not fit.
  static func invalidOptions(_ kind: String, _ faults: [FieldFault]) -> APIStatus {
    let texts = faults.map { "\($0.field): \($0.message)" }.joined(separator: ", ")
    return APIStatus(
      422, "Invalid", "\(kind).meta.k8s.io \"\" is invalid: \(texts)",
      details: ["group": "meta.k8s.io", "kind": .string(kind), "causes": .array(faults.map(\.cause))])
  }
}

/// What is wrong with one field.
struct FieldFault: Sendable, Hashable {
  var field: String
  /// `FieldValueRequired`, `FieldValueInvalid`, …
  var reason: String
  var message: String

  static func required(_ field: String, _ more: String = "") -> FieldFault {
    FieldFault(field: field, reason: "FieldValueRequired", message: "Required value" + (more.isEmpty ? "" : ": \(more)"))
  }

  static func invalid(_ field: String, _ value: JSON, _ why: String) -> FieldFault {
    FieldFault(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(value.text): \(why)")
  }

  static func forbidden(_ field: String, _ why: String) -> FieldFault {
    FieldFault(field: field, reason: "FieldValueForbidden", message: "Forbidden: \(why)")
  }

  var cause: JSON { ["reason": .string(reason), "message": .string(message), "field": .string(field)] }
}
