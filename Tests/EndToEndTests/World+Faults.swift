import FoundationEssentials
import Glibc
import KubernetesModel
import RehearsalCluster
import Synchronization

/// What comes between requests and answers of an embedded cluster, as a test says from one moment to the next.
final class Faults: RequestInterceptor {
  typealias Rule = @Sendable (_ method: String, _ path: String) -> Interception

  private let rule = Mutex<Rule>({ _, _ in .proceed })

  func verdict(method: String, path: String) -> Interception { rule.withLock { $0 }(method, path) }

  /// What becomes of requests from now on.
  func set(_ rule: @escaping Rule) { self.rule.withLock { $0 = rule } }

  func end() { set { _, _ in .proceed } }

  /// Whether a request makes or changes a Deployment of a color, and does not only ask what would come of it.
  static func writes(_ deployment: String, _ method: String, _ path: String) -> Bool {
    ["PATCH", "POST", "PUT"].contains(method) && path.contains("/deployments/\(deployment)?") && !path.contains("dryRun")
  }
}

extension World {
  /// A world on an embedded cluster in this process, so that its API can be made to fail.
  static func withFaults(
    _ plan: Plan = Plan(), _ body: @escaping @Sendable (World, Faults, EmbeddedCluster) async throws -> Void
  ) async throws {
    let faults = Faults()
    let log = "/tmp/tagflip-e2e-\(UInt32.random(in: .min ... .max)).log"
    let file = fopen(log, "a")
    defer {
      if let file { fclose(file) }
      try? FileManager.default.removeItem(atPath: log)
    }
    // Lines must not run into one another.
    let writing = Mutex(())
    var configuration = EmbeddedCluster.Configuration()
    configuration.interceptor = faults
    let descriptor = file.map { fileno($0) } ?? -1
    configuration.audit = { event in
      let bytes = event.bytes + [0x0A]
      writing.withLock { _ in _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } }
    }
    try await EmbeddedCluster.run(configuration) { cluster in
      let world = try await make(plan, embedded: Embedded(kubeconfig: cluster.kubeconfig, log: log))
      try await body(world, faults, cluster)
    }
  }
}
