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
    var output = TextOutput()
    do {
      var command = try RootCommand.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      failure.report(to: &output)
      exit(failure.code.rawValue)
    } catch {
      RootCommand.exit(withError: error)
    }
  }
}

/// All verbs.
struct RootCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tagflip",
    abstract: "Git-driven blue-green releases for Kubernetes: push a tag, the next run does the rest.",
    discussion: """
      Exit codes: 0 done, promoted or nothing to do; 10 rolled back; 11 failed before users saw it; 12 users are on something bad and \
      somebody must act; 13 a tag was refused; 14 aborted; 20 another run is at work (0 with --scheduled); 30 configuration; \
      31 unreachable; 32 not allowed; 33 the world changed, look and try again; 64 usage.
      """,
    version: "tagflip \(Tagflip.version)",
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, RollbackCommand.self, RetireCommand.self, RetryCommand.self,
      ClusterCommand.self,
      DemoCommand.self,
    ])
}
