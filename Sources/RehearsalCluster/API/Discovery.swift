import KubernetesModel

/// What clients ask before anything else: version, health, which kinds there are, and as much OpenAPI as `kubectl` needs to trust the
/// server's own validation.
struct Discovery: Sendable {
  /// The answer to a discovery path; nil where the path is none.
  func answer(_ request: APIRequest) -> APIAnswer? {
    let segments = request.segments
    switch (segments.first, segments.count) {
    case ("version", 1): return .json(200, version)
    case ("healthz", _), ("livez", _), ("readyz", _): return .text(200, "ok")
    case ("openapi", _): return openAPI(segments)
    case ("api", 1): return .json(200, ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []])
    case ("api", 2) where segments[1] == "v1": return .json(200, resources(group: "", version: "v1"))
    case ("apis", 1): return .json(200, ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(group))])
    case ("apis", 2), ("apis", 3): return groupAnswer(segments)
    case (nil, _): return .json(200, ["paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]])
    default: return nil
    }
  }

  private var version: JSON {
    [
      "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "rehearsal", "gitTreeState": "clean",
      "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
    ]
  }

  private var groups: [(group: String, version: String)] { APIResource.groups.filter { !$0.group.isEmpty } }

  private func groupAnswer(_ segments: [String]) -> APIAnswer {
    guard let known = groups.first(where: { $0.group == segments[1] }) else { return .text(404, "404 page not found\n") }
    guard segments.count == 3 else { return .json(200, group(known)) }
    guard known.version == segments[2] else { return .text(404, "404 page not found\n") }
    return .json(200, resources(group: known.group, version: known.version))
  }

  private func group(_ group: (group: String, version: String)) -> JSON {
    let version: JSON = ["groupVersion": .string("\(group.group)/\(group.version)"), "version": .string(group.version)]
    return ["name": .string(group.group), "versions": [version], "preferredVersion": version]
  }

  private func resources(group: String, version: String) -> JSON {
    let types = (APIResource.all + APIResource.reviews).filter { $0.resource.group == group }
    let entries = types.flatMap { type -> [JSON] in
      [entry(type)] + type.subresources.map { subresource(type, $0) }
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
      "resources": .array(entries),
    ]
  }

  private func entry(_ type: APIResource) -> JSON {
    let isReview = APIResource.reviews.contains(type)
    let verbs: JSON = isReview ? ["create"] : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    var entry: JSON = [
      "name": .string(type.resource.plural), "singularName": .string(type.singular), "namespaced": .bool(type.isNamespaced),
      "kind": .string(type.kind), "verbs": verbs,
    ]
    if !type.shortNames.isEmpty { entry["shortNames"] = .array(type.shortNames.map { .string($0) }) }
    if ["pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "horizontalpodautoscalers"]
      .contains(type.resource.plural)
    {
      entry["categories"] = ["all"]
    }
    return entry
  }

  private func subresource(_ type: APIResource, _ name: String) -> JSON {
    let isScale = name == "scale"
    var entry: JSON = [
      "name": .string("\(type.resource.plural)/\(name)"), "singularName": "", "namespaced": .bool(type.isNamespaced),
      "kind": .string(isScale ? "Scale" : type.kind), "verbs": name == "log" ? ["get"] : ["get", "patch", "update"],
    ]
    if isScale {
      entry["group"] = "autoscaling"
      entry["version"] = "v1"
    }
    return entry
  }

  // MARK: OpenAPI

  /// Says of each kind that PATCH takes `fieldValidation`, which is all that `kubectl` looks for before it leaves validation to the server.
  private func openAPI(_ segments: [String]) -> APIAnswer {
    guard segments.count >= 2, segments[1] == "v3" else { return .text(404, "404 page not found\n") }
    if segments.count == 2 {
      var paths: JSON = [:]
      for (group, version) in APIResource.groups {
        let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
        paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=1")]
      }
      return .json(200, ["paths": paths])
    }
    let rest = Array(segments.dropFirst(2))
    let group = rest.first == "api" ? "" : rest.count > 1 ? rest[1] : ""
    guard APIResource.groups.contains(where: { $0.group == group }) else { return .text(404, "404 page not found\n") }
    return .json(200, ["openapi": "3.0.0", "info": ["title": "rehearsal", "version": "v1.36.2"], "paths": paths(group)])
  }

  private func paths(_ group: String) -> JSON {
    var paths: JSON = [:]
    for type in APIResource.all where type.resource.group == group {
      let base = group.isEmpty ? "/api/\(type.version)" : "/apis/\(group)/\(type.version)"
      let scope = type.isNamespaced ? "/namespaces/{namespace}" : ""
      let parameters: JSON = ["fieldManager", "force", "fieldValidation", "dryRun"].parameters
      paths["\(base)\(scope)/\(type.resource.plural)/{name}"] = [
        "patch": [
          "parameters": parameters,
          "requestBody": [
            "content": [
              "application/apply-patch+yaml": [:], "application/json-patch+json": [:], "application/merge-patch+json": [:],
              "application/strategic-merge-patch+json": [:],
            ]
          ],
          "x-kubernetes-group-version-kind": ["group": .string(group), "version": .string(type.version), "kind": .string(type.kind)],
        ]
      ]
    }
    return paths
  }
}

extension [String] {
  fileprivate var parameters: JSON {
    .array(map { ["name": .string($0), "in": "query", "schema": ["type": "string", "uniqueItems": true]] })
  }
}
