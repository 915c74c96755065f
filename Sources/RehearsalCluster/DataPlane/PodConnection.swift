import NIOCore
import NIOHTTP1

/// The decoder in front of a ``PodConnection``.
func makeRequestDecoder() -> HTTPRequestDecoder {
  HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
}

/// One client's connection to a pod: requests are answered one after another, in the order they came.
final class PodConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  private let server: PodServer
  private var incoming: HTTPRequestHead?
  private var waiting: [HTTPRequestHead] = []
  private var isAnswering = false
  /// Whether the client has said that it will ask for nothing more; what it asked for is still answered.
  private var hasHeardAll = false

  init(server: PodServer) {
    self.server = server
  }

  func channelActive(context: ChannelHandlerContext) {
    server.connected(context.channel)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    server.disconnected(context.channel)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      incoming = head
      server.began(context.channel)
    case .body: break  // what an app does with a body is its own business
    case .end:
      guard let head = incoming else { return }
      incoming = nil
      waiting.append(head)
      answerNext(context: context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      hasHeardAll = true
      if !isAnswering && waiting.isEmpty { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// A client that went away, or that does not speak HTTP.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answerNext(context: ChannelHandlerContext) {
    guard !isAnswering, !waiting.isEmpty else { return }
    isAnswering = true
    let head = waiting.removeFirst()
    let path = head.uri.prefix { $0 != "?" && $0 != "#" }
    let request = PodTraffic.Request(
      path: path, userAgent: head.headers.first(name: "User-Agent") ?? "", isMarkedSmoke: head.headers.contains(name: "X-Smoke"))
    let answer = server.answer(request)
    guard answer.delay > .zero else { return finish(head, with: answer, context: context) }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .nanoseconds(answer.delay.wholeNanoseconds)) {
      let (connection, context) = bound.value
      connection.finish(head, with: answer, context: context)
    }
  }

  private func finish(_ head: HTTPRequestHead, with answer: PodTraffic.Answer, context: ChannelHandlerContext) {
    isAnswering = false
    guard context.channel.isActive else { return }
    if case .reset = answer { return context.channel.reset() }
    let keepsAlive = head.isKeepAlive && !server.isDraining && !(hasHeardAll && waiting.isEmpty)
    let response = server.response(to: answer, keepsAlive: keepsAlive, isHead: head.method == .HEAD)
    let written = context.writeAndFlush(wrapOutboundOut(response))
    // Once idle, the connection may be closed by a server that began to drain meanwhile: the answer has been handed to the kernel before.
    let mayLiveOn = waiting.isEmpty && incoming == nil ? server.finished(context.channel) : true
    guard keepsAlive && mayLiveOn else {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      return written.whenComplete { _ in bound.value.close(promise: nil) }
    }
    answerNext(context: context)
  }
}

extension PodTraffic.Answer {
  fileprivate var delay: Duration {
    switch self {
    case .identity(_, let delay), .reset(let delay): delay
    case .environment, .metrics: .zero
    }
  }
}
