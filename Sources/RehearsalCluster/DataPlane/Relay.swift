import NIOCore

/// One side of a forwarded connection: what arrives here is written there, as fast as the other side takes it.
///
/// Ends are passed on as they are: a half-close as a half-close, a reset as a reset, so that a client cannot tell that it is forwarded.
/// Both sides live on one event loop.
final class Relay: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var other: Relay?
  private var context: ChannelHandlerContext?
  private var isReadHeldBack = false

  static func pair() -> (Relay, Relay) {
    let pair = (Relay(), Relay())
    pair.0.other = pair.1
    pair.1.other = pair.0
    return pair
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    other = nil
  }

  /// Begins to read, once both sides are in place.
  func start() { context?.read() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    other?.context?.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    other?.context?.flush()
    if other?.context?.channel.isWritable ?? false { context.read() } else { isReadHeldBack = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard context.channel.isWritable, let other, other.isReadHeldBack else { return }
    other.isReadHeldBack = false
    other.context?.read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { other?.context?.close(mode: .output, promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    other?.context?.channel.reset()
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let peer = other?.context {
      // An empty write completes after all that is still on its way to a slow reader.
      let bound = NIOLoopBound(peer, eventLoop: peer.eventLoop)
      peer.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.close(promise: nil) }
    }
    context.fireChannelInactive()
  }
}
