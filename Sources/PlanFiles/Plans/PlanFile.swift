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
    "rollback", "first", "headroom", "probes",
  ]
  /// The keys of its nested objects, by path.
  static let nestedKeys: [String: [String]] = [
    "images": ["name", "tag", "digest"], "deploy": ["readyWithin"], "smoke": ["checks", "within"],
    "bake": ["duration", "interval", "checks", "failureRate", "minimumSamples", "consecutiveFailures", "restarts", "commonCause"],
    "standby": ["warm", "whenWarm"], "rollback": ["drain"], "probes": ["route", "activeURL", "previewURL"],
  ]
  /// Keys that are planned and that this version does not carry out: refused by name, never passed over.
  private static let later = [
    "identity": "leave it out: both colors share their ServiceAccounts", "runs": "leave such objects out of the manifests",
    "approval": "leave it out: no approval is asked for yet", "overlap": "leave it out", "connections": "leave it out",
    "previewReplicas": "leave it out: the new color gets the active color's size",
  ]

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
      probes: probes())
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

  private func rollback() -> RollbackRules {
    let object = nested("rollback")
    return RollbackRules(drainMs: object.milliseconds("drain") ?? 10_000)
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
