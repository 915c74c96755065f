import FoundationEssentials
import KubernetesClient
import PlanFiles
import ReleaseEngine
import ReleaseModel

// The cluster that the settings, the environment or the pod names.
extension Composition {
  /// As client-go looks for it, but for a person's `~/.kube/config`: a scheduled job releases to no cluster that nobody named.
  func access(environment: [String: String] = ProcessInfo.processInfo.environment) throws(PortError) -> ClusterAccess {
    if let path = settings.cluster.kubeconfig { return try access([path], hint: "correct cluster.kubeconfig in the settings") }
    let paths = Self.paths(environment["KUBECONFIG"] ?? "")
    guard paths.isEmpty else {
      return try access(paths, hint: "correct $KUBECONFIG, or name a file in the settings: cluster.kubeconfig")
    }
    return try Self.told { () throws(ClusterAccessError) in try ClusterAccess.inCluster(environment: environment) }
  }

  /// A client that passes on what the API server warns of.
  func client(_ access: ClusterAccess, remark: @escaping @Sendable (String) -> Void) -> KubernetesClient {
    KubernetesClient(access: access, http: http) { remark("the API server warns: \($0)") }
  }

  /// The files that `KUBECONFIG` names, divided by colons.
  private static func paths(_ variable: String) -> [String] {
    variable.split(separator: ":").map(String.init).reduce(into: []) { paths, path in if !paths.contains(path) { paths.append(path) } }
  }

  private func access(_ paths: [String], hint: String) throws(PortError) -> ClusterAccess {
    // Of several, those that are missing are passed over, as kubectl does; one that is there has to be right.
    let present = paths.count > 1 ? paths.filter(FileManager.default.fileExists) : paths
    guard !present.isEmpty else {
      throw PortError(
        .configuration, attempted: Self.attempted, reason: "none of these files is there", hint: hint,
        location: SourceLocation(file: paths.joined(separator: ", ")))
    }
    var files: [KubeConfigFile] = []
    for path in present { files.append(try file(path, hint)) }
    let config = KubeConfig(files: files)
    return try Self.told { () throws(ClusterAccessError) in try config.access(context: settings.cluster.context) }
  }

  private func file(_ path: String, _ hint: String) throws(PortError) -> KubeConfigFile {
    do throws(PortError) {
      let bytes = try Files.read(path, attempted: Self.attempted, hint: hint)
      return KubeConfigFile(document: try YAMLDocument.json(bytes, path: path), path: path) { place in
        let location = YAMLDocument.location(of: place, in: bytes, path: path)
        return location?.line.flatMap { line in location?.column.map { (line, $0) } }
      }
    } catch {
      var error = error
      error.attempted = Self.attempted
      error.hint = error.hint ?? hint
      throw error
    }
  }

  private static let attempted = "find the cluster"

  private static func told(_ body: () throws(ClusterAccessError) -> ClusterAccess) throws(PortError) -> ClusterAccess {
    do throws(ClusterAccessError) {
      return try body()
    } catch {
      throw PortError(
        .configuration, attempted: attempted, reason: error.reason, hint: error.hint,
        location: error.file.map { SourceLocation(file: $0, line: error.line, column: error.column) })
    }
  }
}
