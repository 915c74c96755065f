import FoundationEssentials
import KubernetesModel
import RehearsalCluster
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// The demo's four releases, one after another, while users keep asking.
struct DemoStory: Sendable {
  let root: String
  let load: Int

  private var repository: DemoRepository { DemoRepository(root: root) }
  private var output: TextOutput { TextOutput.standard }

  /// Tells the story.
  /// - Returns: how many requests got no answer.
  func tell(on cluster: EmbeddedCluster) async throws -> Int {
    let start = ContinuousClock.now
    let address = try await prepare(cluster)
    try await expect("The first run notes what exists and releases nothing.", code: 0)
    try await repository.release("1.0.0", "The first release")
    try await expect("web 1.0.0 is tagged: a first release, beside nothing.", code: 0)
    let generator = LoadGenerator(url: "http://\(address)/", perSecond: load)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await generator.run() }
      try await releases()
      tasks.cancelAll()
    }
    let summary = DemoSummary(
      log: try await repository.log(), signatures: try await repository.signatures(), records: try await records(), tally: generator.counts)
    for line in summary.lines { output.result(line) }
    output.result("\nThe whole story took \((ContinuousClock.now - start).words).")
    return generator.counts.lost
  }

  private func releases() async throws {
    try await repository.release("1.1.0", "A better greeting")
    try await expect("web 1.1.0 is tagged, and users are asking now: \(load) requests a second.", code: 0)
    let lateFault = ["error-rate": "0.5", "bad-after-real-requests": "20"]
    try await repository.release("1.2.0", "A cache that fills up", faults: lateFault)
    try await expect("web 1.2.0 passes its smoke test and degrades once users are on it.", code: 10)
    try await repository.release("1.3.0", "Half a fix", faults: ["error-rate": "1"])
    try await expect("web 1.3.0 fails its smoke test: users never see it.", code: 11)
  }

  /// Namespaces, the active Service, the repository and the settings.
  private func prepare(_ cluster: EmbeddedCluster) async throws -> String {
    try await repository.prepare()
    try await repository.makeKeys()
    for name in ["shop", "tagflip"] {
      _ = try cluster.store.create(.namespaces, ["metadata": ["name": .string(name)]], by: "demo")
    }
    let service: JSON = [
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": [
        "selector": ["app": "web", "tagflip.dev/color": "none"], "ports": [["name": "http", "port": 80, "targetPort": 8080]],
      ],
    ]
    let made = try cluster.store.create(.services, service, by: "demo")
    try write("kubeconfig", cluster.kubeconfig)
    try write("tagflip.yaml", Self.settings)
    return made["spec", "clusterIP"]?.string ?? ""
  }

  private static let settings = """
    installation: demo
    repository: {url: releases.git, cache: cache/release}
    cluster: {kubeconfig: kubeconfig, nodes: fixed}
    state: {namespace: tagflip, key: {file: state-key}}
    images: trusted
    tags: [{require: signed, signers: release-signers, onBranch: true}]
    audit: {signingKey: audit-key}
    """

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(root)/\(name)"))
  }

  /// One run of the real binary, as cron would start it.
  private func expect(_ title: String, code: Int32) async throws {
    output.narrate("\n== \(title)")
    let child = ChildProcess(arguments: ["/proc/self/exe", "run", "--settings", "\(root)/tagflip.yaml"], folder: root)
    let (text, status) = try await child.run()
    output.narrate(text.split(separator: "\n").map { "   \($0)" }.joined(separator: "\n"))
    guard status == code else { throw ChildProcess.Failure(description: "tagflip run ended with \(status), expected \(code)") }
  }

  private func records() async throws -> [AuditRecord] {
    var records: [AuditRecord] = []
    for path in try await repository.files(under: "services/web/records") {
      records.append(try CanonicalJSON.value(AuditRecord.self, from: Array(try await repository.audited(path).utf8)))
    }
    return records
  }
}
