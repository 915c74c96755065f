import Testing

@testable import Signatures

/// The status lines of `gpg` one by one, those too that no `gpg` at hand writes.
@Suite struct GPGStatusTests {
  private static let key = "3628AF89781018DC2C8F50B732893D1BF97D0EA6"
  private static let primary = "0123456789ABCDEF0123456789ABCDEF01234567"
  private static let good = "GOODSIG 32893D1BF97D0EA6 Ada <ada@example.org>"

  private static func valid(_ hash: String = "8", _ kind: String = "00", time: String = "1767323045", key: String = key) -> String {
    "VALIDSIG \(key) 2026-01-02 \(time) 0 4 0 22 \(hash) \(kind) \(primary)"
  }

  private func verdict(_ lines: [String]) -> String {
    let text = lines.map { "[GNUPG:] \($0)\n" }.joined()
    return switch GPGStatus(Array(text.utf8)).verdict(keyring: "keys.gpg") {
    case .good(let signature): "good \(signature.primaryFingerprint.prefix(4)) \(signature.claimedTime) \(signature.userID)"
    case .refused(let refusal): "\(refusal)"
    case nil: "nothing"
    }
  }

  static let cases: [(lines: [String], words: String)] = [
    (["NEWSIG", good, valid()], "good 0123 1767323045 Ada <ada@example.org>"),
    ([good, valid("10", "01")], "good 0123 1767323045 Ada <ada@example.org>"),
    ([], "nothing"), (["NEWSIG"], "nothing"), ([valid()], "nothing"), ([good], "nothing"), ([good, "VALIDSIG \(key)"], "nothing"),
    ([good, valid(time: "20260102T030405")], "nothing"), ([good, valid(key: "nonsense")], "nothing"),
    ([good, good, valid()], "it holds more than one OpenPGP signature"),
    (["BADSIG 1 x", good, valid()], "it holds more than one OpenPGP signature"),
    ([good, valid(), valid(), valid()], "it holds more than one OpenPGP signature"),
    (["NEWSIG", "NEWSIG", good, valid()], "it holds more than one OpenPGP signature"),
    ([good, valid("2")], "the signature by OpenPGP key \(primary) was made with a hash that can be forged"),
    ([good, valid("99")], "the signature by OpenPGP key \(primary) was made with a hash that can be forged"),
    ([good, valid("8", "10")], "the signature by OpenPGP key \(primary) is none over a document"),
    (["BADSIG 32893D1BF97D0EA6 Ada"], "OpenPGP key 32893D1BF97D0EA6 did not sign these bytes"),
    (["BADSIG"], "OpenPGP key ? did not sign these bytes"),
    (["ERRSIG 1234 22 8 00 1 9 -", "NO_PUBKEY 1234"], "OpenPGP key 1234 is not in keys.gpg"),
    (["ERRSIG 1234 99 8 00 1 4 -"], "it is no OpenPGP signature that gpg can read: reason 4"),
    (["EXPKEYSIG 1 Ada", "KEYEXPIRED 1735776000", valid()], "OpenPGP key \(primary) expired at 2025-01-02T00:00:00Z"),
    (["EXPKEYSIG 1 Ada", valid()], "OpenPGP key \(primary) expired"), (["REVKEYSIG 1 Ada", valid()], "OpenPGP key \(primary) was revoked"),
    (["EXPSIG 1 Ada", valid()], "the signature by OpenPGP key \(primary) expired"), (["EXPSIG 1 Ada"], "nothing"),
  ]

  @Test(arguments: cases) func `each status has its verdict`(_ lines: [String], _ words: String) { #expect(verdict(lines) == words) }

  @Test func `lines that only look like status lines are passed over`() {
    for text in ["gpg: \(Self.good)\n\(Self.valid())\n", "x[GNUPG:] \(Self.good)\n", "[GNUPG:]\n[GNUPG:] \n", "\0\u{ff}"] {
      #expect(GPGStatus(Array(text.utf8)).verdict(keyring: "keys.gpg") == nil)
    }
  }
}
