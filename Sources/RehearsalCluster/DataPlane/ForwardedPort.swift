import NIOCore
import NIOPosix
import Synchronization

/// One ClusterIP and port: its listener, which opens and closes as the Service gains and loses endpoints.
///
/// Opening and closing take turns on one chain of futures, so that a port never is bound twice and the last wish always wins.
final class ForwardedPort: Sendable {
  private struct State {
    var wantsOpen = false
    var failure: String?
    var chain: EventLoopFuture<(any Channel)?>
  }

  private let state: Mutex<State>
  private let front: Endpoint
  private let table: ForwardingTable
  private let plan: AddressPlan
  private let group: any EventLoopGroup
  private let loop: any EventLoop

  init(front: Endpoint, table: ForwardingTable, plan: AddressPlan, group: any EventLoopGroup) {
    self.front = front
    self.table = table
    self.plan = plan
    self.group = group
    loop = group.any()
    state = Mutex(State(chain: loop.makeSucceededFuture(nil)))
  }

  /// Why the port is not open although it should be.
  var failure: String? { state.withLock { $0.failure } }

  func want(open: Bool) {
    // The turn begins only when the lock is free again, since it takes the lock itself.
    let gate = loop.makePromise(of: Void.self)
    state.withLock { state in
      guard open != state.wantsOpen || state.failure != nil else { return }
      state.wantsOpen = open
      state.chain = state.chain.flatMap { [self] channel in gate.futureResult.flatMap { self.follow(channel) } }
    }
    gate.succeed()
  }

  func settled() async {
    _ = try? await state.withLock { $0.chain }.get()
  }

  /// Makes the listener what is wanted now, which may be more recent than what this turn was begun for.
  private func follow(_ channel: (any Channel)?) -> EventLoopFuture<(any Channel)?> {
    switch (channel, state.withLock { $0.wantsOpen }) {
    case (nil, true):
      return bind().map { Optional($0) }.hop(to: loop).always { [self] in note($0) }.flatMapErrorThrowing { _ in nil }
    case (let channel?, false): return channel.close().flatMapErrorThrowing { _ in }.map { nil }.hop(to: loop)
    case (_, _): return loop.makeSucceededFuture(channel)
    }
  }

  private func note(_ result: Result<(any Channel)?, any Error>) {
    let failure: String? = if case .failure(let error) = result { "\(error)" } else { nil }
    state.withLock { $0.failure = failure }
  }

  private func bind() -> EventLoopFuture<any Channel> {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { [front, table] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(RelayOpening(front: front, table: table))
        }
      }
      .bind(host: front.address, port: plan.listeningPort(front.port))
  }
}
