import ReleaseEngine
import ReleaseModel
import Yams

/// One service's plan: its own file over the template over the catalog's defaults, checked against the floors.
struct PlanFile {
  private let root: LayeredObject
  private let problems: Problems
  private let service: ServiceName
  private let settings: Settings
  private let sources: PlanSources

  /// The keys of `cutover.yaml`, of templates and of `defaults`.
  static let keys = [
    "extends", "namespace", "service", "preview", "port", "images", "imagesWait", "prereleases", "deploy", "smoke", "bake", "standby",
    "rollback", "first", "headroom", "previewReplicas", "probes", "runs", "identity", "connections",
    "overlap",
  ]
  /// The keys of its nested objects, by path.
  static let nestedKeys: [String: [String]] = [
    "images": ["name", "tag", "digest"], "deploy": ["readyWithin"], "smoke": ["checks", "within"],
    "bake": ["duration", "interval", "checks", "failureRate", "minimumSamples", "consecutiveFailures", "restarts", "commonCause"],
    "standby": ["warm", "whenWarm"], "rollback": ["drain"], "probes": ["route", "activeURL", "previewURL"],
    "runs": ["kind", "name", "runs", "within", "backwardCompatible"],
  ]
  /// Keys that are planned and that this version does not carry out: refused by name, never passed over.
  private static let later = ["approval": "leave it out: no approval is asked for yet"]
  /// How long users may reach both colors, in milliseconds: a cutover that is not atomic is to end, and no pause of a release.
  private static let overlaps = 1000...3_600_000

  init(_ sources: PlanSources, service: ServiceName, settings: Settings) {
    let problems = Problems(attempted: "read the plan of \(service)")
    let known = Self.keys + Array(Self.later.keys)
    var layers = [YAMLObject(sources.own.node, file: sources.own.path, problems: problems, known: known, what: "the plan")]
    if let template = sources.template {
      layers.append(YAMLObject(template.node, file: template.path, problems: problems, known: known, what: "the template"))
    }
    if let defaults = sources.defaults.node.mapping?["defaults"] {
      layers.append(YAMLObject(defaults, file: sources.defaults.path, problems: problems, known: known, what: "defaults"))
    }
    root = LayeredObject(layers, problems: problems)
    self.problems = problems
    self.service = service
    self.settings = settings
    self.sources = sources
  }

  /// Where the service lives, and nothing else: what is wrong beside it is the fault of the tag that carries it.
  func place() throws(PortError) -> Place {
    let elsewhere = problems.all.count
    let place = readPlace()
    try problems.throwIfAny(after: elsewhere)
    return place
  }

  /// The namespace and the Services of a plan.
  struct Place {
    var namespace: String
    var activeService: String
    var previewService: String
  }

  private func readPlace() -> Place {
    let namespace = label("namespace")
    if namespace == nil && root.find("namespace") == nil {
      problems.add("namespace is missing", at: SourceLocation(file: sources.own.path), hint: "say where the service lives: namespace: NAME")
    }
    let active = label("service") ?? service.text
    return Place(namespace: namespace ?? "", activeService: active, previewService: label("preview") ?? "\(active)-preview")
  }

  /// - Throws: every problem of the files at once.
  func plan() throws(PortError) -> ServicePlan {
    for (key, hint) in Self.later.sorted(by: { $0.key < $1.key }) where root.find(key) != nil {
      problems.add("\(key) is not supported yet", at: root.location(key), hint: hint)
    }
    let place = readPlace()
    let plan = ServicePlan(
      service: service, namespace: place.namespace, activeService: place.activeService, previewService: place.previewService,
      port: root.string("port"), images: images(), imagesWaitMs: root.milliseconds("imagesWait") ?? 1_800_000,
      prereleases: root.bool("prereleases") ?? false, deploy: deploy(), smoke: smoke(), bake: bake(), standby: standby(),
      rollback: rollback(),
      first: root.choice("first", FirstRelease.self) ?? .stay, headroom: root.choice("headroom", HeadroomMode.self) ?? .require,
      previewReplicas: root.int("previewReplicas", in: 1...10_000), probes: probes(), runs: runs(),
      identity: root.choice("identity", PodIdentity.self).flatMap { $0 == .shared ? nil : $0 },
      connections: root.choice("connections", Connections.self), overlapMs: overlap())
    if plan.previewService == plan.activeService {
      problems.add("preview and service are the same Service", at: root.location("preview"), hint: "give the preview Service another name")
    }
    for objection in settings.floors.objections(to: plan) {
      problems.add(
        objection.reason, at: root.location(objection.key), hint: "plans may only be stricter than the floors of the settings")
    }
    try problems.throwIfAny()
    return plan
  }

  private func label(_ key: String) -> String? {
    guard let text = root.string(key) else { return nil }
    if ServiceName.isLabel(text) { return text }
    problems.add("\(key): \"\(PlainText.line(text, longest: 80))\" is no DNS label", at: root.location(key))
    return nil
  }

  private func images() -> [ImageRule] {
    (root.objects("images", known: Self.nestedKeys["images"] ?? [], what: "an image") ?? []).compactMap { entry in
      let object = LayeredObject([entry], problems: problems)
      let rule = ImageRule(name: object.string("name") ?? "", tag: object.string("tag"), digest: object.string("digest"))
      if rule.name.isEmpty || rule.name.contains("@") || ImageReference(rule.name)?.tag != nil {
        problems.add(
          "an image's name is registry and repository alone", at: entry.location("name"), hint: "such as registry.example/shop/web")
      } else if (rule.tag == nil) == (rule.digest == nil) {
        problems.add("an image needs a tag or a digest", at: entry.location(), hint: "such as tag: \"{version}\"")
      } else if let digest = rule.digest, !ImageReference.isDigest(digest) {
        problems.add("digest must be sha256: and 64 hexadecimal digits", at: entry.location("digest"))
      } else if let tag = rule.tag, !ImageReference.isTag(tag.replacing("{version}", with: "1.0.0")) {
        problems.add("\"\(PlainText.line(tag, longest: 80))\" cannot be an image's tag", at: entry.location("tag"))
      } else {
        return rule
      }
      return nil
    }
  }

