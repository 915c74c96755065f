/// The lines that `gpg --status-fd` writes for programs (GnuPG, doc/DETAILS, "Format of the --status-fd output").
struct GPGStatus {
  /// A line: its keyword and the words behind it.
  struct Line {
    var keyword: String
    var words: [Substring]
  }

  let lines: [Line]

  init(_ output: [UInt8]) {
    lines = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count >= 2, words[0] == "[GNUPG:]" else { return nil }
      return Line(keyword: String(words[1]), words: Array(words.dropFirst(2)))
    }
  }

  /// The words of the first line of that keyword.
  subscript(_ keyword: String) -> [Substring]? { lines.first { $0.keyword == keyword }?.words }

  /// The keywords of which every signature has exactly one.
  private static let results: Set = ["GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"]

  /// The hashes that cannot be forged today, by their numbers (RFC 9580, section 9.5): SHA-2 and SHA-3.
  private static let strongHashes: Set<Substring> = ["8", "9", "10", "11", "12", "14"]

  /// What the lines say of the signature; nil where they say nothing of one.
  func verdict(keyring: String) -> OpenPGPVerdict? {
    let results = lines.filter { Self.results.contains($0.keyword) }
    guard results.count <= 1, lines.count(where: { $0.keyword == "NEWSIG" || $0.keyword == "VALIDSIG" }) <= 2 else {
      return .refused(.several)
    }
    guard let result = results.first else { return nil }
    let keyID = result.words.first.map { SignatureError.line($0.prefix(40)) } ?? "?"
    switch result.keyword {
    case "BADSIG": return .refused(.bad(keyID: keyID))
    case "ERRSIG":
      // The sixth word is the reason: 9 for a missing key, 4 for an algorithm that is not known.
      return .refused(
        self["NO_PUBKEY"] != nil
          ? .unknownKey(keyID: keyID, keyring: keyring) : .unreadable("reason \(result.words.dropFirst(5).first ?? "?")"))
    default: return signature(of: result).map { judge(result.keyword, $0) }
    }
  }

  private func judge(_ keyword: String, _ signature: OpenPGPSignature) -> OpenPGPVerdict {
    guard let valid = self["VALIDSIG"], valid.count >= 9 else { return .refused(.unreadable("")) }
    guard Self.strongHashes.contains(valid[7]) else { return .refused(.weakHash(signature)) }
    guard valid[8] == "00" || valid[8] == "01" else { return .refused(.otherClass(signature)) }
    switch keyword {
    case "GOODSIG": return .good(signature)
    case "EXPSIG": return .refused(.expiredSignature(signature))
    case "EXPKEYSIG": return .refused(.expiredKey(signature, at: self["KEYEXPIRED"]?.first.flatMap { Int64($0) }))
    case "REVKEYSIG": return .refused(.revokedKey(signature))
    default: return .refused(.unreadable(keyword))
    }
  }

  /// Who and when, from the line `VALIDSIG`: fingerprint, date, time, expiry, version, reserved, key's and hash's algorithms, class, primary fingerprint.
  private func signature(of result: Line) -> OpenPGPSignature? {
    guard let valid = self["VALIDSIG"], valid.count >= 10, let time = Int64(valid[2]), [valid[0], valid[9]].allSatisfy(Self.isFingerprint)
    else { return nil }
    return OpenPGPSignature(
      primaryFingerprint: valid[9].uppercased(), signingFingerprint: valid[0].uppercased(), claimedTime: time,
      userID: SignatureError.line(result.words.dropFirst().joined(separator: " ").prefix(200)))
  }

  private static func isFingerprint(_ text: Substring) -> Bool { (32...64).contains(text.utf8.count) && text.allSatisfy(\.isHexDigit) }
}
