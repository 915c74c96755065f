import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What a Service object says. Pure.
struct ServiceReading: Sendable {
  let json: JSON

  /// - Throws: `invalid` where somebody wrote into the marker.
  func activeService(_ target: ServiceTarget) throws(PortError) -> ActiveService {
    let marker: Marker
    do throws(Marker.Unreadable) {
      marker = try Marker(annotations: json.annotations)
    } catch {
      throw PortError(
        .invalid, attempted: "read Service \(target.namespace)/\(target.activeService)", reason: error.description,
        hint:
          "see who wrote it (kubectl -n \(target.namespace) get service \(target.activeService) --show-managed-fields -o yaml), then put back "
          + "what was there: kubectl -n \(target.namespace) annotate service \(target.activeService) --overwrite \(error.annotation)=…"
      )
    }
    return ActiveService(
      uid: json.uid ?? "", resourceVersion: json.resourceVersion ?? "",
      selection: Selection(selector: selector, adoption: marker.adoption, service: target.service), selector: selector, marker: marker,
      address: address,
      selectorManager: selectorManager,
      isAnnotated: json["metadata", "annotations"]?.object != nil, objection: objection,
      localPolicies: localPolicies, podBalancers: PodBalancerSigns(service: json).words)
  }

  var selector: [String: String] { json["spec", "selector"]?.strings ?? [:] }

  /// The Deployment that stands for a color; nil where none does, or somebody wrote into the marker.
  var adoption: Adoption? { (try? Marker(annotations: json.annotations))?.adoption }

  var selection: Selection { Selection(selector: selector, adoption: adoption) }

  /// What the selector asks of the pods of either color.
  var common: [String: String] { Selection.common(of: selector, adoption: adoption) }

  /// The selector that reaches a color; nil where it would select by color alone.
  func selector(of color: Color) -> [String: String]? {
    let common = common
    return common.isEmpty ? nil : common.merging([Label.color: color.rawValue]) { _, own in own }
  }

  var address: ServiceAddress {
    let ports = (json["spec", "ports"]?.array ?? []).map { port in
      ServiceAddress.Port(name: port["name"]?.string, number: port["port"]?.int ?? 0)
    }
    let ip = json["spec", "clusterIP"]?.string.flatMap { $0.isEmpty || $0 == "None" ? nil : $0 }
    return ServiceAddress(namespace: json.namespace ?? "", name: json.name, clusterIP: ip, ports: ports)
  }

  private var localPolicies: [String] {
    ["externalTrafficPolicy", "internalTrafficPolicy"].filter { json["spec", $0]?.string == "Local" }
  }

  /// Who wrote the selector last. An Update entry that owns the selector stands for the latest such write.
  private var selectorManager: String? {
    let owners = (json["metadata", "managedFields"]?.array ?? []).filter { entry in
      guard let spec = entry["fieldsV1", "f:spec"] else { return false }
      return spec["f:selector"] != nil
    }
    return owners.max { ($0["time"]?.string ?? "") < ($1["time"]?.string ?? "") }?["manager"]?.string
  }

  /// What to say after "Service NAME …".
  private var objection: String? {
    let spec = json["spec"] ?? .null
    if json.isTerminating { return "is being deleted: once it is gone, make it anew" }
    if spec["type"]?.string == "ExternalName" { return "is of type ExternalName and selects no pods" }
    if spec["clusterIP"]?.string == "None" { return "is headless: its clients keep pod addresses, so that no flip can move them" }
    if spec["publishNotReadyAddresses"]?.bool == true {
      return "publishes addresses that are not ready: users would reach pods before they serve"
    }
    if selector.isEmpty { return "has no selector" }
    if let owner = ForeignOwner.all(of: json, writing: ["spec", "selector"]).first {
      return "is written by \(owner.name), which would write its selector again: \(owner.remedy)"
    }
    if Set(selector.keys) == [Label.color] {
      return "selects by \(Label.color) alone, and so the pods of every service in the namespace: add a label of its own pods"
    }
    return nil
  }
}
