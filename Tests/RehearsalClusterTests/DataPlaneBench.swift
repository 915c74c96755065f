import FoundationEssentials
import KubernetesModel
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import RehearsalCluster

/// A time that only the test moves.
final class ManualClock: Sendable {
  private let uptime = Mutex(Duration.seconds(1000))

  var clock: ClusterClock {
    ClusterClock { [self] in
      let uptime = uptime.withLock { $0 }
      return Moment(uptime: uptime, date: Date(timeIntervalSince1970: 1_795_000_000 + Double(uptime.components.seconds)))
    }
  }

  var now: Moment { clock.now() }

  func advance(by duration: Duration) { uptime.withLock { $0 += duration } }
}

/// Addresses, event loops and pods for one test, gone when it is over.
struct DataPlaneBench {
  let group: MultiThreadedEventLoopGroup
  let claim: AddressClaim
  let forwarder: ServiceForwarder
  let time = ManualClock()

  var plan: AddressPlan { claim.plan }

  static func run(_ body: (DataPlaneBench) async throws -> Void) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let claim = try await AddressClaim.first(group: group)
    let bench = DataPlaneBench(group: group, claim: claim, forwarder: ServiceForwarder(plan: claim.plan, group: group, seed: 1))
    var failure: (any Error)?
    do { try await body(bench) } catch { failure = error }
    await bench.forwarder.shutdown()
    await claim.release()
    try await group.shutdownGracefully()
    if let failure { throw failure }
  }

  /// A pod that serves on port 8080 of the address with this index, ready at once unless the image says otherwise.
  func pod(_ name: String, index: Int, image: String = "web:1--ready-delay-ms-0", seed: UInt64 = 1) async throws -> PodServer {
    let behaviour = PodBehaviour(pod: ["spec": ["containers": [["image": .string(image)]]]], environment: ["SERVICE": "web"])
    let configuration = PodServer.Configuration(pod: name, behaviour: behaviour, environment: ["GREETING": "hello"], seed: seed)
    let server = PodServer(configuration, clock: time.clock, group: group, log: PodLog(clock: time.clock)) {}
    server.listen(address: plan.podAddress(index), ports: [8080])
    try await waitUntil { server.listening != .opening }
    #expect(server.listening == .open)
    return server
  }

  func endpoint(_ index: Int) -> Endpoint { Endpoint(address: plan.podAddress(index), port: 8080) }

  func connect(toPod index: Int) throws -> DataPlaneSocket { try DataPlaneSocket(to: plan.podAddress(index), port: 8080) }
}

/// Waits for something that happens on another thread; gives up, loudly, after ten seconds.
func waitUntil(_ condition: () throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  for _ in 0..<2000 {
    if try condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("it never happened", sourceLocation: sourceLocation)
}

/// Waits until a port that was closed refuses; whatever is answered there instead is a failure.
///
/// A process that another test starts has copies of all descriptors until it becomes its program: a listener that is closed in that moment
/// still takes connections, and resets them then.
func eventuallyRefused(_ attempt: () throws -> String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  try await waitUntil(
    {
      do {
        Issue.record("it answered \(try attempt())", sourceLocation: sourceLocation)
        return true
      } catch DataPlaneSocket.Failure.reset {
        return false
      } catch DataPlaneSocket.Failure.refused {
        return true
      }
    }, sourceLocation: sourceLocation)
}
