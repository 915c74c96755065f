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
  /// How many of the last bytes of a plugin's complaints are looked at.
  private static let complaintLimit = 4096

  /// The command, with this process's environment as client-go gives it, and what the kubeconfig adds to it.
  var process: Command {
    var variables = Command.ownEnvironment.merging(environment) { _, own in own }
    variables["KUBERNETES_EXEC_INFO"] = information.text
    return Command([command] + arguments, environment: variables)
  }

  /// Runs the plugin once on a thread of its own and hands over what it told.
  func run(within limit: Duration = ExecPlugin.limit, then: @escaping @Sendable (Result<ExecCredential, ExecPluginError>) -> Void) {
    process.runOnOwnThread(limits: Command.Limits(output: 1 << 20, errors: Self.complaintLimit), until: .now + limit) { result in
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
    case .timedOut: return "it was still running after \(limit.components.seconds) s, the most that a run may take, and was ended; \(trial)"
    case .tooLarge: return "it wrote too much"
    }
  }

  /// How a person sees what the plugin does. Its arguments are not spelled: they may hold secrets.
  var trial: String {
    "try it by hand as the account that tagflip runs under, with the args and env of that user's exec and without a terminal "
      + "(KUBERNETES_EXEC_INFO='{\"apiVersion\":\"\(version.rawValue)\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}' "
      + "setsid \(command) ARGS </dev/null): it must answer by itself within \(Self.limit.components.seconds) s"
  }

  private func failure(_ words: String) -> ExecPluginError {
    ExecPluginError(kind: .failed, description: ForeignText.line("\(self) gave no credentials: \(words)", longest: 900))
  }

  /// The end of what the plugin said on its standard error, without what may be secret in it.
  private func complaint(_ completion: Command.Completion) -> String {
    var said = completion.errorText[...]
    // Of what is cut off in its middle nobody knows any more that it is a secret.
    if completion.errors.count >= Self.complaintLimit { said = said.drop { !$0.isWhitespace } }
    let text = PluginSecrets(of: self, output: completion.outputText).hidden(in: String(said))
    let line = ForeignText.line(String(text.suffix(1200)), longest: 400)
    return line.isEmpty ? "" : "; it said: \(line)"
  }
}
