package import ReleaseEngine
package import ReleaseModel
import Yams

/// The installation's settings, `config/tagflip.yaml`.
package struct SettingsFile {
  private let file: String
  private let folder: String
  let problems: Problems

  private init(file: String) {
    self.file = file
    folder = file.contains("/") ? String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) : "."
    problems = Problems(attempted: "read the settings")
  }

  /// The settings that a file holds.
  /// - Parameter path: for messages, and for the relative paths in the file.
  package static func settings(_ bytes: [UInt8], path: String) throws(PortError) -> Settings {
    try SettingsFile(file: path).read(bytes)
  }

  /// The keys of each object, by path; those of `remote` are the repository's.
  static let keys: [String: [String]] = [
    "": [
      "installation", "repository", "audit", "cluster", "state", "policy", "images", "floors", "tags", "operators", "freezes", "notices",
      "run", "drift",
    ],
    "repository": ["url", "branch", "username", "password", "certificateAuthority", "identity", "cache"],
    "audit": ["remote", "branch", "author", "signingKey"], "author": ["name", "email"],
    "cluster": ["name", "kubeconfig", "context", "nodes"],
    "state": ["namespace", "key"], "policy": ["namespaces", "serviceAccounts", "secrets", "hosts"],
    "floors": ["bake", "failureRate", "standby", "gates"], "freezes": ["from", "until", "reason", "services"],
    "tags": ["services", "require", "signers", "revoked", "keyring", "onBranch", "signedCommit"],
    "operators": ["signers", "revoked", "secondPerson"], "notices": ["webhook", "heartbeat"], "run": ["deadline", "lease"],
    "drift": ["every"],
    "password": ["file", "environment"], "images": ["config", "registries"],
    "registries": ["host", "config", "certificateAuthority", "insecure"],
  ]

  func known(_ key: String) -> [String] { Self.keys[key] ?? [] }

  private func read(_ bytes: [UInt8]) throws(PortError) -> Settings {
    guard let node = try YAMLText.documents(bytes, file: file, attempted: problems.attempted).first else {
      throw PortError(
        .configuration, attempted: problems.attempted, reason: "the file is empty", hint: "begin with the sample config/tagflip.yaml",
        location: SourceLocation(file: file))
    }
    let root = LayeredObject(
      [YAMLObject(node, file: file, problems: problems, known: known(""), what: "the settings")], problems: problems)
    let repository = remote(root, "repository", cacheName: "release", isRequired: true)
    let state = root.nested("state", known: known("state"))
    let notices = notices(root)
    let text = SettingsText(bytes).without([notices.webhook, notices.heartbeat])
    if text == nil {
      problems.add(
        "an address under notices must stand in one line as it is, so that it can be left out of the record", at: root.location("notices"),
        hint: "put it in a file: webhook: {file: PATH}")
    }
    let settings = Settings(
      installation: demand(root, "installation"), repository: repository ?? RepositorySettings(url: "", cache: ""), audit: audit(root),
      cluster: cluster(root), stateNamespace: demand(state, "namespace", of: "state", root),
      stateKey: secret(state, "key"), policy: policy(root), images: images(root), floors: floors(root), tags: tags(root),
      operators: operators(root),
      freezes: freezes(root), notices: notices,
      runDeadlineMs: root.nested("run", known: known("run")).milliseconds("deadline") ?? 7_200_000, leaseMs: lease(root),
      driftEveryMs: driftEvery(root), text: text ?? [])
    try problems.throwIfAny()
    return settings
  }

  /// Shorter than a second or two, a slow answer would cost a living run its Lease.
  private func lease(_ root: LayeredObject) -> Int {
    let run = root.nested("run", known: known("run"))
    let ms = run.milliseconds("lease") ?? Settings.standardLeaseMs
    if ms < 3000 || ms > 300_000 {
      problems.add("run.lease must be between 3s and 5m", at: run.location("lease"), hint: "leave it out for 30s")
    }
    return ms
  }

  /// Nil for `off`. More often than once a minute would cost more than it tells.
  private func driftEvery(_ root: LayeredObject) -> Int? {
    let drift = root.nested("drift", known: known("drift"))
    guard let (node, _) = drift.find("every") else { return Settings.standardDriftEveryMs }
    if node.scalar?.string == "off" { return nil }
    let ms = drift.milliseconds("every") ?? Settings.standardDriftEveryMs
    if ms < 60_000 || ms > 86_400_000 {
      problems.add("drift.every must be between 1m and 24h, or off", at: drift.location("every"), hint: "leave it out for 10m")
    }
    return ms
  }

  private func demand(_ object: LayeredObject, _ key: String, of parent: String? = nil, _ root: LayeredObject? = nil) -> String {
    if let text = object.string(key), !text.isEmpty { return text }
    let name = [parent, key].compactMap(\.self).joined(separator: ".")
    if problems.all.isEmpty || object.find(key) == nil {
      problems.add("\(name) is missing", at: SourceLocation(file: file), hint: "see the sample config/tagflip.yaml")
    }
    return ""
  }

  private func remote(
    _ root: LayeredObject, _ key: String, of parent: String? = nil, cacheName: String, isRequired: Bool
  ) -> RepositorySettings? {
    let path = [parent, key].compactMap(\.self).joined(separator: ".")
    guard root.find(key) != nil else {
      if isRequired { problems.add("\(path).url is missing", at: SourceLocation(file: file), hint: "name the release repo") }
      return nil
    }
    let object = root.nested(key, known: known("repository"))
    let url = demand(object, "url", of: path)
    if carriesPassword(url) {
      problems.add(
        "\(path).url holds a password", at: object.location("url"), hint: "write username: NAME and password: {file: PATH} beside it")
    }
    return RepositorySettings(
      url: resolvedURL(url), username: object.string("username"), password: secret(object, "password"),
      certificateAuthority: object.string("certificateAuthority").map(resolved), identity: object.string("identity").map(resolved),
      branch: object.string("branch") ?? "main", cache: resolved(object.string("cache") ?? "cache/\(cacheName)"))
  }

  /// Secrets are named, never written: the URL is shown in errors and records. A name in front of an HTTP host is as often a token.
  private func carriesPassword(_ url: String) -> Bool {
    guard let scheme = url.firstRange(of: "://") else { return false }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" }
    guard let end = authority.lastIndex(of: "@") else { return false }
    return url.lowercased().hasPrefix("http") || authority[..<end].contains(":")
  }

  /// A relative path is meant from the settings' folder; what has a scheme or a host is no path.
  private func resolvedURL(_ url: String) -> String {
    url.contains("://") || url.contains(":") ? url : resolved(url)
  }

  func resolved(_ path: String) -> String { path.hasPrefix("/") || path.isEmpty ? path : "\(folder)/\(path)" }

  private func secret(_ object: LayeredObject, _ key: String, allowsText: Bool = false) -> SecretReference? {
    guard let (node, _) = object.find(key) else { return nil }
    if allowsText, let text = node.scalar?.string { return .text(text) }
    let inner = object.nested(key, known: known("password"))
    if let path = inner.string("file") { return .file(resolved(path)) }
    if let name = inner.string("environment") { return .environment(name) }
    problems.add(
      "\(key) must say where the secret is found", at: object.location(key),
      hint: "write \(key): {file: PATH} or \(key): {environment: NAME}")
    return nil
  }

  private func audit(_ root: LayeredObject) -> AuditSettings {
    let object = root.nested("audit", known: known("audit"))
    let author = object.nested("author", known: known("author"))
    return AuditSettings(
      remote: remote(object, "remote", of: "audit", cacheName: "audit", isRequired: false),
      branch: object.string("branch") ?? "tagflip/audit",
      authorName: author.string("name") ?? "tagflip", authorEmail: author.string("email") ?? "tagflip@localhost",
      signingKey: object.string("signingKey").map(resolved))
  }

  private enum Nodes: String, CaseIterable {
    case fixed
    case autoscaled
  }

  private func cluster(_ root: LayeredObject) -> ClusterSettings {
    let object = root.nested("cluster", known: known("cluster"))
    return ClusterSettings(
      name: object.string("name") ?? "default", kubeconfig: object.string("kubeconfig").map(resolved), context: object.string("context"),
      fixedNodes: object.choice("nodes", Nodes.self) == .fixed)
  }

  private func policy(_ root: LayeredObject) -> Policy {
    let object = root.nested("policy", known: known("policy"))
    return Policy(
      namespaces: object.strings("namespaces") ?? [], serviceAccounts: object.strings("serviceAccounts") ?? [],
      secrets: object.strings("secrets") ?? [], hosts: object.strings("hosts") ?? [], trustsImages: trustsImages(root))
  }

  private func floors(_ root: LayeredObject) -> Floors {
    let object = root.nested("floors", known: known("floors"))
    var gates: [Floors.Gate] = []
    for name in object.strings("gates") ?? [] {
      if let gate = Floors.Gate(rawValue: name) {
        gates.append(gate)
      } else {
        let known = Floors.Gate.allCases.map(\.rawValue)
        problems.add("floors.gates: unknown gate \"\(name)\"", at: object.location("gates"), hint: Spelling.hint(name, known))
      }
    }
    return Floors(
      bakeMs: object.milliseconds("bake") ?? 0, failureRate: object.rate("failureRate") ?? 1,
      standbyMs: object.milliseconds("standby") ?? 0,
      gates: gates)
  }

  private func freezes(_ root: LayeredObject) -> [FreezeWindow] {
    (root.objects("freezes", known: known("freezes"), what: "a freeze") ?? []).compactMap { entry in
      let object = LayeredObject([entry], problems: problems)
      guard let from = object.string("from").flatMap({ Timestamp($0) }), let until = object.string("until").flatMap({ Timestamp($0) }),
        from < until
      else {
        problems.add("a freeze needs from and until, two RFC 3339 times in order", at: entry.location(), hint: "from: 2026-12-24T12:00:00Z")
        return nil
      }
      return FreezeWindow(from: from, until: until, reason: object.string("reason") ?? "freeze", services: names(object, "services"))
    }
  }

  private func tags(_ root: LayeredObject) -> [TagRule] {
    (root.objects("tags", known: known("tags"), what: "a rule for tags") ?? []).map { entry in
      let object = LayeredObject([entry], problems: problems)
      let rule = TagRule(
        services: names(object, "services"), requirement: object.choice("require", TagRule.Requirement.self) ?? .any,
        signers: object.string("signers").map(resolved), revoked: object.string("revoked").map(resolved),
        keyring: object.string("keyring").map(resolved), onBranch: object.bool("onBranch") ?? false,
        signedCommit: object.bool("signedCommit") ?? false)
      if rule.requirement == .signed || rule.signedCommit, rule.signers == nil, rule.keyring == nil {
        problems.add(
          "a rule that asks for signatures must say who may sign", at: entry.location(),
          hint: "name a file of SSH keys (signers, see ALLOWED SIGNERS in ssh-keygen(1)) or an OpenPGP keyring (keyring)")
      }
      return rule
    }
  }

  private func operators(_ root: LayeredObject) -> OperatorRules? {
    guard root.find("operators") != nil else { return nil }
    let object = root.nested("operators", known: known("operators"))
    guard let signers = object.string("signers"), !signers.isEmpty else {
      problems.add(
        "operators must say who may sign", at: object.location("signers"),
        hint: "name a file of SSH keys: operators: {signers: FILE} (see ALLOWED SIGNERS in ssh-keygen(1))")
      return nil
    }
    var actions: Set<OperatorRequest.Action> = []
    for name in object.strings("secondPerson") ?? [] {
      if let action = OperatorRequest.Action(rawValue: name) {
        actions.insert(action)
      } else {
        let known = OperatorRequest.Action.allCases.map(\.rawValue)
        problems.add(
          "operators.secondPerson: unknown request \"\(name)\"", at: object.location("secondPerson"), hint: Spelling.hint(name, known))
      }
    }
    return OperatorRules(signers: resolved(signers), revoked: object.string("revoked").map(resolved), secondPerson: actions)
  }

  /// Names of services. One that is none would make a rule for all services of one that was meant for some.
  private func names(_ object: LayeredObject, _ key: String) -> [ServiceName] {
    (object.strings(key) ?? []).compactMap { text in
      if let name = ServiceName(text) { return name }
      problems.add("\(key): \(text) is no service name", at: object.location(key))
      return nil
    }
  }

  private func notices(_ root: LayeredObject) -> NoticeSettings {
    let object = root.nested("notices", known: known("notices"))
    return NoticeSettings(
      webhook: secret(object, "webhook", allowsText: true), heartbeat: secret(object, "heartbeat", allowsText: true))
  }
}
