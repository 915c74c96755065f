import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: Rehearsals {
  /// Objections are what is wrong with the environment itself. What is wrong with the world (a missing right, a foreign object in the way) is
  /// thrown: another tag would fare no better, and this one may succeed tomorrow.
  package func dryRun(
    _ environment: Environment, sizes: [String: Int], against live: Color?, target: ServiceTarget
  ) async throws(PortError) -> DryRun {
    let objects = try AppliedObject.all(environment, rollout: nil, sizes: sizes)
    let service = try await api.find(.service, target.namespace, target.activeService)
    var objections = service.map { ServiceFit(service: $0, color: environment.color).objections(to: objects) } ?? []
    var accepted: [AppliedObject] = []
    for object in objects {
      switch try await rehearse(object, environment.color, target) {
      case .accepted(let json):
        var object = object
        object.json = json
        accepted.append(object)
      case .refused(let reason): objections.append("\(object.kind.resource.kind) \(object.json.name): \(reason)")
      }
    }
    let cautions = objects.filter { $0.kind == .deployment }.flatMap { object in
      PodTemplate(of: object.json).cautions.map { "note: Deployment \(object.json.name) \($0)" }
    }
    let difference = try await difference(of: accepted, environment.color, from: live, target)
    return DryRun(objections: objections, difference: cautions + difference)
  }

  private enum Answer: Sendable {
    case accepted(JSON)
    case refused(String)
  }

  private func rehearse(_ object: AppliedObject, _ color: Color, _ target: ServiceTarget) async throws(PortError) -> Answer {
    let resource = object.kind.resource
    guard !object.isShared else { return try await rehearse(object.json, resource, target) }
    var json = object.json
    json["metadata", "resourceVersion"] = "1"
    do throws(PortError) {
      return try await rehearse(json, resource, target)
    } catch  where error.kind == .conflict {
      if let there = try await api.find(resource, target.namespace, json.name), !isHolding(there, color, target) {
        throw PortError(
          .conflict, attempted: "make room for \(object.title)", reason: "it exists already, and tagflip did not make it",
          hint: "delete or rename it: kubectl -n \(target.namespace) delete \(resource.plural) \(json.name)")
      }
      // What the color holds is deleted before the real apply; beside it the dry run needs a name of its own.
      let name = json.name
      json["metadata", "name"] = .string(KubernetesDriver.scratchName)
      switch try await rehearse(json, resource, target) {
      case .accepted(var json):
        json["metadata", "name"] = .string(name)
        return .accepted(json)
      case .refused(let reason): return .refused(reason.replacing(KubernetesDriver.scratchName, with: name))
      }
    }
  }

  private static let scratchName = "tagflip-dry-run"

  private func isHolding(_ object: JSON, _ color: Color, _ target: ServiceTarget) -> Bool {
    object.labels[Label.color] == color.rawValue && object.labels[Label.service] == target.service.text
  }

  private func rehearse(_ json: JSON, _ resource: ResourceKind, _ target: ServiceTarget) async throws(PortError) -> Answer {
    do throws(PortError) {
      return .accepted(try await api.apply(resource, target.namespace, json, dryRun: true))
    } catch  where error.kind == .invalid {
      return .refused(error.reason)
    }
  }

  private func difference(
    of objects: [AppliedObject], _ color: Color, from live: Color?, _ target: ServiceTarget
  ) async throws(PortError) -> [String] {
    guard let live else {
      return ["first release: \(objects.map { "\($0.kind.resource.kind) \($0.json.name)" }.joined(separator: ", "))"]
    }
    var before: [EnvironmentKind: [String: JSON]] = [:]
    for kind in EnvironmentKind.allCases {
      for object in try await api.list(kind.resource, target.namespace, labels: Label.holdings(live, of: target.service)) {
        before[kind, default: [:]][live.plainName(object.name)] = object
      }
    }
    // Made by hand, before tagflip's first release: it carries no labels, but perhaps the name.
    for object in objects where before[object.kind]?[color.plainName(object.json.name)] == nil && !object.isShared {
      let plain = color.plainName(object.json.name)
      before[object.kind, default: [:]][plain] = try await api.find(object.kind.resource, target.namespace, live.name(plain))
    }
    for object in objects where object.isShared {
      before[object.kind, default: [:]][object.json.name] = try await api.find(object.kind.resource, target.namespace, object.json.name)
    }
    return EnvironmentDifference(before: before, live: live, after: objects, color: color).lines
  }
}
