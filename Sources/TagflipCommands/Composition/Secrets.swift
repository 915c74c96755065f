import FoundationEssentials
import ReleaseEngine
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// Looks secrets up where the settings say, at the moment they are needed.
enum Secrets {
  /// - Throws: `configuration` naming the file or variable, never what is in it.
  static func value(of reference: SecretReference, for purpose: String) throws(PortError) -> String {
    switch reference {
    case .text(let text): return text
    case .environment(let name):
      guard let value = getenv(name) else {
        throw PortError(
          .configuration, attempted: "find \(purpose)", reason: "the environment variable \(name) is not set", hint: "set it for the job")
      }
      return String(cString: value)
    case .file(let path):
      guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 16 else {
        throw PortError(
          .configuration, attempted: "find \(purpose)", reason: "the file cannot be read", hint: "mount it, or correct the settings",
          location: SourceLocation(file: path))
      }
      let text = String(decoding: data, as: UTF8.self)
      return String(text.reversed().drop { $0.isNewline || $0 == " " }.reversed())
    }
  }
}
