import TestSupport
import Testing

// What a person types.
extension ContractBench {
  /// What `kubectl` said on both streams; quotes are the shell's.
  @discardableResult
  func kubectl(_ words: String, input: String? = nil) throws -> String {
    let pipe = input == nil ? "</dev/null" : "<'\(kubeconfig.path)/input'"
    if let input { try kubeconfig.write("input", input) }
    let options =
      "--kubeconfig '\(kubeconfig.path)/kubeconfig' --cache-dir '\(kubeconfig.path)/cache' --request-timeout=60s -n \(namespace)"
    return try kubeconfig.sh("kubectl \(options) \(words) \(pipe)")
  }

  /// What `kubectl` said when it was refused.
  func kubectlRefused(_ words: String, input: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    do {
      let output = try kubectl(words, input: input)
      Issue.record("kubectl \(words) succeeded: \(output)", sourceLocation: sourceLocation)
      return output
    } catch let failure as ShellFailure {
      return failure.output
    }
  }
}
