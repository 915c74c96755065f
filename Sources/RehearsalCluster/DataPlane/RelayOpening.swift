import NIOCore
import NIOPosix

/// The first moments of a forwarded connection: an endpoint is chosen and connected to, then two ``Relay``s take over.
final class RelayOpening: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private static let connectLimit = TimeAmount.seconds(5)

  private let front: Endpoint
  private let table: ForwardingTable

  init(front: Endpoint, table: ForwardingTable) {
    self.front = front
    self.table = table
  }

  func channelActive(context: ChannelHandlerContext) {
    guard let endpoint = table.pick(for: front) else { return refuse(context.channel) }
    let client = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    ClientBootstrap(group: context.eventLoop)
      .connectTimeout(Self.connectLimit)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: false)
      .connect(host: endpoint.address, port: endpoint.port)
      .whenComplete { result in
        let (opening, context) = client.value
        switch result {
        case .success(let pod): opening.join(context, to: pod)
        case .failure: opening.refuse(context.channel)
        }
      }
  }

  private func join(_ context: ChannelHandlerContext, to pod: any Channel) {
    guard context.channel.isActive else { return pod.reset() }
    let (left, right) = Relay.pair()
    do {
      try context.channel.pipeline.syncOperations.addHandler(left)
      try pod.pipeline.syncOperations.addHandler(right)
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    } catch {
      pod.reset()
      return refuse(context.channel)
    }
    table.count(\.connections, for: front)
    left.start()
    right.start()
  }

  private func refuse(_ channel: any Channel) {
    table.count(\.refused, for: front)
    channel.reset()
  }
}

extension RelayOpening: RemovableChannelHandler {}
