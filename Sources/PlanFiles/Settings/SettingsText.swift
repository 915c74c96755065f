import ReleaseModel

/// The settings as they may be written down: addresses of notices that somebody wrote into them, which are as good as passwords, are left out.
struct SettingsText {
  /// What stands in the place of an address.
  static let withheld = "withheld"
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The text without the secrets that were written in it; nil where one of them stands there in another spelling (escaped, folded), so that it
  /// cannot be cut out.
  func without(_ secrets: [SecretReference?]) -> [UInt8]? {
    let texts = secrets.compactMap { secret -> String? in
      guard case .text(let text) = secret, !text.isEmpty else { return nil }
      return text
    }
    guard !texts.isEmpty else { return bytes }
    var text = String(decoding: bytes, as: UTF8.self)
    guard texts.allSatisfy({ text.contains($0) }) else { return nil }
    // The longest first: one may be the beginning of another.
    for secret in texts.sorted(by: { $0.utf8.count > $1.utf8.count }) { text = text.replacing(secret, with: Self.withheld) }
    return Array(text.utf8)
  }
}
