import KubernetesModel

/// Another tool that writes an object, and would write it again. Pure.
struct ForeignOwner: Sendable, Hashable {
  /// `Helm release shop`, `Argo CD application web`.
  let name: String
  /// What to do so that it does not.
  let remedy: String

  /// Those that an object's labels, annotations and managedFields tell of.
  ///
  /// - Parameter path: the field whose writing again would do harm: `spec`, `selector`. Who only touched it once is none.
  static func all(of object: JSON, writing path: [String]) -> [ForeignOwner] {
    deployers(of: object) + appliers(of: object, path)
  }

  private static func deployers(of object: JSON) -> [ForeignOwner] {
    let (labels, annotations) = (object.labels, object.annotations)
    var found: [ForeignOwner] = []
    func add(_ name: String, _ remedy: String) { found.append(ForeignOwner(name: name, remedy: remedy)) }
    if labels[Label.managedBy] == "Helm" || annotations["meta.helm.sh/release-name"] != nil {
      add(
        "Helm release \(annotations["meta.helm.sh/release-name"] ?? "of an unknown name")",
        "take it out of the chart, with the annotation helm.sh/resource-policy: keep on it first")
    }
    // `ID:GROUP/KIND:NAMESPACE/NAME`.
    let tracked = annotations["argocd.argoproj.io/tracking-id"]?.split(separator: ":").first.map(String.init)
    if let application = tracked ?? labels["argocd.argoproj.io/instance"] {
      add(
        "Argo CD application \(application)",
        "take it out of the application, or let it ignore /spec/selector (ignoreDifferences with RespectIgnoreDifferences=true) and drop its tracking"
      )
    }
    for (label, kind) in [("kustomize.toolkit.fluxcd.io/name", "Kustomization"), ("helm.toolkit.fluxcd.io/name", "HelmRelease")] {
      if let name = labels[label] {
        add("Flux \(kind) \(name)", "take it out of what Flux applies, with kustomize.toolkit.fluxcd.io/prune: disabled on it first")
      }
    }
    return found
  }

  /// Who applied the field, and applies it again with the rest of a manifest: by `kubectl apply`, or server-side.
  private static func appliers(of object: JSON, _ path: [String]) -> [ForeignOwner] {
    var found: [ForeignOwner] = []
    let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    if let text = object.annotations[annotation], let applied = try? JSON(parsing: Array(text.utf8)), applied[path: path[...]] != nil {
      found.append(
        ForeignOwner(
          name: "kubectl apply",
          remedy: "take it out of the manifests that are applied, and forget what was: kubectl annotate … \(annotation)-"))
    }
    let fields = path.map { "f:\($0)" }
    for entry in object["metadata", "managedFields"]?.array ?? [] where entry["operation"]?.string == "Apply" {
      guard let manager = entry["manager"]?.string, manager != Label.bot, entry["fieldsV1"]?[path: fields[...]] != nil else { continue }
      found.append(
        ForeignOwner(name: "\(manager) (server-side apply)", remedy: "take \(path.joined(separator: ".")) out of what it applies"))
    }
    return found
  }
}
