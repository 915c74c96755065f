import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a pod on a connection of its own, as the API server's proxy makes it.
enum ProxyExchange {
  private static let longestBody = 16 << 20

  static func answer(to order: ProxyOrder, on loop: any EventLoop) -> EventLoopFuture<HTTPAnswer> {
    let promise = loop.makePromise(of: HTTPAnswer.self)
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(Collector(promise: promise))
        }
      }
      .connect(host: order.endpoint.address, port: order.endpoint.port)
      .whenComplete { result in
        switch result {
        case .failure(let error): promise.fail(error)
        case .success(let channel): send(order, on: channel)
        }
      }
    return promise.futureResult
  }

  private static func send(_ order: ProxyOrder, on channel: any Channel) {
    var headers = HTTPHeaders(order.headers)
    headers.add(name: "Host", value: "\(order.endpoint.address):\(order.endpoint.port)")
    headers.add(name: "Connection", value: "close")
    if !order.body.isEmpty { headers.add(name: "Content-Length", value: String(order.body.count)) }
    let head = HTTPRequestHead(version: .http1_1, method: .RAW(value: order.method), uri: order.uri, headers: headers)
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    if !order.body.isEmpty { channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: order.body))), promise: nil) }
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    struct Broken: Error {}

    private let promise: EventLoopPromise<HTTPAnswer>
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isDone = false

    init(promise: EventLoopPromise<HTTPAnswer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body(let buffer): if body.count < ProxyExchange.longestBody { body += buffer.readableBytesView }
      case .end:
        guard let head else { return }
        isDone = true
        let kept = head.headers.filter {
          !["content-length", "connection", "transfer-encoding", "content-type", "date"].contains($0.name.lowercased())
        }
        promise.succeed(
          HTTPAnswer(
            status: Int(head.status.code), type: head.headers.first(name: "Content-Type") ?? "text/plain",
            headers: kept.map { ($0.name, $0.value) }, body: body))
        context.close(promise: nil)
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      if !isDone { promise.fail(Broken()) }
      isDone = true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      if !isDone { promise.fail(error) }
      isDone = true
      context.close(promise: nil)
    }
  }
}
