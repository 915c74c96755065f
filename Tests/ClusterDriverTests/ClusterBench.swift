import HTTPTransport
import KubernetesClient
import KubernetesModel
import RehearsalCluster
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import ClusterDriver

/// One namespace of one cluster, with a driver for it.
struct ClusterBench: Sendable {
  let driver: KubernetesDriver
  let target: ServiceTarget

  var namespace: String { target.namespace }
  var api: ClusterAPI { driver.api }

  /// Which cluster a test runs against.
  enum Place: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case embedded
    /// The API server that TAGFLIP_TEST_KUBECONFIG names.
    case real

    var testDescription: String { rawValue }

    /// The embedded cluster always; a real one where there is one to use and `kubectl` to read its kubeconfig.
    static let available: [Place] = realKubeconfig == nil ? [.embedded] : [.embedded, .real]
  }

  static let realKubeconfig = RealCluster.kubeconfig

  /// Runs a test in a namespace of its own, which is deleted afterwards.
  static func run(
    _ place: Place, interceptor: any RequestInterceptor = NoInterception(), denials: [ClusterUsers.Denial] = [],
    _ body: @escaping @Sendable (ClusterBench) async throws -> Void
  ) async throws {
    switch place {
    case .embedded:
      var configuration = EmbeddedCluster.Configuration()
      configuration.interceptor = interceptor
      configuration.users.denials = denials
      try await EmbeddedCluster.run(configuration) { cluster in try await run(ClusterAccess(server: cluster.server), body) }
    case .real: try await run(try realAccess(), body)
    }
  }

  private static func run(_ access: ClusterAccess, _ body: @Sendable (ClusterBench) async throws -> Void) async throws {
    let client = KubernetesClient(access: access, http: HTTPClient(userAgent: "tagflip-tests"))
    let name = "driver-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
    let driver = KubernetesDriver(client: client, stateNamespace: name, clock: RealClock())
    _ = try await client.create(.namespace, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(ClusterBench(driver: driver, target: try Fixture.target(name))))
    } catch {
      result = .failure(error)
    }
    try? await client.delete(.namespace, name: name, if: DeletePreconditions())
    try result.get()
  }

  private static func realAccess() throws -> ClusterAccess {
    let path = try #require(realKubeconfig)
    return try KubeConfig(document: JSON(parsing: RealCluster.document(path)), path: path).access()
  }
}

// What most tests do first.
extension ClusterBench {
  /// Objects that the cluster's other half would make.
  func makeActiveService(_ color: String = "none") async throws {
    _ = try await api.create(.service, namespace, Fixture.activeService(color))
  }

  func render(_ objects: [JSON], _ color: Color, version: String = "1.4.0") throws -> Environment {
    try Fixture.render(objects, color, namespace: namespace, version: version)
  }

  func apply(
    _ objects: [JSON], _ color: Color, version: String = "1.4.0", rollout: RolloutID = Fixture.rollout, sizes: [String: Int] = ["web": 2],
    atMost limit: Int? = nil
  ) async throws {
    try await driver.apply(try render(objects, color, version: version), rollout: rollout, sizes: sizes, atMost: limit, target: target)
  }

  /// Waits until a color is as a test wants it.
  @discardableResult
  func wait(
    for color: Color, within limit: Duration = .seconds(20),
    _ isAsWanted: (ColorObservation) -> Bool = { $0.isFullyReady && $0.readyPods > 0 }
  ) async throws -> ColorObservation {
    let start = ContinuousClock().now
    while true {
      let seen = try await driver.observe(color, target: target)
      if isAsWanted(seen) { return seen }
      try #require(ContinuousClock().now - start < limit, "still: \(seen)")
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  func change(_ seen: ActiveService, to selector: SelectorChange?, _ edit: (inout Marker) -> Void = { _ in }) async throws -> ChangeResult {
    var marker = seen.marker
    marker.fence += 1
    marker.run = "test"
    edit(&marker)
    return try await driver.change(target, seen: seen, selector: selector, marker: marker)
  }
}

extension ChangeResult {
  var applied: ActiveService? { if case .applied(let service, _) = self { service } else { nil } }
  var refused: ActiveService? { if case .refused(let service) = self { service } else { nil } }
}
