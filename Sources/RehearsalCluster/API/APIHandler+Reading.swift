import KubernetesModel
import Synchronization

// GET: one object, lists, and what a watch begins with.
extension APIHandler {
  func get(_ request: APIRequest, _ place: Place, _ name: String) throws(APIStatus) -> APIAnswer {
    if let version = try Self.version(request) { try checkNotFuture(version) }
    guard let object = store.get(place.type.resource, namespace: place.namespace ?? "", name: name) else {
      throw .notFound(place.type, name)
    }
    let shown =
      request.wantsTable
      ? table(request, place).table([object], version: object.resourceVersion ?? "") : object
    return .json(200, shown, headers: place.type.warnings)
  }

  func list(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let query = try query(request, place)
    let page = try page(request, place.type)
    var items = Array(page.items.filter(query.matches).dropFirst(page.start))
    var metadata: JSON = ["resourceVersion": .string(String(page.version))]
    if let limit = request.query["limit"].flatMap({ Int($0) }), limit > 0, items.count > limit {
      metadata["continue"] = .string(Base64.encoded(Array("\(page.version)/\(page.start + limit)".utf8)))
      if !query.selects { metadata["remainingItemCount"] = .int(Int64(items.count - limit)) }
      items = Array(items.prefix(limit))
    }
    if request.wantsTable {
      var table = table(request, place).table(items, version: String(page.version))
      table["metadata"] = metadata
      return .json(200, table, headers: place.type.warnings)
    }
    let bare = items.map { item -> JSON in
      var item = item
      item["apiVersion"] = nil
      item["kind"] = nil
      return item
    }
    return .json(
      200,
      [
        "kind": .string(place.type.kind + "List"), "apiVersion": .string(place.type.apiVersion), "metadata": metadata,
        "items": .array(bare),
      ], headers: place.type.warnings)
  }

  /// What a list is a part of: all objects of the kind at one version, and where in them it begins.
  private func page(_ request: APIRequest, _ type: APIResource) throws(APIStatus) -> (items: [JSON], version: UInt64, start: Int) {
    let asked = try Self.version(request)
    let match = request.query["resourceVersionMatch"] ?? ""
    if !match.isEmpty, request.query["resourceVersion"]?.isEmpty ?? true {
      throw .invalidOptions(
        "ListOptions", [.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided")])
    }
    if let token = request.query["continue"], !token.isEmpty {
      guard asked == nil else { throw .badRequest("specifying resource version is not allowed when using continue") }
      return try continued(token, type)
    }
    let current = store.snapshot(type.resource)
    guard let asked else { return (current.items, current.version, 0) }
    try checkNotFuture(asked)
    // Without a word on how a version is meant, one that comes with a limit is meant exactly.
    let isLimited = request.query["limit"].flatMap { Int($0) } ?? 0 > 0
    guard match == "Exact" || (match.isEmpty && isLimited) else { return (current.items, current.version, 0) }
    guard let then = store.snapshot(type.resource, at: asked) else { throw .gone() }
    return (then, asked, 0)
  }

  /// Where a continued list goes on. A token of a version that is forgotten is 410, as after a compaction.
  private func continued(_ token: String, _ type: APIResource) throws(APIStatus) -> (items: [JSON], version: UInt64, start: Int) {
    let parts = Base64.decoded(token).split(separator: "/")
    guard parts.count == 2, let version = UInt64(parts[0]), let start = Int(parts[1]) else {
      throw .badRequest("invalid continue token: continue key is not valid: illegal base64 data")
    }
    guard let items = store.snapshot(type.resource, at: version) else {
      throw APIStatus(
        410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."
      )
    }
    return (items, version, start)
  }

  /// The version that a read asks for; nil for none, and for 0, which any satisfies.
  private static func version(_ request: APIRequest) throws(APIStatus) -> UInt64? {
    guard let text = request.query["resourceVersion"], !text.isEmpty else { return nil }
    guard let version = UInt64(text) else {
      throw .badRequest(
        "invalid resource version: resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }
    return version == 0 ? nil : version
  }

  private func checkNotFuture(_ version: UInt64) throws(APIStatus) {
    let current = store.version
    if version > current { throw .tooLargeVersion(version, current: current) }
  }

  func query(_ request: APIRequest, _ place: Place) throws(APIStatus) -> ObjectQuery {
    try ObjectQuery(
      place.type, namespace: place.namespace, labelSelector: request.query["labelSelector"], fieldSelector: request.query["fieldSelector"])
  }

  /// The rows that a client asks for in the place of objects.
  func table(_ request: APIRequest, _ place: Place) -> TableView {
    TableView(place.type, including: request.query["includeObject"], clock: store.clock)
  }

  func watchOrder(_ request: APIRequest, _ place: Place) throws(APIStatus) -> WatchOrder {
    let query = try query(request, place)
    let wantsInitial = request.flag("sendInitialEvents")
    if wantsInitial && request.query["resourceVersionMatch"] != "NotOlderThan" {
      throw .invalidOptions(
        "ListOptions", [.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")])
    }
    let text = request.query["resourceVersion"] ?? ""
    guard text.isEmpty || UInt64(text) != nil else {
      throw .invalidOptions(
        "ListOptions", [.invalid("resourceVersion", .string(text), "strconv.ParseUint: parsing \"\(text)\": invalid syntax")])
    }
    return WatchOrder(
      type: place.type, query: query, from: text.isEmpty || text == "0" || wantsInitial ? nil : UInt64(text),
      marksInitialEnd: wantsInitial, sendsBookmarks: request.flag("allowWatchBookmarks"),
      seconds: request.query["timeoutSeconds"].flatMap { Int($0) } ?? 1800,
      table: request.wantsTable ? table(request, place) : nil)
  }
}

/// A watch as it was asked for.
struct WatchOrder: Sendable {
  var type: APIResource
  var query: ObjectQuery
  /// The version to go on from; nil begins with what is there.
  var from: UInt64?
  var marksInitialEnd: Bool
  var sendsBookmarks: Bool
  var seconds: Int
  /// The rows for people that its events are to carry; nil for the objects.
  var table: TableView?
}
