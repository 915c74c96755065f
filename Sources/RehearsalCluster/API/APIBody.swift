import KubernetesModel

/// Request bodies, read as a real API server reads them.
enum APIBody {
  /// An object as its decoder leaves it, with what its sender is to be warned of.
  typealias Read = (object: JSON, warnings: [(String, String)])

  /// The object in a POST or PUT.
  static func object(_ request: APIRequest, _ type: APIResource) throws(APIStatus) -> Read {
    guard ["", "application/json"].contains(request.contentType) else { throw .unknownFormat(request.contentType) }
    let object = try document(request, orElse: { "couldn't get version/kind; json parse error: \($0)" }, type)
    try check(object, type)
    let cannot = "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): "
    let decoded = ObjectSchema.served.decoded(object, kind: type.kind)
    if let mismatch = decoded.mismatches.first { throw .badRequest(cannot + mismatch.decodingText) }
    return (decoded.object, try warnings(decoded, request) { .badRequest(cannot + $0) })
  }

  /// What a patch made of an object.
  static func patched(_ object: JSON, _ request: APIRequest, _ type: APIResource) throws(APIStatus) -> Read {
    func refusal(_ why: String) -> APIStatus {
      let message = "patch: Invalid value: \(JSON.string(object.text).text): \(why)"
      return APIStatus(
        422, "Invalid", " \"\" is invalid: \(message)", details: ["causes": [["reason": "FieldValueInvalid", "field": "patch"]]])
    }
    let decoded = ObjectSchema.served.decoded(object, kind: type.kind)
    if let mismatch = decoded.mismatches.first { throw refusal(mismatch.decodingText) }
    return (decoded.object, try warnings(decoded, request, refusal))
  }

  /// What clients are told of fields that nobody knows: an error, a warning or nothing, as they wish.
  private static func warnings(
    _ decoded: ObjectSchema.Decoded, _ request: APIRequest, _ refusal: (String) -> APIStatus
  ) throws(APIStatus) -> [(String, String)] {
    let texts = decoded.unknown.map { "unknown field \"\($0)\"" }
    guard !texts.isEmpty, request.query["fieldValidation"] != "Ignore" else { return [] }
    if request.query["fieldValidation"] == "Strict" { throw refusal("strict decoding error: \(texts.joined(separator: ", "))") }
    return texts.map { ("Warning", "299 - \(JSON.string($0).text)") }
  }

  /// The configuration in a server-side apply. JSON, which all YAML readers accept; YAML itself is not read.
  static func configuration(_ request: APIRequest, _ type: APIResource) throws(APIStatus) -> JSON {
    if request.body.isEmpty { throw .badRequest("invalid object type: /, Kind=") }
    guard let object = try? JSON(parsing: request.body), object.object != nil else {
      throw .badRequest("error decoding YAML: the embedded cluster reads applied configurations as JSON only")
    }
    let (version, kind) = (object["apiVersion"]?.string, object["kind"]?.string ?? "")
    guard let version, version == type.apiVersion, kind == type.kind else {
      throw .badRequest(
        "invalid object type: \(version.map { $0.contains("/") ? $0 : "/\($0)" } ?? "/"), Kind=\(version == nil ? "" : kind)")
    }
    if object["metadata", "managedFields"] != nil { throw .badRequest("metadata.managedFields must be nil") }
    let decoded = ObjectSchema.served.decoded(object, kind: type.kind)
    let faults = decoded.unknown.map { ".\($0): field not declared in schema" } + decoded.mismatches.map(\.typedText)
    guard faults.isEmpty else {
      let list = faults.count == 1 ? faults[0] : "errors:\n" + faults.map { "  \($0)" }.joined(separator: "\n")
      throw APIStatus(
        500, "",
        "failed to create typed patch object (\(object.namespaceText)/\(object.name); \(type.apiVersion), Kind=\(type.kind)): \(list)")
    }
    return object
  }

  /// Any JSON: patches.
  static func patch(_ request: APIRequest) throws(APIStatus) -> JSON {
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: request.body)
    } catch {
      throw .badRequest("error decoding patch: \(error.reason)")
    }
  }

  private static func document(_ request: APIRequest, orElse words: (String) -> String, _ type: APIResource) throws(APIStatus) -> JSON {
    let object: JSON
    do throws(JSON.SyntaxError) {
      object = try JSON(parsing: request.body)
    } catch {
      let why = request.body.isEmpty ? "unexpected end of JSON input (<empty>)" : error.reason
      throw .badRequest("the object provided is unrecognized (must be of type \(type.kind)): " + words(why))
    }
    guard object.object != nil else {
      throw .badRequest("the object provided is unrecognized (must be of type \(type.kind)): " + words("cannot unmarshal into a Go value"))
    }
    return object
  }

  private static func check(_ object: JSON, _ type: APIResource) throws(APIStatus) {
    if let kind = object["kind"]?.string, kind != type.kind {
      throw .badRequest(
        "\(kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): converting (v1.\(kind)) to (\(type.kind)): unknown conversion"
      )
    }
    if let version = object["apiVersion"]?.string, version != type.apiVersion {
      throw .badRequest("the API version in the data (\(version)) does not match the expected API version (\(type.apiVersion))")
    }
  }
}
