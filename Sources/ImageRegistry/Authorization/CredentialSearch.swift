package import ReleaseEngine
import ReleaseModel

/// Reads Secrets of the cluster by which pods pull their images.
package protocol PullSecretSource: Sendable {
  /// The value `.dockerconfigjson` of a Secret of type `kubernetes.io/dockerconfigjson`; nil where there is no such Secret, or it is of another
  /// type.
  func dockerConfig(of secret: String, namespace: String) async throws(PortError) -> [UInt8]?
}

/// Without a cluster: no Secret is there.
package struct NoPullSecrets: PullSecretSource {
  package init() {}

  package func dockerConfig(of secret: String, namespace: String) async throws(PortError) -> [UInt8]? { nil }
}

/// Finds the credentials that may open an image's registry, in the order in which they are offered.
struct CredentialSearch: Sendable {
  let settings: ImageSettings
  /// Secrets outside the environment that may be read, by name.
  let allowed: Set<String>
  let secrets: any PullSecretSource
  let files: any NamedFiles
  /// The environment that credential helpers run in.
  let environment: [String: String]

  /// What was found, and what to know about what was not.
  struct Findings: Sendable {
    var credentials: [Credential] = []
    /// Why a Secret that the pods name gave nothing.
    var remarks: [String] = []
  }

  /// What kept it from being finished.
  enum Failure: Error {
    /// A file of the settings cannot be read or is no docker config, or its helper does not answer (`configuration`).
    case settings(PortError)
    /// A Secret that pods name could not be read; the error names it.
    case cluster(PortError)
  }

  func findings(for image: RegistryImage, pulledBy pull: [PullSecret], in namespace: String) async throws(Failure) -> Findings {
    var findings = Findings()
    do throws(PortError) {
      findings.credentials = try await configured(image)
    } catch {
      throw .settings(error)
    }
    for secret in pull {
      do throws(PortError) {
        try await add(secret, image, namespace, to: &findings)
      } catch {
        throw .cluster(CredentialSearch.naming(secret, namespace, error))
      }
    }
    return findings
  }

  /// What the settings' files hold.
  private func configured(_ image: RegistryImage) async throws(PortError) -> [Credential] {
    var credentials: [Credential] = []
    for path in [settings[image.registry]?.config, settings.config].compactMap(\.self) {
      let config = try DockerConfig(try files.read(path), place: path)
      if let helper = config.helper(for: image),
        let credential = try await CredentialHelper(helper: helper, environment: environment).credential()
      {
        credentials.append(credential)
      }
      credentials += config.credentials(for: image)
    }
    return credentials
  }

  /// The cluster's error, with the Secret and the right that is missing.
  private static func naming(_ secret: PullSecret, _ namespace: String, _ error: PortError) -> PortError {
    var named = error
    named.attempted = "read the \(secret) in \(namespace), by which pods pull their images"
    if error.kind == .forbidden {
      named.hint =
        "let the bot get secrets in the namespace \(namespace) (apiGroups [\"\"], resources [\"secrets\"], verbs [\"get\"]; see jobs/rbac.yaml), "
        + "or take \(secret.name) out of policy.secrets of the settings"
    }
    return named
  }

  /// A pull secret's helpers do not count: whoever writes it must not choose what runs here.
  private func add(
    _ secret: PullSecret, _ image: RegistryImage, _ namespace: String, to findings: inout Findings
  ) async throws(PortError) {
    var bytes = secret.config
    if bytes == nil {
      guard allowed.contains(secret.name) else {
        findings.remarks.append("\(secret), which pods name, is not in policy.secrets of the settings and was not read")
        return
      }
      bytes = try await secrets.dockerConfig(of: secret.name, namespace: namespace)
    }
    guard let bytes else {
      findings.remarks.append("\(secret) is not in \(namespace), or is not of type kubernetes.io/dockerconfigjson")
      return
    }
    guard let config = try? DockerConfig(bytes, place: "\(secret)") else {
      findings.remarks.append("\(secret) holds no docker config")
      return
    }
    findings.credentials += config.credentials(for: image)
  }
}
