import ChildProcesses
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
    let child = try start(output: path)
    do {
      while !child.hasEnded { try await Task.sleep(for: .milliseconds(5)) }
    } catch {
      // Whoever ends the demo ends what it started.
      child.signal(SIGTERM)
      child.wait()
      throw error
    }
    let output = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return (output, Int32(child.wait().code))
  }

  /// Runs to the end and demands success.
  @discardableResult
  func succeed() async throws -> String {
    let (output, status) = try await run()
    guard status == 0 else { throw Failure(description: "\(arguments.joined(separator: " ")) ended with \(status)") }
    return output
  }

  /// Into a file, so that nobody has to read while it runs, and with our standard error. It stays in our process group, since whoever ends
  /// the demo from a terminal means both.
  private func start(output path: String) throws -> Child {
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { Descriptors.close(input, output) }
    do throws(ChildProcessError) {
      return try Child(Command(arguments), input: input, output: output, errors: 2, company: .ours)
    } catch {
      throw Failure(description: "\(arguments[0]) could not be started: \(error.cause)")
    }
  }
}
