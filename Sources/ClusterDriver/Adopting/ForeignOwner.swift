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
    deployers(of: object, path) + appliers(of: object, path)
  }

  private static func deployers(of object: JSON, _ path: [String]) -> [ForeignOwner] {
    let (labels, annotations) = (object.labels, object.annotations)
    /// What takes the marks of an owner away, so that it is not taken for one any more.
    func drop(_ marks: [String], _ verb: String) -> String {
      "kubectl -n \(object.namespace ?? "default") \(verb) \(object["kind"]?.string?.lowercased() ?? "service") \(object.name) "
        + marks.map { "\($0)-" }.joined(separator: " ")
    }
    var found: [ForeignOwner] = []
    func add(_ name: String, _ remedy: String) { found.append(ForeignOwner(name: name, remedy: remedy)) }
    if labels[Label.managedBy] == "Helm" || annotations["meta.helm.sh/release-name"] != nil {
      add(
        "Helm release \(annotations["meta.helm.sh/release-name"] ?? "of an unknown name")",
        "annotate it with helm.sh/resource-policy=keep, take it out of the chart and upgrade; then forget the release: "
          + drop(["meta.helm.sh/release-name", "meta.helm.sh/release-namespace"], "annotate") + " && "
          + drop([Label.managedBy], "label"))
    }
    // `ID:GROUP/KIND:NAMESPACE/NAME`.
    let tracked = annotations["argocd.argoproj.io/tracking-id"]?.split(separator: ":").first.map(String.init)
    if let application = tracked ?? labels["argocd.argoproj.io/instance"] {
      add(
        "Argo CD application \(application)",
        "take it out of the application without pruning it, or let that ignore /\(path.joined(separator: "/")) (ignoreDifferences with "
          + "RespectIgnoreDifferences=true); then drop its tracking: "
          + (tracked == nil
            ? drop(["argocd.argoproj.io/instance"], "label") : drop(["argocd.argoproj.io/tracking-id"], "annotate"))
      )
    }
    for (label, kind) in [("kustomize.toolkit.fluxcd.io/name", "Kustomization"), ("helm.toolkit.fluxcd.io/name", "HelmRelease")] {
      if let name = labels[label] {
        let group = label.split(separator: "/").first.map(String.init) ?? label
        add(
          "Flux \(kind) \(name)",
          "annotate it with kustomize.toolkit.fluxcd.io/prune=disabled, take it out of what Flux applies; then forget that: "
            + drop([label, "\(group)/namespace"], "label"))
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
          remedy:
            "take it out of the manifests that are applied, and forget what was: kubectl -n \(object.namespace ?? "default") annotate "
            + "\(object["kind"]?.string?.lowercased() ?? "service") \(object.name) \(annotation)-"))
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
