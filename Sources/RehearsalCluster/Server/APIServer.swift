import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP side of the embedded API: one listener on loopback, requests answered on its event loops.
struct APIServer {
  private let channel: any Channel

  /// Listens on 127.0.0.1.
  /// - Parameter port: 0 for any that is free.
  static func start(_ handler: APIHandler, interceptor: any RequestInterceptor, port: Int, group: any EventLoopGroup) async throws
    -> APIServer
  {
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(RequestHandler(handler: handler, interceptor: interceptor))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    return APIServer(channel: channel)
  }

  var port: Int { channel.localAddress?.port ?? 0 }

  func stop() async { try? await channel.close() }
}

/// What may come between a request and its answer, for tests of clients: delays, refusals, lost answers.
package protocol RequestInterceptor: Sendable {
  /// Called before a request is carried out.
  func verdict(method: String, path: String) -> Interception
}

/// What becomes of one request.
package enum Interception: Sendable {
  case proceed
  /// The request is not carried out; this status and plain text are the answer.
  case refuse(status: Int, text: String, retryAfter: Int?)
  /// The request is not carried out; the answer is a Status of 403 with this message, as where RBAC or an admission webhook denies.
  case forbid(message: String)
  /// The connection breaks before the request is carried out.
  case dropBefore
  /// The request is carried out, and the connection breaks instead of an answer.
  case dropAfter
}

/// Lets everything through.
package struct NoInterception: RequestInterceptor {
  package init() {}

  package func verdict(method: String, path: String) -> Interception { .proceed }
}

/// Gathers one request after another on a connection and answers each.
private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// As a real API server's limit.
  private static let longestBody = 3 << 20

  private let handler: APIHandler
  private let interceptor: any RequestInterceptor
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isTooLong = false
  private var watch: WatchStream?

  init(handler: APIHandler, interceptor: any RequestInterceptor) {
    self.handler = handler
    self.interceptor = interceptor
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
      isTooLong = false
    case .body(let buffer):
      if body.count + buffer.readableBytes > Self.longestBody { isTooLong = true } else { body += buffer.readableBytesView }
    case .end:
      guard let head else { return }
      self.head = nil
      serve(head, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.stop()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func serve(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch interceptor.verdict(method: head.method.rawValue, path: head.uri) {
    case .dropBefore: return context.close(promise: nil)
    case .refuse(let status, let text, let retryAfter):
      let headers = retryAfter.map { [("Retry-After", String($0))] } ?? []
      return send(.init(status: status, type: "text/plain", headers: headers, body: Array(text.utf8)), head, context)
    case .forbid(let message):
      let status = APIStatus(403, "Forbidden", message)
      return send(.init(status: 403, type: "application/json", body: status.json.bytes), head, context)
    case .dropAfter:
      _ = answer(head)
      return context.close(promise: nil)
    case .proceed: break
    }
    switch answer(head) {
    case .json(let status, let json, let headers):
      send(.init(status: status, type: "application/json", headers: headers, body: json.bytes + [0x0A]), head, context)
    case .text(let status, let text, let type): send(.init(status: status, type: type, body: Array(text.utf8)), head, context)
    case .watch(let order, let warnings): open(order, warnings, head, context)
    case .log(let followed): follow(followed, head, context)
    case .proxy(let order): pass(order, head, context)
    }
  }

  private func answer(_ head: HTTPRequestHead) -> APIAnswer {
    if isTooLong {
      let status = APIStatus(413, "RequestEntityTooLarge", "Request entity too large: limit is \(Self.longestBody)")
      return .json(413, status.json)
    }
    if head.method == .HEAD || head.method == .OPTIONS { return .text(405, "") }
    let headers = head.headers.map { ($0.name, $0.value) }
    return handler.answer(APIRequest(method: head.method.rawValue, uri: head.uri, headers: headers, body: body))
  }

  private func send(_ answer: HTTPAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(answer.headers)
    headers.add(name: "Content-Type", value: answer.type)
    headers.add(name: "Content-Length", value: String(answer.body.count))
    headers.add(name: "Date", value: HTTPDate.text(handler.store.clock.now().date))
    headers.add(name: "Cache-Control", value: "no-cache, private")
    let response = HTTPResponseHead(version: head.version, status: .init(statusCode: answer.status), headers: headers)
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if !head.isKeepAlive { context.close(promise: nil) }
  }

  private func open(_ order: WatchOrder, _ warnings: [(String, String)], _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(warnings + [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")])
    headers.add(name: "Date", value: HTTPDate.text(handler.store.clock.now().date))
    let response = HTTPResponseHead(version: head.version, status: .ok, headers: headers)
    context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
    let stream = WatchStream(order, store: handler.store, channel: context.channel)
    watch = stream
    stream.start()
  }

  private func follow(_ followed: FollowedLog, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders([("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked")])
    headers.add(name: "Date", value: HTTPDate.text(handler.store.clock.now().date))
    context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .ok, headers: headers))), promise: nil)
    LogStream(followed, channel: context.channel).start()
  }

  private func pass(_ order: ProxyOrder, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    ProxyExchange.answer(to: order, on: context.eventLoop).whenComplete { result in
      let (handler, context) = box.value
      switch result {
      case .success(let answer): handler.send(answer, head, context)
      case .failure(let error):
        let status = APIStatus(503, "ServiceUnavailable", "error trying to reach service: \(error)")
        handler.send(.init(status: 503, type: "application/json", body: status.json.bytes), head, context)
      }
    }
  }
}

/// An answer with its whole body.
struct HTTPAnswer: Sendable {
  var status: Int
  var type: String
  var headers: [(String, String)] = []
  var body: [UInt8]
}
