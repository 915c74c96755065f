import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What an environment must be so that two of them can stand side by side. Each complaint names the file and what to do.
struct EnvironmentRules: Sendable {
  let objects: [SourceObject]
  let plan: ServicePlan

  func check() throws(PortError) {
    guard objects.contains(where: { $0.kind == .deployment && rule(of: $0) == nil }) else {
      throw PortError(
        .configuration, attempted: "render \(plan.service)", reason: "the manifests hold no Deployment",
        hint: "a color needs at least one Deployment that the Service \(plan.activeService) selects",
        location: SourceLocation(file: "services/\(plan.service)/manifests"))
    }
    var seen: Set<String> = []
    for object in objects {
      guard seen.insert("\(object.kind)/\(object.name)").inserted else { throw object.refusal("it is there twice") }
      try checkName(object)
      try checkReserved(object)
      try checkKind(object)
    }
    try checkSelectors()
    try checkRuns()
  }

  private func rule(of object: SourceObject) -> RunRule? { object.kind.runKind.flatMap { plan.runRule($0, object.name) } }

  /// Each rule is about an object that is there, and each object that acts by itself has its rule.
  private func checkRuns() throws(PortError) {
    for rule in plan.runs ?? [] where !objects.contains(where: { $0.kind.runKind == rule.kind && $0.name == rule.name }) {
      let there = objects.filter { $0.kind.runKind == rule.kind }.map(\.name).sorted()
      throw PortError(
        .configuration, attempted: "render \(plan.service)",
        reason: "runs names \(rule.kind.rawValue) \(rule.name), which the manifests lack",
        hint: there.isEmpty ? "they hold no \(rule.kind.rawValue)" : "they hold: \(there.joined(separator: ", "))",
        location: SourceLocation(file: "services/\(plan.service)/cutover.yaml"))
    }
    for object in objects where object.kind == .job || object.kind == .cronJob {
      guard rule(of: object) != nil else {
        throw object.refusal(
          "it acts without the Service: it would run in both colors at once", hint: "say in cutover.yaml when it runs: runs")
      }
      if object.kind == .job { try checkJob(object) }
    }
    for scaler in objects where scaler.kind == .horizontalPodAutoscaler {
      let name = scaler.json["spec", "scaleTargetRef", "name"]?.string ?? ""
      guard plan.runRule(.deployment, name) != nil else { continue }
      throw scaler.refusal(
        "it sizes the Deployment \(name), which runs only while users are on its color and is held at 0 else",
        hint: "leave the autoscaler out, or declare the Deployment no more in runs")
    }
  }

  private func checkJob(_ job: SourceObject) throws(PortError) {
    if job.json["spec", "ttlSecondsAfterFinished"]?.int != nil {
      throw job.refusal(
        "it is deleted some time after it ended, and its result with it",
        hint: "leave ttlSecondsAfterFinished out: the next release deletes it")
    }
    if job.json["spec", "suspend"]?.bool == true {
      throw job.refusal("it is suspended, so that it would never end", hint: "leave suspend out")
    }
    if job.json["spec", "selector"] != nil || job.json["spec", "manualSelector"]?.bool == true {
      throw job.refusal("it chooses its pods by a selector of its own", hint: "leave spec.selector and spec.manualSelector out")
    }
  }

  private func checkName(_ object: SourceObject) throws(PortError) {
    guard !object.kind.isShared(plan.identity) else { return }
    // A CronJob's Jobs are named after it, with eleven characters more; a Job's name is a label of its pods.
    let longest = object.kind == .service || object.kind == .job ? 63 : object.kind == .cronJob ? 52 : 253
    let names = Color.allCases.map { $0.name(object.name) }
    if let long = names.first(where: { $0.utf8.count > longest }) {
      throw object.refusal("\(long) is longer than \(longest) characters", hint: "shorten the name: the color is appended to it")
    }
    guard object.kind == .service else { return }
    if object.name == plan.activeService || object.name == plan.previewService {
      throw object.refusal(
        "the Service \(object.name) is not part of an environment: both colors stand behind it",
        hint: "leave it out of the manifests; tagflip points it at one color")
    }
    if let clash = names.first(where: { $0 == plan.activeService || $0 == plan.previewService }) {
      throw object.refusal("with its color it would be the Service \(clash), which is not part of an environment", hint: "rename it")
    }
  }

  /// Labels of the bot's prefix say who made what; nobody else gives them.
  private func checkReserved(_ object: SourceObject) throws(PortError) {
    let json = object.json
    if let key = json.annotations.keys.sorted().first(where: { $0.hasPrefix(Marker.prefix) }) {
      throw object.refusal("it uses the annotation \(key)", hint: "leave annotations under \(Marker.prefix) out: tagflip gives them")
    }
    let places: [[String: String]?] = [
      json.labels, object.podLabels, json["spec", "jobTemplate", "metadata", "labels"]?.strings, json["spec", "selector"]?.strings,
      json["spec", "selector", "matchLabels"]?.strings,
    ]
    let keys = places.compactMap(\.self).flatMap(\.keys)
    guard let key = keys.sorted().first(where: { $0.hasPrefix(Marker.prefix) }) else { return }
    throw object.refusal("it uses the label \(key)", hint: "leave labels under \(Marker.prefix) out: tagflip gives them")
  }

