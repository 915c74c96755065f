import ChildProcesses
import ClusterDriver
import ImageRegistry
import ReleaseEngine
import ReleaseModel

// What looks images up.
extension Composition {
  func images(_ driver: KubernetesDriver, clock: any RunClock, asksCluster: Bool) -> any ImageResolver {
    guard !settings.policy.trustsImages else { return TrustedImages() }
    let secrets: any PullSecretSource = asksCluster ? ClusterPullSecrets(driver: driver) : NoPullSecrets()
    return RegistryResolver(
      http: http, clock: clock, settings: settings.images, secrets: secrets, allowed: settings.policy.secrets,
      environment: Command.ownEnvironment, files: RegistryFiles())
  }
}

/// The files of `images` in the settings.
private struct RegistryFiles: NamedFiles {
  func read(_ path: String) throws(PortError) -> [UInt8] {
    try Files.read(path, attempted: "read what opens the registries", hint: "mount it, or correct images in the settings")
  }
}

/// Pull secrets as they lie in the cluster.
private struct ClusterPullSecrets: PullSecretSource {
  let driver: KubernetesDriver

  func dockerConfig(of secret: String, namespace: String) async throws(PortError) -> [UInt8]? {
    try await driver.dockerConfig(of: secret, namespace: namespace)
  }
}
