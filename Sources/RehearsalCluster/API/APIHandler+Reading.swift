import KubernetesModel
import Synchronization

// GET: one object, lists, and what a watch begins with.
extension APIHandler {
  func get(_ request: APIRequest, _ place: Place, _ name: String) throws(APIStatus) -> APIAnswer {
    guard let object = store.get(place.type.resource, namespace: place.namespace ?? "", name: name) else {
      throw .notFound(place.type, name)
    }
    return .json(200, request.wantsTable ? TableView(place.type).table([object], version: object.resourceVersion ?? "") : object)
  }

  func list(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let query = try query(request, place)
    let (all, current) = store.snapshot(place.type.resource)
    var items = all.filter(query.matches)
    var metadata: JSON = ["resourceVersion": .string(String(current))]
    let start = try page(request)
    items = Array(items.dropFirst(start))
    if let limit = request.query["limit"].flatMap({ Int($0) }), limit > 0, items.count > limit {
      metadata["continue"] = .string(Base64.encoded(Array("\(current)/\(start + limit)".utf8)))
      metadata["remainingItemCount"] = .int(Int64(items.count - limit))
      items = Array(items.prefix(limit))
    }
    if request.wantsTable {
      var table = TableView(place.type).table(items, version: String(current))
      table["metadata"] = metadata
      return .json(200, table)
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
      ])
  }

  /// Where a continued list goes on. A token of a version that is forgotten is 410, as after a compaction.
  private func page(_ request: APIRequest) throws(APIStatus) -> Int {
    guard let token = request.query["continue"], !token.isEmpty else { return 0 }
    let parts = Base64.decoded(token).split(separator: "/")
    guard parts.count == 2, let version = UInt64(parts[0]), let start = Int(parts[1]) else {
      throw .badRequest("continue key is not valid: illegal base64 data")
    }
    guard version >= store.state.withLock({ $0.forgotten }) else {
      throw APIStatus(
        410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."
      )
    }
    return start
  }

  func query(_ request: APIRequest, _ place: Place) throws(APIStatus) -> ObjectQuery {
    try ObjectQuery(
      namespace: place.namespace, labelSelector: request.query["labelSelector"], fieldSelector: request.query["fieldSelector"])
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
      seconds: request.query["timeoutSeconds"].flatMap { Int($0) } ?? 1800, isTable: request.wantsTable)
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
  var isTable: Bool
}
