package import Digests
import ReleaseModel

/// The installation's seal on its journals: whoever can write ConfigMaps in the bot's namespace, and does not have the key, cannot make a
/// journal that counts.
///
/// A journal is stored as one line of JSON, and with a key a second one: the seal, an HMAC over the line, the service's name and the seal
/// before it. Each write is so chained to the one before. What does not bear its seal is damaged: it is built anew from the Service, the colors
/// and Git, and its steps are told as claims.
package enum JournalSeal: Sendable {
  /// The settings name no key.
  case none
  case key([UInt8])
  /// The settings name a key that cannot be had. Nothing is released then; going back goes by the marker.
  indirect case unavailable(PortError)

  /// The shortest key that is taken, in bytes.
  package static let shortestKey = 16

  /// A seal as it stands below a journal.
  package struct Stamp: Sendable, Hashable, Codable {
    /// From 1; how many times the journal was written.
    package var number: Int
    /// The seal before; nil for the first.
    package var previous: KeyedDigest?
    package var seal: KeyedDigest
  }

  /// The stamp for the next version of a journal; nil without a key.
  func stamp(_ line: String, of service: ServiceName, after last: Stamp?) throws(PortError) -> Stamp? {
    switch self {
    case .none: nil
    case .key(let key):
      Stamp(
        number: (last?.number ?? 0) + 1, previous: last?.seal,
        seal: JournalSeal.seal(line, of: service, number: (last?.number ?? 0) + 1, previous: last?.seal, key: key))
    case .unavailable(let error): throw error
    }
  }

  /// Why a stored journal does not bear its seal; nil where it does, or where no key is asked for.
  func objection(to line: String, stamp: Stamp?, of service: ServiceName) throws(PortError) -> String? {
    switch self {
    case .none: return nil
    case .unavailable(let error): throw error
    case .key(let key):
      guard let stamp else { return "it bears no seal of the installation" }
      let seal = JournalSeal.seal(line, of: service, number: stamp.number, previous: stamp.previous, key: key)
      return seal == stamp.seal ? nil : "its seal is not the installation's: somebody else wrote it, or the key was changed"
    }
  }

  private static func seal(_ line: String, of service: ServiceName, number: Int, previous: KeyedDigest?, key: [UInt8]) -> KeyedDigest {
    let text = "tagflip journal v1\n\(service)\n\(number)\n\(previous?.description ?? "first")\n\(line)"
    return KeyedDigest(of: Array(text.utf8), key: key)
  }
}
