import NIOCore
import NIOHTTP1
import NIOPosix

/// One followed log on one connection. Lives on its channel's event loop.
final class LogStream: Sendable {
  /// How often is looked for new lines.
  private static let pause = TimeAmount.milliseconds(100)

  private let followed: FollowedLog
  private let channel: any Channel
  private let seen: NIOLoopBoundBox<Int>

  /// Made on the channel's event loop.
  init(_ followed: FollowedLog, channel: any Channel) {
    self.followed = followed
    self.channel = channel
    seen = NIOLoopBoundBox(0, eventLoop: channel.eventLoop)
  }

  func start() {
    let lines = followed.log.lines()
    send(followed.order.text(of: lines), lines)
    channel.eventLoop.scheduleRepeatedTask(initialDelay: Self.pause, delay: Self.pause) { [self] task in
      // What is said while this looks is read before the end is believed.
      let isOpen = followed.isOpen()
      let news = followed.log.lines().filter { $0.number > seen.value }
      send(followed.order.laterText(of: news), news)
      guard !isOpen || !channel.isActive else { return }
      task.cancel()
      channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }
  }

  private func send(_ text: String, _ lines: [PodLog.Line]) {
    seen.value = max(seen.value, lines.last?.number ?? 0)
    guard !text.isEmpty else { return }
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
  }
}
