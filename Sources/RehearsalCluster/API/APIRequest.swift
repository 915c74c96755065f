import KubernetesModel

/// One request as the API understands it.
struct APIRequest: Sendable {
  var method: String
  /// Decoded path segments, without empty ones.
  var segments: [String]
  /// Of a parameter given twice the last counts.
  var query: [String: String]
  var contentType: String
  var accept: String
  var token: String?
  var userAgent: String
  var body: [UInt8]
  var headers: [(String, String)] = []
  /// Path and query as they came.
  var uri: String

  init(method: String, uri: String, headers: [(String, String)], body: [UInt8]) {
    self.method = method
    self.uri = uri
    self.headers = headers
    self.body = body
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    segments = parts[0].split(separator: "/").map { APIRequest.decoded($0, plusIsSpace: false) }
    query = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[APIRequest.decoded(sides[0], plusIsSpace: true)] = sides.count > 1 ? APIRequest.decoded(sides[1], plusIsSpace: true) : ""
    }
    contentType = ""
    accept = "*/*"
    userAgent = ""
    contentType = (header("content-type") ?? "").split(separator: ";").first.map { String($0.filter { $0 != " " }) } ?? ""
    accept = header("accept") ?? "*/*"
    userAgent = header("user-agent") ?? ""
    token = header("authorization").flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
  }

  func flag(_ name: String) -> Bool { query[name] == "true" || query[name] == "1" }

  func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name }?.1 }

  /// Whether the client takes what is written here: JSON, as objects or as rows for people.
  var acceptsJSON: Bool {
    accept.split(separator: ",").contains { part in
      let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let type = words.first, ["application/json", "application/*", "*/*"].contains(type) else { return false }
      return words.dropFirst().allSatisfy { !$0.hasPrefix("as=") || $0 == "as=Table" }
    }
  }

  /// - Throws: 422 for options of a write that no server knows.
  func checkOptions() throws(APIStatus) {
    guard let kind = ["POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions", "DELETE": "DeleteOptions"][method] else {
      return
    }
    var faults: [FieldFault] = []
    func unsupported(_ name: String, _ value: String, _ supported: String) {
      faults.append(
        FieldFault(field: name, reason: "FieldValueNotSupported", message: "Unsupported value: \(value): supported values: \(supported)"))
    }
    if let dry = query["dryRun"], dry != "All" { unsupported("dryRun", "[\(JSON.string(dry).text)]", "\"All\"") }
    if let manager = query["fieldManager"], manager.utf8.count > 128 {
      faults.append(FieldFault(field: "fieldManager", reason: "FieldValueTooLong", message: "Too long: may not be more than 128 bytes"))
    }
    if let validation = query["fieldValidation"], !["", "Ignore", "Warn", "Strict"].contains(validation) {
      unsupported("fieldValidation", JSON.string(validation).text, "\"\", \"Ignore\", \"Strict\", \"Warn\"")
    }
    if !faults.isEmpty { throw .invalidOptions(kind, faults) }
  }

  /// Whether clients want rows for people.
  var wantsTable: Bool { accept.split(separator: ",").first { !$0.contains("protobuf") }?.contains("as=Table") ?? false }

  /// The field manager: as given, else the user agent's first word.
  var fieldManager: String {
    if let given = query["fieldManager"], !given.isEmpty { return given }
    let word = userAgent.split { $0 == "/" || $0 == " " }.first.map(String.init) ?? ""
    return word.isEmpty ? "unknown" : word
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What a request is answered with.
enum APIAnswer: Sendable {
  case json(Int, JSON, headers: [(String, String)] = [])
  case text(Int, String, type: String = "text/plain")
  case watch(WatchOrder, headers: [(String, String)] = [])
  case log(FollowedLog)
  case proxy(ProxyOrder)
}
