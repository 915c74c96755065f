import ArgumentParser
import ReleaseModel
import Testing

@testable import TagflipCommands

/// How the command line is read, and what it says to who gets it wrong.
@Suite struct CommandLineTests {
  private func parsed<Command: ParsableCommand>(_ words: String..., as type: Command.Type) throws -> Command {
    try #require(try RootCommand.parseAsRoot(words) as? Command)
  }

  @Test func `words become names and versions`() throws {
    let retry = try parsed("retry", "web", "v1.4.0", "--reason", "fixed", as: RetryCommand.self)
    #expect(retry.service == Samples.web)
    #expect(retry.version == Samples.version("1.4.0"))
    #expect(retry.reason == "fixed")
    #expect(try parsed("retry", "web", "1.4.0", as: RetryCommand.self).version == Samples.version("1.4.0"))
    #expect(try parsed("status", as: StatusCommand.self).service == nil)
    let rollback = try parsed("rollback", "web", "--force", "-s", "x.yaml", "--output", "json", "--log", "json", as: RollbackCommand.self)
    #expect(rollback.force && rollback.shared.output == .json && rollback.shared.log == .json && rollback.shared.settings == "x.yaml")
  }

  /// What somebody typed, and what he must read.
  static let mistakes: [([String], String)] = [
    (["retry", "web", "1.4"], "this is no semantic version; write it like 1.4.0"),
    (["plan", "web", "--version", "latest"], "this is no semantic version; write it like 1.4.0"),
    (["rollback", "Web"], "a service's name has lower-case letters, digits and dashes, at most 50; use the one from tagflip.yaml"),
    (["status", "shop/web"], "a service's name has lower-case letters"), (["retire", ""], "a service's name has lower-case letters"),
    (["plan", "web/v1.0.0", "--version", "1.0.0"], "a service's name has lower-case letters"),
    (["plan", "web/v1.0.0", "--at", "."], "--at goes with --version: tagflip plan SERVICE --version VERSION --at ."),
    (["plan", "web", "--version", "1.0.0", "--at", "main"], "--at main is neither a folder nor a commit's full id (git rev-parse HEAD)"),
    (["plan", "web", "--version", "1.0.0", "--at", "./nosuch"], "--at ./nosuch is neither a folder"),
    (["plan", "web", "--version", "1.0.0", "--at", "00db825"], "--at 00db825 is neither a folder"),
    (["rollback"], "Missing expected argument '<service>'"), (["retry", "web"], "Missing expected argument '<version>'"),
    (["run", "--output", "yaml"], "Please provide one of 'text' and 'json'."),
    (["run", "--setings", "x"], "Unknown option '--setings'. Did you mean '--settings'?"),
    (["run", "web"], "Unexpected argument 'web'"), (["cluster", "--port", "99999"], "--port must lie between 0 and 65535"),
    (["cluster", "--nodes", "0"], "--nodes must lie between 1 and 1000"), (["demo", "--load", "0"], "--load must lie between 1 and 1000"),
  ]

  @Test(arguments: mistakes) func `a mistake is a usage error that says what to write`(_ words: [String], _ message: String) throws {
    let error = try #require(throws: (any Error).self) { try RootCommand.parseAsRoot(words) }
    #expect(RootCommand.exitCode(for: error).rawValue == ExitCode.usage.rawValue)
    #expect(RootCommand.fullMessage(for: error).contains(message))
  }

  @Test func `a folder or a commit says where a version's files are`() {
    #expect(PlanCommand.Place("/tmp") == .folder("/tmp"))
    #expect(PlanCommand.Place(".") == .folder("."))
    let commit = String(repeating: "0a", count: 20)
    #expect(PlanCommand.Place(commit) == .commit(commit))
    #expect(PlanCommand.Place(commit + "0a") == nil)
    #expect(PlanCommand.Place("/nosuch/folder") == nil)
  }

  static let slips: [(String, String)] = [
    ("stauts", "did you mean \"status\"?"), ("rolback", "did you mean \"rollback\"?"), ("Run", "did you mean \"run\"?"),
    ("deploy", "there are: run, plan, status, rollback, retire, retry, override, adopt, leave, settle, audit, doctor, cluster, demo, help"),
    ("web/v1.0.0", "there are: run, plan, status"),
  ]

  @Test(arguments: slips) func `a verb that does not exist gets the nearest one as a hint`(_ word: String, _ hint: String) throws {
    let failure = try #require(throws: CommandFailure.self) { try KnownCommand.demand([word, "web"]) }
    #expect(failure.code == .usage)
    #expect(failure.lines.first == "error: there is no command \"\(word)\"")
    #expect(failure.lines.last?.hasPrefix("  next: \(hint)") == true)
    #expect(failure.lines.last?.hasSuffix("; see: tagflip --help") == true)
  }

  @Test(arguments: [[], ["run"], ["help", "run"], ["--version"], ["-h"], ["status", "stauts"]])
  func `what is a verb, or none at all, is left to the parser`(_ words: [String]) throws {
    try KnownCommand.demand(words)
  }

