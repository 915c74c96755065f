import NIOCore
import NIOPosix
import Synchronization

/// One request of a kubelet or a Job over a connection of its own, made in the background: whoever started it looks later what came of it.
final class HTTPExchange: Sendable {
  /// What came of it: a status, or why there is none. A connection that was only to be opened has the status 0.
  enum Outcome: Sendable, Hashable {
    case status(Int, body: String)
    case failed(String)
  }

  private struct State {
    var outcome: Outcome?
    var received = ByteBuffer()
    var channel: (any Channel)?
  }

  private static let largestAnswer = 65_536

  private let state = Mutex(State())
  private let wake: @Sendable () -> Void

  /// What came of it; nil while it is under way.
  var outcome: Outcome? { state.withLock { $0.outcome } }

  /// Starts.
  /// - Parameters:
  ///   - path: what to GET; nil to open the connection and nothing more.
  ///   - limit: for all of it.
  ///   - wake: called once there is an outcome.
  init(
    to endpoint: Endpoint, path: String?, userAgent: String, limit: Duration, group: any EventLoopGroup,
    wake: @escaping @Sendable () -> Void
  ) {
    self.wake = wake
    let loop = group.any()
    let limit = TimeAmount.nanoseconds(limit.wholeNanoseconds)
    let timeout = loop.scheduleTask(in: limit) { [weak self] in self?.finish(.failed("no answer in time")) }
    let request = path.map {
      "GET \($0) HTTP/1.1\r\nHost: \(endpoint.address):\(endpoint.port)\r\nUser-Agent: \(userAgent)\r\nConnection: close\r\n\r\n"
    }
    ClientBootstrap(group: loop)
      .connectTimeout(limit)
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(exchange: self)) }
      }
      .connect(host: endpoint.address, port: endpoint.port)
      .whenComplete { [self] result in
        switch result {
        case .failure(let error):
          timeout.cancel()
          finish(.failed("\(error)"))
        case .success(let channel):
          channel.closeFuture.whenComplete { _ in timeout.cancel() }
          begin(on: channel, request: request)
        }
      }
  }

  private func begin(on channel: any Channel, request: String?) {
    let isTooLate = state.withLock { state in
      state.channel = channel
      return state.outcome != nil
    }
    guard !isTooLate, let request else {
      finish(.status(0, body: ""))
      return channel.close(promise: nil)
    }
    channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
  }

  fileprivate func read(_ bytes: ByteBuffer) {
    let isTooLong = state.withLock { state in
      state.received.writeImmutableBuffer(bytes)
      return state.received.readableBytes > Self.largestAnswer
    }
    if isTooLong { ended() }
  }

  /// The other side closed: what it said until then is the answer.
  fileprivate func ended() {
    let text = state.withLock { String(buffer: $0.received) }
    let line = text.prefix { $0 != "\r\n" && $0 != "\n" }
    guard line.hasPrefix("HTTP/"), let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      return finish(.failed("closed without an answer"))
    }
    let body = text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
    finish(.status(status, body: body))
  }

  private func finish(_ outcome: Outcome) {
    let channel = state.withLock { state -> (any Channel)?? in
      guard state.outcome == nil else { return nil }
      state.outcome = outcome
      return state.channel
    }
    guard let channel else { return }
    channel?.close(promise: nil)
    wake()
  }

  private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let exchange: HTTPExchange

    init(exchange: HTTPExchange) { self.exchange = exchange }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { exchange.read(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) {
      exchange.ended()
      context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
