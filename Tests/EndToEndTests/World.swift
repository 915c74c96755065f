import FoundationEssentials
import Glibc
import KubernetesModel
import Testing

/// A release repo, a cluster and an installation, as a user has them: the real binary, a real bare repository, and the embedded cluster over
/// HTTP, or the real API server that `TAGFLIP_TEST_KUBECONFIG` names.
final class World: Sendable {
  static let realCluster = ProcessInfo.processInfo.environment["TAGFLIP_TEST_KUBECONFIG"]
  /// What that API server logs, where somebody says where.
  private static let realLog = realCluster == nil ? nil : ProcessInfo.processInfo.environment["TAGFLIP_TEST_AUDIT_LOG"]
  /// What this world's API server logs; nil where nobody says where.
  let apiLog: String?
  /// The binary beside the test bundle.
  static let tagflip: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    var folder = String(bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)])
    while folder.count > 1, !FileManager.default.isExecutableFile(atPath: folder + "/tagflip") {
      folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
    }
    return folder + "/tagflip"
  }()

  let root: String
  /// Where the service lives; a new one for every world, since a real cluster is shared.
  let namespace: String
  let state: String
  private let cluster: Command?
  private let isEmbedded: Bool
  private let watch: Command

  /// What a plan of this world says beside what all have in common.
  struct Plan {
    var bake = "2s"
    var first = "stay"
    var whenWarm = "replace"
    var standby = "15m"
    var extra = ""
  }

  /// An embedded cluster of the test's own, in its process.
  struct Embedded: Sendable {
    var kubeconfig: String
    /// The file that its API server logs to.
    var log: String
  }

  /// - Parameter embedded: where the world's cluster is neither the binary's nor the real one.
  static func make(_ plan: Plan = Plan(), service: String? = nil, embedded: Embedded? = nil) async throws -> World {
    var template = Array("/tmp/tagflip-e2e-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw WorldFailure("no temporary folder") }
    let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let tag = String(UInt32.random(in: .min ... .max), radix: 36)
    var cluster: Command?
    var log: String? = "\(root)/requests.log"
    if let embedded {
      try Data(embedded.kubeconfig.utf8).write(to: URL(filePath: "\(root)/kubeconfig"))
      log = embedded.log
    } else if let realCluster {
      log = realLog
      try FileManager.default.copyItem(atPath: realCluster, toPath: "\(root)/kubeconfig")
    } else {
      cluster = try Command([tagflip, "cluster", "--kubeconfig", "\(root)/kubeconfig", "--audit-log", "\(root)/requests.log"], in: root)
      let config = "\(root)/kubeconfig"
      func isThere() -> Bool { FileManager.default.contents(atPath: config)?.isEmpty == false }
      for _ in 0..<6000 where !isThere() { try await Task.sleep(for: .milliseconds(10)) }
      guard isThere() else {
        cluster?.stop()
        throw WorldFailure("the embedded cluster did not come up: \(cluster?.errors ?? "")")
      }
    }
    let (namespace, state) = ("shop-\(tag)", "bot-\(tag)")
    try await prepare(root, namespace, state, service?.replacing("NAMESPACE", with: namespace) ?? Self.service(namespace))
    let selectors = "jsonpath={.spec.selector}{\"\\n\"}"
    let words = ["kubectl", "--kubeconfig", "\(root)/kubeconfig", "-n", namespace, "get", "service", "web", "--watch", "-o", selectors]
    let watch = try Command(words, in: root)
    let world = World(
      root: root, namespace: namespace, state: state, apiLog: log, isEmbedded: embedded != nil, cluster: cluster, watch: watch)
    try await world.prepareRepository(plan)
    return world
  }

  private init(root: String, namespace: String, state: String, apiLog: String?, isEmbedded: Bool, cluster: Command?, watch: Command) {
    self.root = root
    self.namespace = namespace
    self.state = state
    self.apiLog = apiLog
    self.isEmbedded = isEmbedded
    self.cluster = cluster
    self.watch = watch
  }

  deinit {
    watch.stop()
    if cluster == nil {
      for name in [namespace, state] {
        _ = try? Command(["kubectl", "--kubeconfig", "\(root)/kubeconfig", "delete", "namespace", name, "--wait=false"], in: "/tmp")
      }
      usleep(500_000)
    }
    cluster?.stop()
    try? FileManager.default.removeItem(atPath: root)
  }

  static func service(_ namespace: String, selector: String = #"{"app":"web","tagflip.dev/color":"none"}"#) -> String {
    """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"\(namespace)"},"spec":{"selector":\(selector),
     "ports":[{"name":"http","port":80,"targetPort":8080}]}}
    """
  }

  private static func prepare(_ root: String, _ namespace: String, _ state: String, _ service: String) async throws {
    let namespaces = [namespace, state].map { #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#($0)"}}"# }
    for (index, object) in (namespaces + [service]).enumerated() {
      try Data(object.utf8).write(to: URL(filePath: "\(root)/object-\(index).json"))
      let words = ["kubectl", "--kubeconfig", "\(root)/kubeconfig", "create", "-f", "\(root)/object-\(index).json"]
      let command = try Command(words, in: root)
      let result = try await command.wait()
      guard result.status == 0 else { throw WorldFailure("kubectl create: \(result.errors)") }
    }
  }

  // MARK: The installation

  private func prepareRepository(_ plan: Plan) async throws {
    try await git("init", "--quiet", "--bare", "\(root)/releases.git")
    try await git("init", "--quiet", "--initial-branch=main", "\(root)/team")
    try write("team/tagflip.yaml", "services: [web]\n")
    try write("team/services/web/cutover.yaml", planText(plan))
    try write("team/services/web/manifests/web.yaml", Self.manifest([:], replicas: 2))
    try await inTeam("add", "--all")
    try await commit("Describe web")
    try await inTeam("push", "--quiet", "\(root)/releases.git", "main")
    try write("tagflip.yaml", settings())
    try write("state-key", "the key that this installation keeps to itself")
    let keygen = try await Command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tagflip", "-f", "\(root)/audit-key"], in: root)
      .wait()
    guard keygen.status == 0 else { throw WorldFailure("ssh-keygen: \(keygen.errors)") }
    let key = FileManager.default.contents(atPath: "\(root)/audit-key.pub").map { String(decoding: $0, as: UTF8.self) } ?? ""
    try write("allowed-signers", "tagflip@localhost namespaces=\"git\" \(key)")
  }

  /// From outside a real cluster the only way to a Service is through the API server.
  private var route: String { Self.realCluster == nil || isEmbedded ? "service" : "api" }

  /// A bake so short has few checks: one that nobody answered, on a machine that stood still, is no bad version. Bad ones fail far more.
  private func planText(_ plan: Plan) -> String {
    """
    extends: none
    namespace: \(namespace)
    service: web
    images: [{name: registry.example/web, tag: "{version}"}]
    imagesWait: 2s
    deploy: {readyWithin: 40s}
    smoke: {within: 20s, checks: [{path: /, json: {/service: web}}]}
    bake: {duration: \(plan.bake), interval: 100ms, minimumSamples: 5, failureRate: 30%, checks: [{path: /}]}
    standby: {warm: \(plan.standby), whenWarm: \(plan.whenWarm)}
    rollback: {drain: 200ms}
    first: \(plan.first)
    probes: {route: \(route)}
    \(plan.extra)
    """
  }

  var shortBake: String { planText(Plan()) }
  var longBake: String { planText(Plan(bake: "30s")) }

  func settings(_ extra: String = "") -> String {
    """
    installation: e2e
    repository: {url: releases.git, cache: cache/release}
    cluster: {kubeconfig: kubeconfig}
    state: {namespace: \(state), key: {file: state-key}}
    images: trusted
    audit: {signingKey: audit-key}
    \(extra)
    """
  }

  static func manifest(_ faults: [String: String], replicas: Int) -> String {
    let annotations = faults.sorted { $0.key < $1.key }.map { "fake/\($0.key): \"\($0.value)\"" }.joined(separator: ", ")
    return """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: \(replicas)
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}, annotations: {\(annotations)}}
          spec:
            containers:
              - name: web
                image: registry.example/web:latest
                ports: [{name: http, containerPort: 8080}]
                readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1}
      """
  }

  /// A CronJob and a Job, which act whether a Service sends users to them or not.
  static func acting(migration command: String = "succeed") -> String {
    func pods(_ name: String, _ command: String) -> String {
      """
      {metadata: {labels: {app: \(name)}}, spec: {restartPolicy: Never, containers: [
        {name: \(name), image: "registry.example/web:latest", command: [\(command)]}]}}
      """.replacing("\n", with: " ")
    }
    return """
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: nightly}
      spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: \(pods("nightly", "succeed"))}}}
      ---
      apiVersion: batch/v1
      kind: Job
      metadata: {name: migrate}
      spec: {backoffLimit: 0, template: \(pods("migrate", command))}

      """
  }

  func write(_ path: String, _ text: String) throws {
    let full = "\(root)/\(path)"
    try FileManager.default.createDirectory(
      atPath: String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)]), withIntermediateDirectories: true)
    try Data((text + "\n").utf8).write(to: URL(filePath: full))
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }

  // MARK: What people do

  /// Commits, tags and pushes a version; faults are knobs of the fake pods.
  func release(_ version: String, faults: [String: String] = [:], replicas: Int = 2, change: ((World) throws -> Void)? = nil) async throws {
    try write("team/services/web/manifests/web.yaml", Self.manifest(faults, replicas: replicas))
    try change?(self)
    try await inTeam("add", "--all")
    try await commit("Release \(version)")
    try await tag("web/v\(version)")
  }

  /// Takes the last commit back on the branch; tags stay where they are.
  func revert() async throws {
    try await inTeam("-c", "user.name=Team", "-c", "user.email=team@shop.example", "revert", "--no-edit", "HEAD")
    try await inTeam("push", "--quiet", "\(root)/releases.git", "main")
  }

  func tag(_ name: String, force: Bool = false) async throws {
    let identity = ["-c", "user.name=Team", "-c", "user.email=team@shop.example"]
    try await inTeam(identity + ["tag"] + (force ? ["--force"] : []) + ["--annotate", name, "--message", "Release \(name)"])
    try await inTeam(["push", "--quiet"] + (force ? ["--force"] : []) + ["\(root)/releases.git", "main", name])
  }

  func commit(_ message: String) async throws {
    try await inTeam(
      "-c", "user.name=Team", "-c", "user.email=team@shop.example", "commit", "--quiet", "--allow-empty", "--message", message)
  }

  func tagflip(_ words: String...) async throws -> Command.Result { try await start(words).wait() }

  /// A verb that reads the audit trail.
  func readTrail(_ words: String...) async throws -> Command.Result {
    try await Command([Self.tagflip, "audit"] + words + ["--repo", "\(root)/releases.git"], in: root).wait()
  }

  /// The trail against the cluster as it is, and against what its API server logged.
  func verifyLive(_ words: String...) async throws -> Command.Result {
    let logs = apiLog.map { ["--api-log", $0] } ?? []
    return try await start(["audit", "verify", "--repo", "\(root)/releases.git", "--cluster"] + logs + words).wait()
  }

  /// A verb in the background.
  func start(_ words: [String]) throws -> Command {
    try Command([Self.tagflip] + words + ["--settings", "\(root)/tagflip.yaml"], in: root)
  }

  func kubectl(_ words: String...) async throws -> String { try await kubectl(words, namespace: namespace) }
  /// In another namespace, or in those that the objects name.
  func kubectl(_ words: String..., namespace: String?) async throws -> String { try await kubectl(words, namespace: namespace) }

  func kubectl(_ words: [String], namespace: String?) async throws -> String {
    let place = namespace.map { ["-n", $0] } ?? []
    let result = try await Command(["kubectl", "--kubeconfig", "\(root)/kubeconfig"] + place + words, in: root).wait()
    guard result.status == 0 else { throw WorldFailure("kubectl \(words.joined(separator: " ")): \(result.errors)") }
    return result.output
  }

  /// Waits until something holds; gives up, loudly, after a minute.
  func wait(
    until what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
  ) async throws {
    let limit = ContinuousClock.now + .seconds(60)
    while try await !condition() {
      guard ContinuousClock.now < limit else {
        Issue.record("it never came about: \(what)", sourceLocation: sourceLocation)
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Waits until a program that runs in the background has said something.
  func wait(until run: Command, says text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await wait(until: "\(text), of \(run.errors)", sourceLocation: sourceLocation) { run.errors.contains(text) }
  }

  // MARK: What there is to see

  /// The color in the active Service's selector.
  func activeColor() async throws -> String {
    try await kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector.tagflip\\.dev/color}")
  }

  func replicas(_ color: String) async throws -> String {
    try await kubectl("get", "deployment", "web-\(color)", "-o", "jsonpath={.spec.replicas}")
  }

  /// The audit branch's subjects, oldest first.
  func log() async throws -> [String] {
    try await audit("log", "--reverse", "--format=%s").split(separator: "\n").map(String.init)
  }

  func audit(_ words: String...) async throws -> String {
    let (verb, rest) = (words[0], Array(words.dropFirst()))
    return try await gitOutput(["-C", "\(root)/releases.git", verb] + rest + ["tagflip/audit"])
  }

  /// The values of a trailer over the whole log, oldest first; empty where a commit lacks it.
  func trailers(_ name: String) async throws -> [String] {
    try await audit("log", "--reverse", "--format=%(trailers:key=\(name),valueonly,separator=%x2C)").split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }

  /// Every selector that the active Service ever had, as a watch saw them.
  var selectors: [JSON] { watch.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) } }

  func gitOutput(_ words: [String]) async throws -> String {
    let result = try await Command(["git"] + words, in: root).wait()
    guard result.status == 0 else { throw WorldFailure("git \(words.joined(separator: " ")): \(result.errors)") }
    return result.output
  }

  private func git(_ words: String...) async throws { _ = try await gitOutput(words) }
  private func inTeam(_ words: String...) async throws { try await inTeam(words) }
  private func inTeam(_ words: [String]) async throws { _ = try await gitOutput(["-C", "\(root)/team"] + words) }
}