  private func checkKind(_ object: SourceObject) throws(PortError) {
    switch object.kind {
    case .deployment: try checkDeployment(object)
    case .service: try checkService(object)
    case .serviceAccount: try checkServiceAccount(object)
    case .horizontalPodAutoscaler: try checkAutoscaler(object)
    case .configMap, .secret, .podDisruptionBudget, .job, .cronJob: break
    }
  }

  private func checkDeployment(_ object: SourceObject) throws(PortError) {
    guard let query = LabelQuery(object.json["spec", "selector"]), !query.isEmpty else {
      throw object.refusal("it has no spec.selector", hint: "write spec.selector.matchLabels, the same labels as in spec.template")
    }
    guard query.matches(object.podLabels ?? [:]) else {
      throw object.refusal("its spec.selector does not match the labels of its own pods (spec.template.metadata.labels)")
    }
    if object.json["spec", "paused"]?.bool == true {
      throw object.refusal("it is paused, so that its pods would never come", hint: "leave spec.paused out")
    }
  }

  /// What can exist only once cannot be part of two colors.
  private func checkService(_ object: SourceObject) throws(PortError) {
    let spec = object.json["spec"] ?? .null
    if let address = spec["clusterIP"]?.string, address != "None", !address.isEmpty {
      throw object.refusal("it asks for the address \(address), which two colors cannot both have", hint: "leave spec.clusterIP out")
    }
    let fixed = (spec["ports"]?.array ?? []).compactMap { $0["nodePort"]?.int }
    if let port = fixed.first {
      throw object.refusal("it asks for the node port \(port), which two colors cannot both have", hint: "leave nodePort out")
    }
  }

  /// A shared ServiceAccount cannot name a Secret that has a color in its name.
  private func checkServiceAccount(_ object: SourceObject) throws(PortError) {
    guard object.kind.isShared(plan.identity) else { return }
    let own = Set(objects.filter { $0.kind == .secret }.map(\.name))
    let named = ["imagePullSecrets", "secrets"].flatMap { object.json[$0]?.array ?? [] }.compactMap { $0["name"]?.string }
    guard let secret = named.first(where: own.contains) else { return }
    throw object.refusal(
      "it names the Secret \(secret), which each color has for itself, while both share the ServiceAccount",
      hint:
        "name it in the pod template (imagePullSecrets), keep the Secret outside the environment, or say identity: per-color in the plan")
  }

  private func checkAutoscaler(_ object: SourceObject) throws(PortError) {
    let target = object.json["spec", "scaleTargetRef"] ?? .null
    let deployments = objects.filter { $0.kind == .deployment }.map(\.name)
    guard target["kind"]?.string == "Deployment", let name = target["name"]?.string, deployments.contains(name) else {
      throw object.refusal(
        "it sizes \(target["kind"]?.string ?? "?") \(target["name"]?.string ?? "?"), which is no Deployment of this environment",
        hint: "the Deployments are: \(deployments.joined(separator: ", "))")
    }
    let rivals = objects.filter { $0.kind == .horizontalPodAutoscaler && $0.json["spec", "scaleTargetRef", "name"]?.string == name }
    if rivals.count > 1 { throw object.refusal("more than one HorizontalPodAutoscaler sizes the Deployment \(name)") }
  }

  /// A selector over pods must mean this environment's, and each Deployment only its own.
  private func checkSelectors() throws(PortError) {
    let deployments = objects.filter { $0.kind.templatePath != nil }
    for object in objects {
      switch object.kind {
      case .deployment:
        let query = LabelQuery(object.json["spec", "selector"])
        let others = deployments.filter { $0.name != object.name || $0.kind != object.kind }
        if let other = others.first(where: { query?.matches($0.podLabels ?? [:]) == true }) {
          throw object.refusal(
            "its spec.selector also matches the pods of the \(other.kind.resource.kind) \(other.name)",
            hint: "add a label that tells them apart")
        }
      case .podDisruptionBudget:
        let query = LabelQuery(object.json["spec", "selector"])
        guard deployments.contains(where: { query?.matches($0.podLabels ?? [:]) == true }) else {
          throw object.refusal("its spec.selector matches no pods of this environment")
        }
      case .service:
        guard let selector = object.json["spec", "selector"]?.strings, !selector.isEmpty else { continue }
        let query = LabelQuery(labels: selector)
        guard deployments.contains(where: { query.matches($0.podLabels ?? [:]) }) else {
          throw object.refusal("its spec.selector matches no pods of this environment")
        }
      case .configMap, .secret, .serviceAccount, .horizontalPodAutoscaler, .job, .cronJob: break
      }
    }
  }
}
