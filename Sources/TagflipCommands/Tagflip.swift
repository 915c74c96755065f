import ArgumentParser

#if canImport(Glibc)
  import Glibc
#endif

/// The `tagflip` command.
public enum Tagflip {
  /// The bot's own version, as records name it.
  package static let version = "0.1.0"

  /// Runs the command line and ends the process with its exit code; no error escapes.
  public static func start() async {
    // `tagflip run | head` must not end a release in its middle: a write to a reader that went away is an error that is passed over.
    Glibc.signal(SIGPIPE, SIG_IGN)
    let output = TextOutput.standard
    do {
      let words = Array(CommandLine.arguments.dropFirst())
      // A flag of the root, or the parser's own, would be seen behind `plan` too, where --version is an option.
      if words == ["--version"] { return output.result("tagflip \(version)") }
      try KnownCommand.demand(words)
      var command = try RootCommand.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      failure.report(to: output)
      end(failure.code.rawValue)
    } catch {
      RootCommand.exit(withError: error)
    }
    end(0)
  }

  /// Ends the process without what exit(3) would still run: OpenSSL's cleanup frees what threads that are only just letting go of it free too,
  /// and a run that is done would end with a crash's code.
  private static func end(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }
}

/// All verbs.
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tagflip",
    abstract: "Git-driven blue-green releases for Kubernetes: push a tag, the next run does the rest.",
    usage: """
      tagflip <subcommand>
      tagflip --version
      """,
    discussion: """
      Exit codes:
        0   done, promoted, nothing to do, or waiting for what is safe to wait for
        10  rolled back
        11  failed before users saw it
        12  users are on something bad, tagflip cannot help it: somebody must act
        13  a tag was refused, or would be
        14  aborted
        20  another run is at work (0 with --scheduled)
        21  told to stop: what was under way is parked, and the next run goes on
        30  configuration, or what was named does not exist
        31  unreachable
        32  not allowed
        33  the world changed, or tagflip was told to stop: look and try again
        40  audit verify found something
        41  the audit trail cannot be read
        64  usage
      """,
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, RollbackCommand.self, RetireCommand.self, RetryCommand.self,
      OverrideCommand.self,
      AdoptCommand.self, LeaveCommand.self, SettleCommand.self,
      AuditCommand.self, DoctorCommand.self, ClusterCommand.self, DemoCommand.self,
    ])
}

/// The first word of the command line: one of the verbs, or a slip of the pen.
enum KnownCommand {
  static let names = RootCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]

  /// - Throws: what was meant, where the first word is no verb. The parser itself says only that it is unexpected.
  static func demand(_ words: [String]) throws(CommandFailure) {
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    throw CommandFailure(
      .usage, ["error: there is no command \"\(Word.plain(word))\"", "  next: \(Word.hint(word, names)); see: tagflip --help"])
  }
}
