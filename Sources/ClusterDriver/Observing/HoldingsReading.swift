import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What lists of objects say of a color, held against the plan of the rollout that made it. Pure.
struct HoldingsReading: Sendable {
  let reading: ColorReading
  let planned: PlannedHoldings?
  /// Objects with the color's labels, Deployments and pods apart, by kind.
  var listed: [EnvironmentKind: [JSON]] = [:]
  /// All autoscalers of the namespace: one that somebody made by hand sizes a Deployment as well. Nil where they may not be seen.
  var scalers: [JSON]?
  /// What was asked for by name, since no list had it; nil for what is not there.
  var asked: [CutoverPlan.PlannedObject: JSON?] = [:]
  var unseen: Set<EnvironmentKind> = []

  init(reading: ColorReading, planned: PlannedHoldings?) {
    self.reading = reading
    self.planned = planned
    listed[.deployment] = reading.deployments.filter(reading.isOwn)
  }

  /// Planned objects that must be there and that no list has: what both colors share has no color's label, and labels can be taken away.
  var missing: [(kind: EnvironmentKind, object: CutoverPlan.PlannedObject)] {
    (planned?.objects ?? []).compactMap { object in
      guard let kind = EnvironmentKind(titled: object.kind), kind != .job, !unseen.contains(kind),
        listed[kind]?.contains(where: { $0.name == object.name }) != true
      else { return nil }
      return (kind, object)
    }
  }

  var holdings: ColorHoldings {
    ColorHoldings(
      observation: reading.observation, gone: gone, remade: remade, strangers: strangers,
      scaled: scalers.map { scalers in
        Set(
          scalers.compactMap { scaler in
            let goal = scaler["spec", "scaleTargetRef"]
            return goal?["kind"]?.string == "Deployment" ? goal?["name"]?.string : nil
          })
      },
      unseen: unseen.sorted().map(\.resource.kind))
  }

  private var gone: [String] {
    missing.filter { asked[$0.object] == .some(nil) }.map { "\($0.kind.resource.kind) \($0.object.name)" }
  }

  /// What there is under a planned name, and is not what the rollout made.
  private var remade: [String] {
    guard let planned else { return [] }
    return planned.objects.compactMap { object in
      guard let kind = EnvironmentKind(titled: object.kind),
        let there = listed[kind]?.first(where: { $0.name == object.name }) ?? asked[object] ?? nil,
        there.labels[Label.rollout] != planned.rollout.text
      else { return nil }
      // What both colors share carries the id of whichever rollout applied it last.
      if kind == .serviceAccount, reading.color.plainName(object.name) == object.name { return nil }
      return "\(kind.resource.kind) \(object.name)"
    }
  }

  private var strangers: [String] {
    let names = Set((planned?.objects ?? []).map { "\($0.kind) \($0.name)" })
    var found: [String] = []
    var deployments: [JSON] = []
    for (kind, objects) in listed {
      for object in objects where ColorReading.rollout(object) == nil && !names.contains("\(kind.title) \(object.name)") {
        if kind == .deployment { deployments.append(object) }
        found.append("\(kind.resource.kind) \(object.name)")
      }
    }
    let queries = deployments.compactMap { LabelQuery($0["spec", "selector"]) }
    let pods = reading.strangePods.filter { pod in PodReading(pod).isLive && !queries.contains { $0.matches(pod.labels) } }
    return Set(found + pods.map(HoldingsReading.title)).sorted()
  }

  /// Pods come and go under names of their own: whoever makes them is what there is to tell.
  private static func title(of pod: JSON) -> String {
    let owner = (pod["metadata", "ownerReferences"]?.array ?? []).first { $0["controller"]?.bool == true }
    guard let kind = owner?["kind"]?.string, let name = owner?["name"]?.string else { return "Pod \(pod.name)" }
    return "pods of \(kind) \(name)"
  }

  /// Who else than the bot wrote a Deployment's size and images last, by managedFields: an entry that owns a field stands for the latest such write.
  static func hands(on deployment: JSON) -> ColorHoldings.Hands {
    let entries = (deployment["metadata", "managedFields"]?.array ?? []).filter { $0["manager"]?.string != Label.bot }
      .sorted { ($0["time"]?.string ?? "") < ($1["time"]?.string ?? "") }
    var hands = ColorHoldings.Hands()
    for entry in entries {
      guard let manager = entry["manager"]?.string, let spec = entry["fieldsV1", "f:spec"] else { continue }
      if spec["f:replicas"] != nil { hands.size = manager }
      for list in PodTemplate.containerLists {
        for (key, fields) in spec["f:template", "f:spec", "f:\(list)"]?.object ?? [:] where fields["f:image"] != nil {
          // `k:{"name":"app"}`
          guard key.hasPrefix("k:"), let name = (try? JSON(parsing: Array(key.dropFirst(2).utf8)))?["name"]?.string else { continue }
          hands.images[name] = manager
        }
      }
    }
    return hands
  }
}
