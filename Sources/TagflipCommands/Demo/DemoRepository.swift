import FoundationEssentials

/// The demo's release repo: a bare repository, and a clone in which a team works.
struct DemoRepository {
  let root: String

  private var clone: String { "\(root)/team" }

  var bare: String { "\(root)/releases.git" }

  func prepare() async throws {
    try await git(in: root, "init", "--quiet", "--bare", "releases.git")
    try await git(in: root, "init", "--quiet", "--initial-branch=main", "team")
    try await git("config", "user.name", "Demo Team")
    try await git("config", "user.email", "team@shop.example")
    try await git("config", "commit.gpgsign", "false")
    try await git("config", "tag.gpgsign", "false")
    try await git("config", "gpg.format", "ssh")
    try await git("config", "user.signingkey", "\(root)/team-key")
    try await git("remote", "add", "origin", bare)
    try write("tagflip.yaml", "services: [web]\n")
    try write("templates/standard.yaml", Self.template)
    try write("services/web/cutover.yaml", Self.plan)
    try write("services/web/manifests/web.yaml", Self.manifest(faults: [:]))
    try await git("add", "--all")
    try await git("commit", "--quiet", "--message", "Describe the service web")
    try await git("push", "--quiet", "origin", "main")
  }

  /// What a team does to release: commit, tag, push the tag.
  func release(_ version: String, _ message: String, faults: [String: String] = [:]) async throws {
    try write("services/web/manifests/web.yaml", Self.manifest(faults: faults))
    try await git("add", "--all")
    try await git("commit", "--quiet", "--allow-empty", "--message", message)
    try await git("tag", "--sign", "web/v\(version)", "--message", message)
    try await git("push", "--quiet", "origin", "main", "web/v\(version)")
  }

  func log() async throws -> String {
    try await ChildProcess(
      arguments: ["git", "-C", bare, "log", "--reverse", "--format=%h  %s", "tagflip/audit"], folder: root
    ).succeed()
  }

  /// What `git` says of each commit's signature, with the bot's key as the only one that is trusted: `G` for a good one.
  func signatures() async throws -> [String] {
    let trust = "gpg.ssh.allowedSignersFile=\(root)/allowed-signers"
    return try await ChildProcess(arguments: ["git", "-C", bare, "-c", trust, "log", "--format=%G?", "tagflip/audit"], folder: root)
      .succeed().split(separator: "\n").map(String.init)
  }

  /// The key that signs the audit branch, `audit-key`, and the file that an auditor would trust it by, `allowed-signers`; the team's,
  /// `team-key`, and the file that lets it release, `release-signers`; and the key that the installation keeps to itself, `state-key`.
  func makeKeys() async throws {
    try await makeKey("audit-key", of: "tagflip@localhost", allowedBy: "allowed-signers")
    try await makeKey("team-key", of: "team@shop.example", allowedBy: "release-signers")
    var random = SystemRandomNumberGenerator()
    let secret = (0..<4).map { _ in String(UInt64.random(in: .min ... .max, using: &random), radix: 16) }.joined()
    try Data(secret.utf8).write(to: URL(filePath: "\(root)/state-key"))
  }

  private func makeKey(_ name: String, of principal: String, allowedBy file: String) async throws {
    try await ChildProcess(
      arguments: ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", principal, "-f", "\(root)/\(name)"], folder: root
    ).succeed()
    let key = FileManager.default.contents(atPath: "\(root)/\(name).pub").map { String(decoding: $0, as: UTF8.self) } ?? ""
    try Data("\(principal) namespaces=\"git\" \(key)".utf8).write(to: URL(filePath: "\(root)/\(file)"))
  }

  /// A file of the audit branch.
  func audited(_ path: String) async throws -> String {
    try await ChildProcess(arguments: ["git", "-C", bare, "show", "tagflip/audit:\(path)"], folder: root).succeed()
  }

  func files(under folder: String) async throws -> [String] {
    let arguments = ["git", "-C", bare, "ls-tree", "-r", "--name-only", "tagflip/audit", folder]
    return try await ChildProcess(arguments: arguments, folder: root).succeed().split(separator: "\n").map(String.init)
  }

  private func git(_ arguments: String...) async throws { try await git(in: clone, arguments) }
  private func git(in folder: String, _ arguments: String...) async throws { try await git(in: folder, arguments) }

  private func git(in folder: String, _ arguments: [String]) async throws {
    try await ChildProcess(arguments: ["git", "-C", folder] + arguments, folder: root).succeed()
  }

  private func write(_ path: String, _ text: String) throws {
    let full = "\(clone)/\(path)"
    let parent = String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)])
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: full))
  }

  /// Short bakes and drains, so that a whole story fits into a minute.
  private static let template = """
    deploy: {readyWithin: 1m}
    smoke:
      within: 30s
      checks:
        - {path: /healthz, times: 3}
        - {path: /, json: {/service: web}, times: 3}
    bake:
      duration: 5s
      interval: 250ms
      failureRate: 5%
      checks:
        - {path: /}
    standby: {warm: 15m, whenWarm: replace}
    rollback: {drain: 2s}
    """

  private static let plan = """
    extends: standard
    namespace: shop
    service: web
    images:
      - {name: registry.example/shop/web, tag: "{version}"}

    """

  /// The Deployment; faults are knobs that the embedded cluster's pods read from their annotations.
  private static func manifest(faults: [String: String]) -> String {
    let annotations = faults.sorted { $0.key < $1.key }.map { "fake/\($0.key): \"\($0.value)\"" }.joined(separator: ", ")
    return """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 3
        selector:
          matchLabels: {app: web}
        template:
          metadata:
            labels: {app: web}
            annotations: {\(annotations)}
          spec:
            containers:
              - name: web
                image: registry.example/shop/web:latest
                ports: [{name: http, containerPort: 8080}]
                readinessProbe:
                  httpGet: {path: /readyz, port: http}
                  periodSeconds: 1

      """
  }
}