  private func nested(_ key: String) -> LayeredObject { root.nested(key, known: Self.nestedKeys[key] ?? []) }

  private func deploy() -> DeployRules {
    let object = nested("deploy")
    return DeployRules(readyWithinMs: object.milliseconds("readyWithin") ?? 600_000)
  }

  private func smoke() -> SmokeGate {
    let object = nested("smoke")
    return SmokeGate(checks: CheckReader(problems: problems).checks(object), withinMs: object.milliseconds("within") ?? 120_000)
  }

  private func bake() -> BakeGate {
    let object = nested("bake")
    let standard = BakeGate()
    let gate = BakeGate(
      durationMs: object.milliseconds("duration") ?? standard.durationMs,
      intervalMs: object.milliseconds("interval") ?? standard.intervalMs,
      checks: CheckReader(problems: problems).checks(object), failureRate: object.rate("failureRate") ?? standard.failureRate,
      minimumSamples: object.int("minimumSamples", in: 1...10_000) ?? standard.minimumSamples,
      consecutiveFailures: object.int("consecutiveFailures", in: 1...1000) ?? standard.consecutiveFailures,
      restarts: object.int("restarts", in: 0...1000) ?? standard.restarts,
      commonCause: object.choice("commonCause", CommonCause.self) ?? standard.commonCause)
    if gate.intervalMs < 50 { problems.add("bake.interval is shorter than 50ms", at: object.location("interval")) }
    return gate
  }

  private func standby() -> StandbyRules {
    let object = nested("standby")
    return StandbyRules(
      warmMs: object.milliseconds("warm") ?? 900_000, whenWarm: object.choice("whenWarm", StandbyRules.WhenWarm.self) ?? .wait)
  }

  private func overlap() -> Int? {
    guard let ms = root.milliseconds("overlap") else { return nil }
    if Self.overlaps.contains(ms) { return ms }
    problems.add("overlap must be from 1s to 1h", at: root.location("overlap"), hint: "leave it out for one atomic flip")
    return nil
  }

  private func rollback() -> RollbackRules {
    let object = nested("rollback")
    return RollbackRules(drainMs: object.milliseconds("drain") ?? 10_000)
  }

  private func runs() -> [RunRule]? {
    guard let entries = root.objects("runs", known: Self.nestedKeys["runs"] ?? [], what: "what runs without the Service") else {
      return nil
    }
    var rules: [RunRule] = []
    for entry in entries {
      guard let rule = runRule(entry) else { continue }
      if rules.contains(where: { $0.kind == rule.kind && $0.name == rule.name }) {
        problems.add("runs: \(rule.kind.rawValue) \(rule.name) is there twice", at: entry.location("name"))
      }
      rules.append(rule)
    }
    return rules.isEmpty ? nil : rules
  }

  private func runRule(_ entry: YAMLObject) -> RunRule? {
    let object = LayeredObject([entry], problems: problems)
    guard let kind = object.choice("kind", RunRule.Kind.self), let runs = object.choice("runs", RunRule.Time.self) else {
      for key in ["kind", "runs"] where object.find(key) == nil {
        problems.add("runs: \(key) is missing", at: entry.location(), hint: "such as {kind: Deployment, name: worker, runs: when-active}")
      }
      return nil
    }
    let name = object.string("name") ?? ""
    if name.isEmpty {
      problems.add("runs: name is missing", at: entry.location(), hint: "the object's name, as the manifests have it")
      return nil
    }
    let isCompatible = object.bool("backwardCompatible")
    switch (kind, runs) {
    case (.job, .beforeCutover):
      if isCompatible != true {
        problems.add(
          "runs: Job \(name) needs backwardCompatible: true", at: entry.location("runs"),
          hint: "the live version goes on with what it leaves, and data is never rolled back: say that it can")
      }
    case (.deployment, .whenActive), (.cronJob, .whenActive):
      if isCompatible != nil {
        problems.add("runs: backwardCompatible is a Job's to say", at: entry.location("backwardCompatible"), hint: "leave it out")
      }
    case (.job, .whenActive), (.deployment, .beforeCutover), (.cronJob, .beforeCutover):
      problems.add(
        "runs: a \(kind.rawValue) cannot run \(runs.rawValue)", at: entry.location("runs"),
        hint: "Deployments and CronJobs run when-active, Jobs before-cutover")
    }
    let within = object.milliseconds("within") ?? RunRule.standardWithinMs
    if within < 1000 { problems.add("runs.within is shorter than 1s", at: entry.location("within")) }
    return RunRule(kind: kind, name: name, runs: runs, withinMs: within)
  }

  private func probes() -> ProbeRules {
    let object = nested("probes")
    let rules = ProbeRules(
      route: object.choice("route", ProbeRules.Route.self) ?? .service, activeURL: object.string("activeURL"),
      previewURL: object.string("previewURL"))
    if rules.route == .url && rules.activeURL == nil {
      problems.add("probes.route: url needs activeURL", at: object.location("route"), hint: "say where users reach the service")
    }
    for (key, url) in [("activeURL", rules.activeURL), ("previewURL", rules.previewURL)] {
      guard let url else { continue }
      if let reason = ProbeHost(url).refusal(settings.policy) { problems.add("probes.\(key): \(reason)", at: object.location(key)) }
    }
    return rules
  }
}
