import FoundationEssentials
import KubernetesModel

/// The variables of a pod's first container, resolved from the objects that it names.
struct ContainerEnvironment {
  /// Why a container cannot be made yet.
  struct Missing: Error, Hashable {
    /// As in a container's waiting state.
    var reason: String
    var message: String
  }

  let pod: JSON
  let objects: any ClusterObjects
  /// What `fieldRef` finds in the status, which the API does not know yet.
  let podIP: String
  let hostIP: String

  /// The variables by name.
  /// - Throws: `Missing` when an object or a key that must exist does not.
  func resolve() throws(Missing) -> [String: String] {
    for volume in pod["spec", "volumes"]?.array ?? [] { try check(volume) }
    let container = pod["spec", "containers"]?[0]
    var found: [String: String] = [:]
    for source in container?["envFrom"]?.array ?? [] {
      let prefix = source["prefix"]?.string ?? ""
      for (name, value) in try allValues(source) { found[prefix + name] = value }
    }
    for variable in container?["env"]?.array ?? [] {
      guard let name = variable["name"]?.string else { continue }
      if let value = try value(of: variable) { found[name] = value }
    }
    return found
  }

  private func check(_ volume: JSON) throws(Missing) {
    let sources = [volume] + (volume["projected", "sources"]?.array ?? [])
    for source in sources {
      for (field, resource, name) in [("configMap", Resource.configMaps, "name"), ("secret", .secrets, "secretName")] {
        guard let reference = source[field] else { continue }
        let wanted = reference[name]?.string ?? reference["name"]?.string ?? ""
        _ = try data(resource, named: wanted, isOptional: reference["optional"]?.bool ?? false, reason: "ContainerCreating")
      }
    }
  }

  private func allValues(_ source: JSON) throws(Missing) -> [String: String] {
    for (field, resource) in [("configMapRef", Resource.configMaps), ("secretRef", .secrets)] {
      guard let reference = source[field] else { continue }
      return try data(resource, named: reference["name"]?.string ?? "", isOptional: reference["optional"]?.bool ?? false) ?? [:]
    }
    return [:]
  }

  private func value(of variable: JSON) throws(Missing) -> String? {
    guard let source = variable["valueFrom"] else { return variable["value"]?.string ?? "" }
    for (field, resource) in [("configMapKeyRef", Resource.configMaps), ("secretKeyRef", .secrets)] {
      guard let reference = source[field] else { continue }
      let (name, key) = (reference["name"]?.string ?? "", reference["key"]?.string ?? "")
      let isOptional = reference["optional"]?.bool ?? false
      let value = try data(resource, named: name, isOptional: isOptional)?[key]
      guard value != nil || isOptional else {
        let message = "couldn't find key \(key) in \(Self.title(resource)) \(pod.namespaceText)/\(name)"
        throw Missing(reason: "CreateContainerConfigError", message: message)
      }
      return value
    }
    return source["fieldRef", "fieldPath"]?.string.flatMap(field)
  }

  private func field(_ path: String) -> String? {
    switch path {
    case "metadata.name": return pod.name
    case "metadata.namespaceText": return pod.namespaceText
    case "metadata.uidText": return pod.uidText
    case "spec.nodeName": return pod["spec", "nodeName"]?.string
    case "spec.serviceAccountName": return pod["spec", "serviceAccountName"]?.string ?? "default"
    case "status.podIP": return podIP
    case "status.hostIP": return hostIP
    default:
      let isLabel = path.hasPrefix("metadata.labels['")
      guard isLabel || path.hasPrefix("metadata.annotations['"), path.hasSuffix("']") else { return nil }
      let key = String(path.drop { $0 != "'" }.dropFirst().dropLast(2))
      return isLabel ? pod.labels[key] : pod.annotations[key]
    }
  }

  private static func title(_ resource: Resource) -> String { resource == .secrets ? "Secret" : "ConfigMap" }

  /// What an object holds; nil when it is missing and may be.
  private func data(
    _ resource: Resource, named name: String, isOptional: Bool, reason: String = "CreateContainerConfigError"
  ) throws(Missing) -> [String: String]? {
    guard let object = objects.get(resource, namespace: pod.namespaceText, name: name) else {
      if isOptional { return nil }
      throw Missing(reason: reason, message: "\(Self.title(resource).lowercased()) \"\(name)\" not found")
    }
    let texts = object["data"]?.strings ?? [:]
    guard resource == .secrets else { return texts }
    return texts.mapValues { Data(base64Encoded: $0).map { String(decoding: $0, as: UTF8.self) } ?? "" }
  }
}
