import HTTPTransport
import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

@testable import ClusterDriver

@Suite("A server that shuts down")
struct SilentWatchTests {
  private static let labels: JSON = ["app": "web", "tagflip.dev/color": "green"]
  private static let pod: JSON = [
    "metadata": ["name": "p", "labels": labels],
    "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
  ]

  private static func list(_ items: JSON...) -> JSON { ["metadata": ["resourceVersion": "7"], "items": .array(items)] }

  /// The endpoints that a slice holds.
  private static func slice(_ endpoints: JSON) -> JSON { ["metadata": ["name": "web-1"], "endpoints": endpoints] }

  // Recorded: open watches hang silently for about a minute then. The slices have changed meanwhile, and no event says so.
  @Test(.timeLimit(.minutes(1))) func `does not hold up who waits for endpoints on a watch that hangs`() async throws {
    let lists = Mutex(0)
    let server = try LoopbackServer { request, connection in
      if request.target.contains("watch=1") {
        connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        return connection.waitForEnd()
      }
      let answer: JSON =
        if request.target.contains("/endpointslices") {
          lists.withLock { lists in
            lists += 1
            return Self.list(Self.slice(lists == 1 ? nil : [["conditions": ["ready": true], "targetRef": ["name": "p"]]]))
          }
        } else if request.target.contains("/pods") {
          Self.list(Self.pod)
        } else {
          ["metadata": ["name": "web"], "spec": ["selector": Self.labels]]
        }
      connection.reply(200, ["Content-Type: application/json"], answer.text)
    }
    let client = KubernetesClient(access: ClusterAccess(server: server.url), http: HTTPClient(userAgent: "tests"))
    let driver = KubernetesDriver(client: client, stateNamespace: "bots", clock: RealClock())
    let report = try await driver.traffic(try Fixture.target("shop"), to: [.green], within: .seconds(600))
    #expect(report.converged && lists.withLock { $0 } == 2)
  }
}
