import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// A program that the demo runs: `git`, and tagflip itself.
struct ChildProcess {
  /// Why a child did not do what it was for.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let arguments: [String]
  /// Where its output is kept meanwhile.
  let folder: String

  /// Runs to the end; what it wrote to standard output, and its exit code.
  func run() async throws -> (output: String, status: Int32) {
    let path = "\(folder)/.output-\(UInt32.random(in: .min ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let pid = try spawn(output: path)
    var status: Int32 = 0
    do {
      while waitpid(pid, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    } catch {
      // Whoever ends the demo ends what it started.
      kill(pid, SIGTERM)
      waitpid(pid, &status, 0)
      throw error
    }
    let output = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    return (output, code)
  }

  /// Runs to the end and demands success.
  @discardableResult
  func succeed() async throws -> String {
    let (output, status) = try await run()
    guard status == 0 else { throw Failure(description: "\(arguments.joined(separator: " ")) ended with \(status)") }
    return output
  }

  private func spawn(output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // A listener that a child inherits stays open in it when the cluster closes it, and nobody accepts there.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var words: [UnsafeMutablePointer<CChar>?] = []
    for argument in arguments { words.append(strdup(argument)) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var pid = pid_t()
    let result = posix_spawnp(&pid, arguments[0], &actions, nil, &words, environ)
    guard result == 0 else {
      throw Failure(description: "\(arguments[0]) could not be started: \(String(cString: strerror(result)))")
    }
    return pid
  }
}
