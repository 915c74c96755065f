import Glibc

/// The real API server that the contract suites run against beside the embedded cluster, where somebody names one.
package enum RealCluster {
  /// The kubeconfig that `TAGFLIP_TEST_KUBECONFIG` names; nil where it names none.
  package static let kubeconfig = path("TAGFLIP_TEST_KUBECONFIG")
  /// The kubeconfig of a user of that cluster who has no rights at all; nil where `TAGFLIP_TEST_LIMITED_KUBECONFIG` names none.
  package static let limitedKubeconfig = path("TAGFLIP_TEST_LIMITED_KUBECONFIG")

  private static func path(_ variable: String) -> String? {
    guard let value = getenv(variable) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// A kubeconfig as JSON, with the files that it names read into it: `kubectl` turns it into that, since tests parse no YAML.
  /// - Throws: ``ShellFailure`` where `kubectl` could not read it.
  package static func document(_ kubeconfig: String) throws -> [UInt8] {
    try Array(Scratch().sh("kubectl --kubeconfig '\(kubeconfig)' config view --raw --flatten -o json").utf8)
  }
}
