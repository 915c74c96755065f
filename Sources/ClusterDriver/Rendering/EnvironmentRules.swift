import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What an environment must be so that two of them can stand side by side. Each complaint names the file and what to do.
struct EnvironmentRules: Sendable {
  let objects: [SourceObject]
  let plan: ServicePlan

  func check() throws(PortError) {
    guard objects.contains(where: { $0.kind == .deployment }) else {
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
  }

  private func checkName(_ object: SourceObject) throws(PortError) {
    guard !object.kind.isShared else { return }
    let longest = object.kind == .service ? 63 : 253
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
    let places: [[String: String]?] = [
      json.labels, object.podLabels, json["spec", "selector"]?.strings, json["spec", "selector", "matchLabels"]?.strings,
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
    case .configMap, .secret, .podDisruptionBudget: break
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

  /// A ServiceAccount is shared, a Secret is not: it cannot name one that has a color in its name.
  private func checkServiceAccount(_ object: SourceObject) throws(PortError) {
    let own = Set(objects.filter { $0.kind == .secret }.map(\.name))
    let named = ["imagePullSecrets", "secrets"].flatMap { object.json[$0]?.array ?? [] }.compactMap { $0["name"]?.string }
    guard let secret = named.first(where: own.contains) else { return }
    throw object.refusal(
      "it names the Secret \(secret), which each color has for itself, while both share the ServiceAccount",
      hint: "name it in the Deployment's pod template (imagePullSecrets), or keep the Secret outside the environment")
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
    let deployments = objects.filter { $0.kind == .deployment }
    for object in objects {
      switch object.kind {
      case .deployment:
        let query = LabelQuery(object.json["spec", "selector"])
        if let other = deployments.first(where: { $0.name != object.name && query?.matches($0.podLabels ?? [:]) == true }) {
          throw object.refusal(
            "its spec.selector also matches the pods of the Deployment \(other.name)", hint: "add a label that tells them apart")
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
      case .configMap, .secret, .serviceAccount, .horizontalPodAutoscaler: break
      }
    }
  }
}
