import KubernetesModel

/// An answer that is no object: the `Status` that clients read, with its HTTP code. Texts are those of a real API server.
struct APIStatus: Error, Sendable {
  var code: Int
  var reason: String
  var message: String
  var details: JSON?
  var retryAfter: Int?
  /// Whether the answer is the message alone, as where no API is.
  var isPlainText = false

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

  /// What a path gets under which no API is served.
  static func notServed() -> APIStatus {
    var status = APIStatus(404, "", "404 page not found\n")
    status.isPlainText = true
    return status
  }

  static func unknownResource() -> APIStatus {
    APIStatus(404, "NotFound", "the server could not find the requested resource", details: [:])
  }

  static func alreadyExists(_ type: APIResource, _ name: String, isDeleting: Bool) -> APIStatus {
    let now = isDeleting ? "object is being deleted: " : ""
    return APIStatus(409, "AlreadyExists", "\(now)\(type.qualified) \"\(name)\" already exists", details: details(type, name))
  }

  static func conflict(
    _ type: APIResource, _ name: String,
    _ why: String = "the object has been modified; please apply your changes to the latest version and try again"
  ) -> APIStatus {
    APIStatus(409, "Conflict", "Operation cannot be fulfilled on \(type.qualified) \"\(name)\": \(why)", details: details(type, name))
  }

  static func badRequest(_ message: String) -> APIStatus { APIStatus(400, "BadRequest", message) }

  static func forbidden(_ type: APIResource, _ name: String, _ why: String, causes: [JSON] = []) -> APIStatus {
    APIStatus(403, "Forbidden", "\(type.qualified) \"\(name)\" is forbidden: \(why)", details: details(type, name, causes: causes))
  }

  /// What a deletion gets whose condition does not hold.
  static func precondition(_ type: APIResource, _ name: String, _ why: String) -> APIStatus {
    let kind = type.resource.group.isEmpty ? type.kind : "\(type.kind).\(type.resource.group)"
    var details: JSON = ["name": .string(name), "kind": .string(type.kind)]
    if !type.resource.group.isEmpty { details["group"] = .string(type.resource.group) }
    return APIStatus(409, "Conflict", "Operation cannot be fulfilled on \(kind) \"\(name)\": \(why)", details: details)
  }

  /// What a real cluster would carry out and this one would not, so that nobody takes silence for success.
  static func notImplemented(_ what: String) -> APIStatus {
    APIStatus(501, "NotImplemented", "the embedded cluster does not model \(what)")
  }

  static func methodNotAllowed() -> APIStatus {
    APIStatus(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])
  }

  static func unsupportedMediaType() -> APIStatus { APIStatus(415, "UnsupportedMediaType", "415: Unsupported Media Type", details: [:]) }

  /// What an object in another format than JSON gets.
  static func unknownFormat(_ type: String) -> APIStatus {
    let advice =
      type.contains("protobuf")
      ? "; the embedded cluster reads no Protobuf, which kubectl sends where no file is given: add --dry-run=client -o json, and pass what it "
        + "prints to kubectl create -f -" : ""
    return APIStatus(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: application/json\(advice)", details: [:])
  }

  static func notAcceptable() -> APIStatus {
    APIStatus(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json", details: [:])
  }

  /// What reads get that ask for a version which no write has made yet. A real API server waits three seconds for it first.
  static func tooLargeVersion(_ version: UInt64, current: UInt64) -> APIStatus {
    APIStatus(
      504, "Timeout", "Timeout: Too large resource version: \(version), current: \(current)",
      details: [
        "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]], "retryAfterSeconds": 1,
      ], retryAfter: 1)
  }

  /// What a JSON patch whose test failed gets, and a JSON patch that makes no sense.
  static func bareInvalid() -> APIStatus {
    APIStatus(422, "Invalid", "the server rejected our request due to an error in our request", details: [:])
  }

  static func gone() -> APIStatus {
    APIStatus(410, "Expired", "The resourceVersion for the provided list is too old.")
  }

  /// - Parameter subject: what the message calls the kind, where it is not its Kind and group.
  static func invalid(_ type: APIResource, _ name: String, _ faults: [FieldFault], subject: String? = nil) -> APIStatus {
    let texts = faults.map { "\($0.field): \($0.message)" }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    let group = type.resource.group.isEmpty ? "" : ".\(type.resource.group)"
    var details: JSON = ["kind": .string(type.kind), "causes": .array(faults.map(\.cause))]
    if !name.isEmpty { details["name"] = .string(name) }
    if !type.resource.group.isEmpty { details["group"] = .string(type.resource.group) }
    return APIStatus(422, "Invalid", "\(subject ?? "\(type.kind)\(group)") \"\(name)\" is invalid: \(list)", details: details)
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
