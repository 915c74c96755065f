import ChildProcesses
import Glibc
import TestSupport
import Testing

/// One process and its owner.
@Suite(.onOwnThread) struct ChildTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func start(_ script: String, _ company: Child.Company = .ownGroup) throws -> Child {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { Descriptors.close(null) }
    return try Child(Command(["sh", "-c", "cd \(scratch.path); \(script)"]), input: null, output: null, errors: null, company: company)
  }

  /// Waits until a script has come so far as to make a file.
  private func waitFor(_ file: String) throws { try scratch.sh("for i in $(seq 1 1000); do [ -s \(file) ] && break; sleep 0.01; done") }

  @Test func `it is seen to end, once, by whoever asks`() throws {
    let child = try start("while [ ! -e go ]; do sleep 0.01; done; exit 7")
    #expect(!child.hasEnded && child.status == nil)
    try scratch.write("go", "")
    #expect(child.wait() == .code(7) && child.hasEnded && child.status == .code(7) && child.wait() == .code(7))
  }

  @Test func `told to end, it may do so by itself in its grace`() throws {
    let child = try start("trap 'exit 5' TERM; echo > ready; while :; do sleep 0.01; done")
    try waitFor("ready")
    child.end(within: .zero, notice: .seconds(20))
    #expect(child.status == .code(5))
    let quick = try start("sleep 0.05; exit 6")
    quick.end(within: .seconds(20))
    #expect(quick.status == .code(6))
  }

  @Test func `one that does not obey is killed, and what it started too`() throws {
    let child = try start("trap '' TERM; sleep 60 & echo $! > id; echo > ready; sleep 60")
    try waitFor("ready")
    child.end(within: .zero)
    #expect(child.status == .signal(9))
    #expect(try scratch.isGone("id"))
  }

  @Test func `while it is waited for, what it says is taken`() throws {
    let child = try start("sleep 0.2")
    var calls = 0
    child.end(within: .seconds(20)) {
      calls += 1
      return false
    }
    #expect(child.status == .code(0) && calls > 2)
  }

  @Test func `let go of, it is killed`() throws {
    var child: Child? = try start("echo $$ > id; sleep 60")
    try waitFor("id")
    #expect(child?.hasEnded == false)
    child = nil
    #expect(try scratch.isGone("id"))
  }

  @Test(arguments: [Child.Company.ours, .ownGroup, .ownSession])
  func `it belongs to the group and session it was started for`(_ company: Child.Company) throws {
    let child = try start("cut -d' ' -f5,6 /proc/$$/stat > ids; echo $$ >> ids", company)
    #expect(child.wait() == .code(0))
    let ids = try scratch.sh("cat ids").split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    #expect(ids.count == 3)
    #expect(ids[0] == (company == .ours ? getpgrp() : ids[2]))
    #expect(ids[1] == (company == .ownSession ? ids[2] : getsid(0)))
  }

  @Test func `standard error may be ours`() throws {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { Descriptors.close(null) }
    let script = "[ \"$(readlink /proc/$$/fd/2)\" = \"$(readlink /proc/\(getpid())/fd/2)\" ]"
    let child = try Child(Command(["sh", "-c", script]), input: null, output: null, errors: 2, company: .ours)
    #expect(child.wait() == .code(0))
  }
}

extension Scratch {
  /// Whether the processes that a file names are dead, or are so in a moment: a signal takes a while. A zombie is dead too; whether it is
  /// reaped is its new parent's business.
  func isGone(_ file: String) throws -> Bool {
    let script = """
      for i in $(seq 1 500); do
        left=0
        for id in $(cat \(file)); do
          case $(cut -d' ' -f3 /proc/$id/stat 2>/dev/null) in ''|Z) ;; *) left=1;; esac
        done
        [ $left = 0 ] && { echo gone; exit; }
        sleep 0.01
      done
      """
    return try sh(script) == "gone"
  }
}
