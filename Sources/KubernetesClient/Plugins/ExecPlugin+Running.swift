import ChildProcesses
import KubernetesModel

/// Why a plugin told no credential.
struct ExecPluginError: Error, Hashable, CustomStringConvertible {
  enum Kind: Hashable {
    /// It told none, and would not in the next moment either.
    case failed
    /// The caller's limit ran out first.
    case timedOut
    case cancelled
  }

  var kind: Kind
  /// One line, without anything that the plugin wrote to its standard output.
  var description: String
}

extension ExecPlugin {
  /// The command, with this process's environment as client-go gives it, and what the kubeconfig adds to it.
  var process: Command {
    var variables = Command.ownEnvironment.merging(environment) { _, own in own }
    variables["KUBERNETES_EXEC_INFO"] = information.text
    return Command([command] + arguments, environment: variables)
  }

  /// Runs the plugin once on a thread of its own and hands over what it told.
  func run(within limit: Duration = ExecPlugin.limit, then: @escaping @Sendable (Result<ExecCredential, ExecPluginError>) -> Void) {
    process.runOnOwnThread(limits: Command.Limits(output: 1 << 20), until: .now + limit) { result in
      then(Result { () throws(ExecPluginError) in try credential(of: result, limit) })
    }
  }

  private func credential(
    of result: Result<Command.Completion, ChildProcessError>, _ limit: Duration
  ) throws(ExecPluginError) -> ExecCredential {
    switch result {
    case .success(let completion): return try credential(of: completion)
    case .failure(let error): throw failure(words(error, limit))
    }
  }

  private func credential(of completion: Command.Completion) throws(ExecPluginError) -> ExecCredential {
    guard completion.status.isSuccess else { throw failure("it ended with \(completion.status)\(complaint(completion))") }
    do throws(ExecCredential.Fault) {
      return try ExecCredential(output: completion.output, version: version)
    } catch {
      throw failure("\(error.reason)\(complaint(completion))")
    }
  }

  private func words(_ error: ChildProcessError, _ limit: Duration) -> String {
    switch error.kind {
    case .missing:
      let hint = installHint.isEmpty ? "install it, or correct its name" : installHint
      return "there is no such program here (\(error.cause)); \(hint)"
    case .notStarted: return "it could not be started (\(error.cause))"
    case .timedOut: return "it was still running after \(limit.components.seconds) s and was ended"
    case .tooLarge: return "it wrote too much"
    }
  }

  private func failure(_ words: String) -> ExecPluginError {
    ExecPluginError(kind: .failed, description: ForeignText.line("\(self) gave no credentials: \(words)", longest: 900))
  }

  /// The end of what the plugin said on its standard error, without what may be secret in it.
  private func complaint(_ completion: Command.Completion) -> String {
    var text = completion.errorText
    let told = completion.outputText.split { $0.isWhitespace || "\"',:{}".contains($0) }.map(String.init)
    for secret in (told + environment.values).filter({ $0.count >= 8 }) { text = text.replacing(secret, with: "…") }
    let line = ForeignText.line(String(text.suffix(1200)), longest: 400)
    return line.isEmpty ? "" : "; it said: \(line)"
  }
}
