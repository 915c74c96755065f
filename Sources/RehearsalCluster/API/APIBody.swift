import KubernetesModel

/// Request bodies, read as a real API server reads them.
enum APIBody {
  /// The object in a POST or PUT.
  static func object(_ request: APIRequest, _ type: APIResource) throws(APIStatus) -> JSON {
    guard ["", "application/json"].contains(request.contentType) else { throw .unsupportedMediaType() }
    let object = try document(request, orElse: { "couldn't get version/kind; json parse error: \($0)" }, type)
    try check(object, type)
    return object
  }

  /// The configuration in a server-side apply. JSON, which all YAML readers accept; YAML itself is not read.
  static func configuration(_ request: APIRequest, _ type: APIResource) throws(APIStatus) -> JSON {
    guard !request.body.isEmpty, let object = try? JSON(parsing: request.body), object.object != nil else {
      throw .badRequest("error decoding YAML: the embedded cluster reads applied configurations as JSON only")
    }
    guard object["apiVersion"]?.string != nil else { throw .badRequest("invalid object type: /, Kind=\(object["kind"]?.string ?? "")") }
    try check(object, type)
    if object["metadata", "managedFields"] != nil { throw .badRequest("metadata.managedFields must be nil") }
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
    for path in [["spec", "replicas"], ["spec", "minReplicas"], ["spec", "maxReplicas"]] {
      if let value = object[path: path[...]], value.int == nil, !value.isNull {
        throw .badRequest(
          "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): json: cannot unmarshal string into Go struct field "
            + "\(type.kind)Spec.\(path.joined(separator: ".")) of type int32")
      }
    }
  }
}
