import ChildProcesses
import Glibc
import TestSupport
import Testing

/// Tools that are run to their end.
@Suite(.onOwnThread) struct CommandTests {
  private static let environment = ["PATH": "/usr/bin:/bin"]

  private func sh(_ script: String, _ environment: [String: String] = environment) -> Command {
    Command(["sh", "-c", script], environment: environment)
  }

  private func run(
    _ script: String, input: [UInt8] = [], limits: Command.Limits = Command.Limits(), within: Duration = .seconds(20)
  ) throws -> Command.Completion {
    try sh(script).run(input: input, limits: limits, until: .now + within)
  }

  private func failure(_ body: () throws -> Command.Completion) -> ChildProcessError? {
    do {
      let completion = try body()
      Issue.record("it ran: \(completion.status), \(completion.outputText)")
      return nil
    } catch {
      #expect(error is ChildProcessError, "\(error)")
      return error as? ChildProcessError
    }
  }

  @Test func `what it writes, what it complains of and how it ends are told apart`() throws {
    let completion = try run("echo out; echo err >&2; exit 3")
    #expect(completion.outputText == "out\n" && completion.errorText == "err\n" && completion.status == .code(3))
    #expect(completion.status.code == 3 && !completion.status.isSuccess)
    #expect(try run("kill -KILL $$").status == .signal(9))
    #expect(try run("kill -KILL $$").status.code == 137)
    #expect(try run("true").status.isSuccess)
  }

