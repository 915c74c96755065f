import KubernetesModel

/// One port of an EndpointSlice: a Service's port as a pod answers to it.
struct ResolvedPort: Hashable {
  /// Empty for a Service's only port without a name.
  let name: String
  let number: Int
  let transport: String
  let application: String?

  /// A Service's ports on one pod; a named target that the pod lacks is left out.
  static func ports(of service: JSON, on pod: JSON) -> [ResolvedPort] {
    (service["spec", "ports"]?.array ?? []).compactMap { port in
      let transport = port["protocol"]?.string ?? "TCP"
      let target = port["targetPort"] ?? port["port"] ?? 0
      guard let number = target.int ?? target.string.flatMap({ named($0, transport: transport, on: pod) }) else { return nil }
      return ResolvedPort(
        name: port["name"]?.string ?? "", number: number, transport: transport, application: port["appProtocol"]?.string)
    }
  }

  private static func named(_ name: String, transport: String, on pod: JSON) -> Int? {
    let ports = (pod["spec", "containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
    return ports.first { $0["name"]?.string == name && ($0["protocol"]?.string ?? "TCP") == transport }?["containerPort"]?.int
  }

  var json: JSON {
    var json: JSON = ["name": .string(name), "protocol": .string(transport), "port": .int(Int64(number))]
    if let application { json["appProtocol"] = .string(application) }
    return json
  }
}
