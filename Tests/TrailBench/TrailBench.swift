import FoundationEssentials
import Glibc
import ReleaseModel

/// What one more record costs at the end of a trail, and what it costs to verify one and all.
///
/// `TrailBench RECORDS` makes such a trail and prints one line of JSON. jobs/bench runs it built for release, as a process of its own for each length, so
/// that the peak of memory is that length's.
@main struct TrailBench {
  static func main() async {
    do {
      guard CommandLine.arguments.count == 2, let records = Int(CommandLine.arguments[1]), records > 0 else {
        throw Failure(description: "usage: TrailBench RECORDS")
      }
      let folder = try temporaryFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      print(try CanonicalJSON.text(of: try await TrailCosts(records: records, folder: folder)))
    } catch {
      let words = Array("error: \(error)\n".utf8)
      _ = write(STDERR_FILENO, words, words.count)
      exit(1)
    }
  }

  private static func temporaryFolder() throws -> String {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(base)/tagflip-trail-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(description: "no temporary folder can be made in \(base)") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Why nothing was measured.
struct Failure: Error, CustomStringConvertible {
  let description: String
}
