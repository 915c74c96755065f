import KubernetesModel
import ReleaseModel

/// Turns plain objects into those of one color.
struct ColorRewriting {
  private let color: Color
  private let service: ServiceName
  private let namespace: String
  /// The names that get a suffix, by kind: those of the environment's own objects.
  private let own: [String: Set<String>]
  /// The labels of the environment's pods.
  private let podLabels: [[String: String]]

  init(_ objects: [JSON], color: Color, service: ServiceName, namespace: String) {
    self.color = color
    self.service = service
    self.namespace = namespace
    own = Dictionary(grouping: objects) { $0["kind"]?.string ?? "" }.mapValues { Set($0.map(\.name)) }
    podLabels = objects.compactMap { $0["spec", "template", "metadata", "labels"]?.strings }
  }

  func colored(_ object: JSON) -> JSON {
    var object = object
    object["metadata", "namespace"] = .string(namespace)
    let kind = object["kind"]?.string ?? ""
    guard kind != "ServiceAccount" else {
      object["metadata", "labels", Label.service] = .string(service.text)
      return object
    }
    object["metadata", "name"] = .string(object.name + color.suffix)
    label(&object)
    switch kind {
    case "Deployment": deployment(&object)
    case "HorizontalPodAutoscaler": object.mapMember("spec") { $0.mapMember("scaleTargetRef") { reference("Deployment", "name", &$0) } }
    case "PodDisruptionBudget": object.mapMember("spec") { narrow(selectorIn: "selector", &$0) }
    case "Service":
      if let selector = object["spec", "selector"]?.strings, selects(selector) {
        object["spec", "selector", Label.color] = .string(color.rawValue)
      }
    default: break
    }
    return object
  }

  private func label(_ object: inout JSON) {
    object["metadata", "labels", Label.color] = .string(color.rawValue)
    object["metadata", "labels", Label.service] = .string(service.text)
  }

  private func deployment(_ object: inout JSON) {
    object.mapMember("spec") { spec in
      // The size is not the manifest's to say: it is given when the color is applied.
      spec["replicas"] = nil
      spec["selector", "matchLabels", Label.color] = .string(color.rawValue)
      spec.mapMember("template") { template in
        label(&template)
        template.mapMember("spec", podSpec)
      }
    }
  }

  // MARK: References

  private func podSpec(_ spec: inout JSON) {
    for key in ["containers", "initContainers"] { spec.mapElements(key, container) }
    spec.mapElements("volumes", volume)
    spec.mapElements("imagePullSecrets") { reference("Secret", "name", &$0) }
    spec.mapElements("topologySpreadConstraints") { narrow(selectorIn: "labelSelector", &$0) }
    spec.mapMember("affinity") { affinity in
      for key in ["podAffinity", "podAntiAffinity"] {
        affinity.mapMember(key) { terms in
          terms.mapElements("requiredDuringSchedulingIgnoredDuringExecution") { narrow(selectorIn: "labelSelector", &$0) }
          terms.mapElements("preferredDuringSchedulingIgnoredDuringExecution") { term in
            term.mapMember("podAffinityTerm") { narrow(selectorIn: "labelSelector", &$0) }
          }
        }
      }
    }
  }

  private func container(_ container: inout JSON) {
    container.mapElements("env") { variable in
      variable.mapMember("valueFrom") { source in
        source.mapMember("configMapKeyRef") { reference("ConfigMap", "name", &$0) }
        source.mapMember("secretKeyRef") { reference("Secret", "name", &$0) }
      }
    }
    container.mapElements("envFrom") { source in
      source.mapMember("configMapRef") { reference("ConfigMap", "name", &$0) }
      source.mapMember("secretRef") { reference("Secret", "name", &$0) }
    }
  }

  private func volume(_ volume: inout JSON) {
    volume.mapMember("configMap") { reference("ConfigMap", "name", &$0) }
    volume.mapMember("secret") { reference("Secret", "secretName", &$0) }
    volume.mapMember("projected") { projected in
      projected.mapElements("sources") { source in
        source.mapMember("configMap") { reference("ConfigMap", "name", &$0) }
        source.mapMember("secret") { reference("Secret", "name", &$0) }
      }
    }
  }

  /// Suffixes a name that is one of the environment's own objects'; another name is somebody else's object and stays.
  private func reference(_ kind: String, _ key: String, _ holder: inout JSON) {
    guard let name = holder[key]?.string, own[kind]?.contains(name) == true else { return }
    holder[key] = .string(name + color.suffix)
  }

  /// Lets the color into a label selector that means the environment's pods.
  private func narrow(selectorIn key: String, _ holder: inout JSON) {
    guard let labels = holder[key, "matchLabels"]?.strings, selects(labels) else { return }
    holder[key, "matchLabels", Label.color] = .string(color.rawValue)
  }

  private func selects(_ labels: [String: String]) -> Bool {
    !labels.isEmpty && podLabels.contains { pod in labels.allSatisfy { pod[$0.key] == $0.value } }
  }
}