  @Test func `a word from outside cannot reach the terminal as an escape`() throws {
    let failure = try #require(throws: CommandFailure.self) { try KnownCommand.demand(["\u{1B}[2Jx"]) }
    #expect(!failure.lines.joined().contains("\u{1B}"))
  }

  static let distances: [(String, String, Int)] = [
    ("", "", 0), ("", "run", 3), ("run", "", 3), ("run", "run", 0), ("rnu", "run", 1), ("runn", "run", 1), ("ru", "run", 1),
    ("ran", "run", 1), ("plan", "run", 3),
  ]

  @Test(arguments: distances) func `the distance of two words`(_ left: String, _ right: String, _ distance: Int) {
    #expect(Word.distance(left, right) == distance)
    #expect(Word.distance(right, left) == distance)
  }

  @Test func `a hint names what there is where nothing is near`() {
    #expect(Word.hint("webb", ["web", "api"]) == "did you mean \"web\"?")
    #expect(Word.hint("payments", ["web", "api"]) == "there are: web, api")
    #expect(Word.hint("web", []) == "there is none")
  }
}

/// The help texts, whole.
@Suite struct HelpTests {
  private func help(_ command: any ParsableCommand.Type) -> String { RootCommand.helpMessage(for: command, columns: 80) }

  @Test func `the help of the root names verbs and exit codes`() {
    #expect(
      help(RootCommand.self) == """
        OVERVIEW: Git-driven blue-green releases for Kubernetes: push a tag, the next
        run does the rest.

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

        USAGE: tagflip <subcommand>
               tagflip --version

        OPTIONS:
          -h, --help              Show help information.

        SUBCOMMANDS:
          run                     Poll once: finish what is open, decide on new tags,
                                  release.
          plan                    Show what the release of a tag would do, or of a
                                  version that is not tagged yet. Changes nothing.
          status                  What users are on, what is under way, and what
                                  happens next and when.
          rollback                Send users back to the standby now; before exposure,
                                  abort the rollout.
          retire                  Let the standby go cold now instead of at the end of
                                  its window.
          retry                   Commit the wish to release a version once more: lifts
                                  its quarantine, or brings back an older one.
          override                Let a version begin although a freeze holds.
          adopt                   Let what serves users now stand for blue, without a
                                  restart and without a lost request.
          leave                   Undo adopt: the Service selects again what it
                                  selected before.
          settle                  After another hand moved the Service: say what is
                                  right.
          audit                   The audit trail: what was done, by whom, and whether
                                  any of it is missing or altered.
          doctor                  Whether everything that a run needs is there, and
                                  what to do where it is not.
          cluster                 Serve an embedded Kubernetes cluster on loopback
                                  until told to stop, and print its kubeconfig.
          demo                    Four releases on the embedded cluster under constant
                                  load: two good ones, one rolled back, one that users
                                  never see.

          See 'tagflip help <subcommand>' for detailed help.
        """)
  }

  @Test func `the help of plan shows by examples where files may come from`() {
    #expect(
      help(PlanCommand.self) == """
        OVERVIEW: Show what the release of a tag would do, or of a version that is not
        tagged yet. Changes nothing.

        tagflip plan web/v1.4.0
        tagflip plan web --version 1.4.0         as if the branch's tip were tagged
        tagflip plan web --version 1.4.0 --at .  as if this folder were

        USAGE: tagflip plan <tag> [<options>]
               tagflip plan <service> --version <x.y.z> [--at <folder or commit>] [<options>]

        ARGUMENTS:
          <tag or service>        A release tag, or a service together with --version.

        OPTIONS:
          -s, --settings <path>   The installation's settings (default:
                                  $TAGFLIP_SETTINGS, else config/tagflip.yaml).
          --output <format>       How results are printed on standard output. (values:
                                  text, json; default: text)
          --log <format>          How progress is told on standard error. (values:
                                  text, json; default: text)
          --version <x.y.z>       The version that is to be released.
          --at <folder or commit> Where its files are: a folder, or a commit's full id
                                  (default: the protected branch's tip).
          --offline               Do not ask the cluster.
          -h, --help              Show help information.

        """)
  }

  /// The verbs, those of a group one by one.
  static let verbs = RootCommand.configuration.subcommands.flatMap { command in
    command.configuration.subcommands.isEmpty ? [command] : command.configuration.subcommands
  }

  @Test(arguments: verbs.map { Verb(command: $0) })
  func `the help of every verb says what it does and explains every option`(_ verb: Verb) {
    let text = help(verb.command)
    #expect(text.hasPrefix("OVERVIEW: "))
    let options = text.split(separator: "\n").filter { $0.hasPrefix("  -") }
    #expect(options.count >= 2)
    // An option whose value is called like itself says nothing: `--output <output>`.
    #expect(text.firstMatch(of: #/--(\w+) <\1>/#) == nil, "\(text)")
  }

  struct Verb: Sendable, CustomTestStringConvertible {
    let command: any ParsableCommand.Type

    var testDescription: String { command.configuration.commandName ?? "" }
  }
}