  @Test func `it reads its input to the end, however long, while it writes`() throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let completion = try run("cat", input: bytes, limits: Command.Limits(output: 4_000_000))
    #expect(completion.status.isSuccess && completion.output == bytes)
    #expect(try run("cat").output.isEmpty, "no input is an end, not a wait")
  }

  @Test func `a command that does not read its input answers all the same`() throws {
    let completion = try run("exec 0<&-; echo done; exit 4", input: [UInt8](repeating: 1, count: 1_000_000))
    #expect(completion.outputText == "done\n" && completion.status == .code(4))
  }

  @Test func `it gets its arguments as they are, and no environment but what it is given`() throws {
    let words = ["printf", "%s|", "", "a b", "it's", "$HOME", "-n", "ä\nö"]
    #expect(try Command(words, environment: Self.environment).run(until: .now + .seconds(20)).outputText == "|a b|it's|$HOME|-n|ä\nö|")
    let names = try sh("env | cut -d= -f1 | sort", ["PATH": "/usr/bin:/bin", "ONLY": "x=y"]).run(until: .now + .seconds(20)).outputText
    #expect(Set(names.split(separator: "\n")).isSubset(of: ["ONLY", "PATH", "PWD", "SHLVL", "_", "OLDPWD"]))
    #expect(try sh("echo $ONLY", ["ONLY": "x=y"]).run(until: .now + .seconds(20)).outputText == "x=y\n")
  }

  @Test func `it inherits no descriptor`() throws {
    let open = Glibc.open("/etc/passwd", O_RDONLY)
    defer { close(open) }
    #expect(fcntl(open, F_GETFD) == 0, "it would be inherited")
    #expect(try run("for n in $(seq 3 400); do readlink /proc/self/fd/$n; done; readlink /proc/self/fd/0").outputText.hasPrefix("socket:"))
  }

  @Test func `it has no terminal, and a session of its own`() throws {
    #expect(try run("(exec </dev/tty) 2>/dev/null && echo terminal || echo none").outputText == "none\n")
    #expect(try run("[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leader").outputText == "leader\n")
  }

  @Test func `signals that are blocked or ignored here are not so there`() throws {
    var (blocked, before) = (sigset_t(), sigset_t())
    sigemptyset(&blocked)
    for signal in [SIGTERM, SIGUSR1, SIGPIPE] { sigaddset(&blocked, signal) }
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    let usr2 = signal(SIGUSR2, SIG_IGN)
    defer {
      pthread_sigmask(SIG_SETMASK, &before, nil)
      signal(SIGUSR2, usr2)
    }
    let masks = try run("grep -E '^Sig(Blk|Ign)' /proc/self/status").outputText.split(separator: "\n")
    // Beside those three, glibc itself sets 32 and 33, which are its own.
    let usual = UInt64(3) << 31 | UInt64(1) << (SIGHUP - 1) | UInt64(1) << (SIGINT - 1) | UInt64(1) << (SIGQUIT - 1)
    for mask in masks {
      let bits = try #require(UInt64(mask.split(separator: "\t")[1], radix: 16))
      #expect(bits & ~usual == 0, "\(mask)")
    }
    #expect(masks.count == 2)
  }

  @Test func `at the deadline it is killed with all that it started, whatever they ignore`() throws {
    let scratch = try Scratch()
    let start = ContinuousClock.now
    let script = "trap '' TERM INT HUP; (trap '' TERM; sleep 60) & echo $! $$ > \(scratch.path)/ids; wait; sleep 60"
    let error = failure { try run(script, within: .seconds(3)) }
    #expect(error?.kind == .timedOut && "\(error.map { "\($0)" } ?? "")" == "could not run sh: the deadline passed")
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try scratch.isGone("ids"))
  }

  @Test func `a deadline that is past lets nothing run on`() {
    #expect(failure { try run("sleep 60", within: .seconds(-1)) }?.kind == .timedOut)
  }

  @Test func `a helper that keeps the output open holds nobody up and does not survive`() throws {
    let scratch = try Scratch()
    let start = ContinuousClock.now
    let completion = try run("sleep 60 & echo $! > \(scratch.path)/id; echo done")
    #expect(completion.outputText == "done\n" && completion.status.isSuccess)
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try scratch.isGone("id"))
  }

  @Test func `more output than the limit ends it, and one byte less does not`() throws {
    #expect(try run("printf 12345", limits: Command.Limits(output: 5)).outputText == "12345")
    let error = failure { try run("printf 12345", limits: Command.Limits(output: 4)) }
    #expect(error?.kind == .tooLarge && error?.cause == "more than 4 bytes")
    #expect(failure { try run("yes", limits: Command.Limits(output: 100_000)) }?.kind == .tooLarge)
  }

  @Test func `of its complaints the last are kept`() throws {
    let completion = try run("seq 1 100000 >&2; printf end >&2", limits: Command.Limits(errors: 10))
    #expect(completion.errorText == "99\n100000\nend".suffix(10))
    #expect(failure { try run("yes >&2", within: .milliseconds(300)) }?.kind == .timedOut)
  }

  @Test func `a program that is not there, and one that may not be run, are missing`() throws {
    let scratch = try Scratch()
    try scratch.write("text", "no program")
    for program in ["tagflip-no-such-tool", "\(scratch.path)/text", "\(scratch.path)/none", scratch.path] {
      let error = failure { try Command([program, "secret"]).run(until: .now + .seconds(20)) }
      #expect(error?.kind == .missing && error?.program == program)
      #expect(error.map { "\($0)" }?.contains("secret") == false)
    }
    #expect(failure { try Command([]).run(until: .now + .seconds(20)) } != nil)
  }

  @Test func `many at once do not get in each other's way`() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask { try await Thread.run { try run("cat; echo \(number)", input: Array("n".utf8)).outputText == "n\(number)\n" } }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func `no descriptor is left behind, whatever happened`() throws {
    func mine() -> Int { (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 } }
    let before = mine()
    for _ in 0..<50 {
      _ = try run("cat; echo x", input: [1])
      _ = try? Command(["tagflip-no-such-tool"]).run(until: .now + .seconds(20))
      _ = try? run("yes", limits: Command.Limits(output: 10))
      _ = try? run("sleep 9", within: .zero)
    }
    // Other suites open some of their own meanwhile, and close them again; fifty that were forgotten stay.
    for _ in 0..<6000 where mine() - before >= 40 { usleep(10_000) }
    #expect(mine() - before < 40)
  }

  // On a thread of its own

  private func onOwnThread(_ command: Command, within: Duration = .seconds(20)) async -> Result<Command.Completion, ChildProcessError> {
    await withCheckedContinuation { continuation in
      command.runOnOwnThread(input: Array("in".utf8), until: .now + within) { continuation.resume(returning: $0) }
    }
  }

  @Test func `a run on a thread of its own ends as any other does`() async throws {
    let completion = try await onOwnThread(sh("cat; echo err >&2; exit 3")).get()
    #expect(completion.outputText == "in" && completion.errorText == "err\n" && completion.status == .code(3))
    #expect(await onOwnThread(Command(["no-such-program"])).failure?.kind == .missing)
    #expect(await onOwnThread(sh("sleep 600"), within: .milliseconds(100)).failure?.kind == .timedOut)
  }

  @Test func `runs on threads of their own hold nobody up`() async throws {
    // More than the cooperative pool has threads, which are as many as there are cores: each waits for the file that the last one makes.
    let scratch = try Scratch()
    let last = max(12, sysconf(CInt(_SC_NPROCESSORS_CONF)) + 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...last {
        let script = number == last ? "touch \(scratch.path)/go" : "until [ -e \(scratch.path)/go ]; do sleep 0.02; done"
        group.addTask { _ = try await self.onOwnThread(self.sh(script), within: .seconds(600)).get() }
      }
      try await group.waitForAll()
    }
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
