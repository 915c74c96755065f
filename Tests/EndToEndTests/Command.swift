import CLibspawn
import FoundationEssentials
import Glibc

/// A program run to its end, or left to run in the background.
final class Command: Sendable {
  struct Result: Sendable {
    var status: Int32
    var output: String
    var errors: String
  }

  private let pid: pid_t
  private let prefix: String

  /// Starts a program that is found by its path, or along `PATH`.
  init(_ words: [String], in folder: String, environment: [String: String] = [:]) throws {
    prefix = "\(folder)/.run-\(UInt32.random(in: .min ... .max))"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, prefix + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, prefix + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var all = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    all["GIT_CONFIG_GLOBAL"] = "/dev/null"
    var argv = Command.copies(words)
    var environ = Command.copies(all.map { "\($0.key)=\($0.value)" })
    defer { for pointer in argv + environ { free(pointer) } }
    var pid = pid_t()
    guard posix_spawnp(&pid, words[0], &actions, nil, &argv, &environ) == 0 else { throw WorldFailure("\(words[0]) could not be started") }
    self.pid = pid
  }

  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var result: [UnsafeMutablePointer<CChar>?] = []
    for word in words { result.append(strdup(word)) }
    return result + [nil]
  }

  /// Waits for the end; after the limit it is killed.
  func wait(seconds: Int = 120) async throws -> Result {
    var status: Int32 = 0
    let deadline = ContinuousClock.now + .seconds(seconds)
    while waitpid(pid, &status, WNOHANG) == 0 {
      if ContinuousClock.now > deadline { kill(pid, SIGKILL) }
      try await Task.sleep(for: .milliseconds(10))
    }
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    return Result(status: code, output: output, errors: errors)
  }

  /// Ends it and waits.
  func stop() {
    kill(pid, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<300 {
      if waitpid(pid, &status, WNOHANG) != 0 { return }
      usleep(10_000)
    }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
  }

  var output: String { text(".out") }
  var errors: String { text(".err") }

  private func text(_ end: String) -> String {
    FileManager.default.contents(atPath: prefix + end).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// Why the world of a test is not as the test needs it.
struct WorldFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
