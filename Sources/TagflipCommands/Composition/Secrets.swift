import ReleaseEngine
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// Looks secrets up where the settings say, at the moment they are needed.
enum Secrets {
  /// - Throws: `configuration` naming the file or variable, never what is in it.
  static func value(of reference: SecretReference, for purpose: String) throws(PortError) -> String {
    let (value, place) = try found(reference, purpose)
    let text = String(value.reversed().drop { $0.isNewline || $0 == " " }.reversed())
    guard !text.isEmpty else {
      throw PortError(
        .configuration, attempted: "find \(purpose)", reason: "\(place.name) is empty", hint: "put the secret there", location: place.file)
    }
    return text
  }

  private static func found(
    _ reference: SecretReference, _ purpose: String
  ) throws(PortError) -> (value: String, place: (name: String, file: SourceLocation?)) {
    switch reference {
    case .text(let text): return (text, ("the text in the settings", nil))
    case .environment(let name):
      guard let value = getenv(name) else {
        throw PortError(
          .configuration, attempted: "find \(purpose)", reason: "the environment variable \(name) is not set",
          hint: "set it for the job, or name another in the settings")
      }
      return (String(cString: value), ("the environment variable \(name)", nil))
    case .file(let path):
      let bytes = try Files.read(path, attempted: "find \(purpose)", hint: "mount it, or correct the settings", limit: 1 << 16)
      return (String(decoding: bytes, as: UTF8.self), ("the file", SourceLocation(file: path)))
    }
  }
}
