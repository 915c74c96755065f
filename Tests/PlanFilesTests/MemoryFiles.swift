import PlanFiles
import ReleaseEngine
import ReleaseModel

/// A release repo that is a dictionary.
struct MemoryFiles: RepositoryFiles {
  var files: [String: String]

  func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]? { files[path].map { Array($0.utf8) } }

  func list(_ folder: String, at commit: String) async throws(PortError) -> [String] {
    files.keys.filter { $0.hasPrefix(folder + "/") }.sorted()
  }

  func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String] {
    files.keys.compactMap { path in
      let parts = path.split(separator: "/")
      return parts.count == 3 && parts[0] == folder && parts[2] == name ? String(parts[1]) : nil
    }.sorted()
  }

  static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x}]}}}

    """

  /// A repo of one service, with another text in place of some of its files.
  init(_ changes: [String: String?] = [:]) {
    files = [
      "tagflip.yaml": "services: [web]\n", "services/web/cutover.yaml": "extends: none\nnamespace: shop\n",
      "services/web/manifests/web.yaml": Self.deployment,
    ]
    for (path, text) in changes { files[path] = text }
  }

  static let service = known(ServiceName("web"))
  static let version = known(Version("1.0.0"))

  private static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  /// Settings with some lines more.
  static func settings(
    _ more: String = "", url: String = "https://git.example/x.git", state: String = "{namespace: tagflip}"
  ) throws(PortError) -> Settings {
    let text = "installation: test\nrepository: {url: '\(url)'}\nstate: \(state)\nimages: trusted\n" + more
    return try SettingsFile.settings(Array(text.utf8), path: "/etc/tagflip/tagflip.yaml")
  }

  func catalog(_ settings: String = "") async throws(PortError) -> Catalog {
    try await PlanReader(files: self, settings: try Self.settings(settings)).catalog(at: "tip")
  }

  func blueprint(_ settings: String = "") async throws(PortError) -> Blueprint {
    let reader = PlanReader(files: self, settings: try Self.settings(settings))
    let catalog = try await reader.catalog(at: "tip")
    return try await reader.blueprint(of: Self.service, version: Self.version, commit: "tag", catalog: catalog)
  }
}

/// An error as a person reads it.
func words(_ error: PortError) -> String {
  "\(error.location.map { "\($0): " } ?? "")\(error.reason)\(error.hint.map { " [\($0)]" } ?? "")"
}

/// What a call throws, in words; empty where it throws nothing.
func refusal<Value>(_ call: () async throws(PortError) -> Value) async -> String {
  do throws(PortError) {
    _ = try await call()
    return ""
  } catch {
    return words(error)
  }
}
