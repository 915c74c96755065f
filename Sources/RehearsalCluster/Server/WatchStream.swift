import KubernetesModel
import NIOCore
import NIOHTTP1

/// One watch on one connection: what changed since the last look, pushed as lines. Lives on its channel's event loop.
final class WatchStream: Sendable {
  private struct State {
    var seen: UInt64 = 0
    var listener: UInt64?
    var isScheduled = false
    var isOver = false
  }

  private let order: WatchOrder
  private let store: ObjectStore
  private let channel: any Channel
  private let state: NIOLoopBoundBox<State>

  /// Made on the channel's event loop.
  init(_ order: WatchOrder, store: ObjectStore, channel: any Channel) {
    self.order = order
    self.store = store
    self.channel = channel
    state = NIOLoopBoundBox(State(), eventLoop: channel.eventLoop)
  }

  func start() {
    let listener = store.listen { [weak self] in self?.changed() }
    state.value.listener = listener
    begin()
    let loop = channel.eventLoop
    loop.scheduleTask(in: .seconds(Int64(order.seconds))) { [self] in end(withBookmark: true) }
    guard order.sendsBookmarks else { return }
    loop.scheduleRepeatedTask(initialDelay: .seconds(60), delay: .seconds(60)) { [self] task in
      if state.value.isOver { task.cancel() } else { bookmark() }
    }
  }

  /// The connection is gone.
  func stop() {
    guard !state.value.isOver else { return }
    state.value.isOver = true
    if let listener = state.value.listener { store.unlisten(listener) }
  }

  private func begin() {
    if let from = order.from {
      state.value.seen = from
      pump()
      return
    }
    let (items, version) = store.snapshot(order.type.resource)
    for item in items where order.query.matches(item) { send("ADDED", item) }
    state.value.seen = version
    if order.marksInitialEnd { bookmark(annotations: ["k8s.io/initial-events-end": "true"]) }
    channel.flush()
  }

  /// Called from any thread, after every change of anything.
  private func changed() {
    channel.eventLoop.execute { [self] in
      guard !state.value.isScheduled, !state.value.isOver else { return }
      state.value.isScheduled = true
      channel.eventLoop.execute { [self] in
        state.value.isScheduled = false
        pump()
      }
    }
  }

  private func pump() {
    guard !state.value.isOver else { return }
    guard let news = store.changes(of: order.type.resource, after: state.value.seen) else {
      let status = APIStatus(410, "Expired", "too old resource version: \(state.value.seen) (\(store.version))")
      send("ERROR", status.json)
      return end(withBookmark: false)
    }
    for change in news.changes {
      let before = change.old.map(order.query.matches) ?? false
      let after = change.new.map(order.query.matches) ?? false
      switch (before, after) {
      case (false, true): if let new = change.new { send("ADDED", new) }
      case (true, true): if let new = change.new { send("MODIFIED", new) }
      case (true, false):
        if var old = change.old {
          old["metadata", "resourceVersion"] = .string(String(change.version))
          send("DELETED", old)
        }
      case (false, false): break
      }
    }
    state.value.seen = max(state.value.seen, news.version)
    channel.flush()
  }

  private func bookmark(annotations: [String: String] = [:]) {
    var object: JSON = [
      "kind": .string(order.type.kind), "apiVersion": .string(order.type.apiVersion),
      "metadata": ["resourceVersion": .string(String(state.value.seen)), "creationTimestamp": nil],
    ]
    if !annotations.isEmpty { object["metadata", "annotations"] = JSON(annotations) }
    send("BOOKMARK", object)
    channel.flush()
  }

  private func end(withBookmark: Bool) {
    guard !state.value.isOver else { return }
    if withBookmark && order.sendsBookmarks { bookmark() }
    stop()
    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
  }

  private func send(_ type: String, _ object: JSON) {
    let isShown = type != "ERROR" && type != "BOOKMARK"
    let shown = isShown ? order.table?.table([object], version: object.resourceVersion ?? "") ?? object : object
    let line = JSON.object(["type": .string(type), "object": shown]).bytes + [0x0A]
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: line))), promise: nil)
  }
}
