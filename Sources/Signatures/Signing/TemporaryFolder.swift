import FoundationEssentials
import Glibc

/// A folder that only this user may look into; it goes with its owner.
struct TemporaryFolder: ~Copyable {
  let path: String

  /// Under `TMPDIR` or `/tmp`; throws `unavailable` where none can be made.
  init() throws(SignatureError) {
    let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(base)/tagflip-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      let cause = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? ""
      throw SignatureError(.unavailable, "make", "a temporary folder in \(base)", cause)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file; its path.
  func write(_ name: String, _ bytes: [UInt8]) throws(SignatureError) -> String {
    let file = "\(path)/\(name)"
    do {
      try Data(bytes).write(to: URL(filePath: file))
    } catch {
      throw SignatureError(.unavailable, "write", file, "the disk may be full")
    }
    return file
  }
}
