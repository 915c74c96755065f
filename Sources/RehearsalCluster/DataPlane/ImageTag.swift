import KubernetesModel

/// What an image reference says to this cluster, which has no registry: a tag, the knobs in it, and the digest it stands for.
package struct ImageTag: Sendable, Hashable {
  /// The tag, `latest` where the reference has none; a reference by digest alone gives the digest's hexadecimal digits.
  package let text: String
  /// The reference without tag and digest.
  package let repository: String
  /// The reference with a digest in place of its tag: its own one, else one that is computed from the reference and always the same.
  package let digestReference: String

  package init(reference: String) {
    let parts = reference.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let named = parts[0]
    let lastComponent = named.lastIndex(of: "/").map { named.index(after: $0) } ?? named.startIndex
    let colon = named[lastComponent...].firstIndex(of: ":")
    repository = String(named[..<(colon ?? named.endIndex)])
    let tag = colon.map { String(named[named.index(after: $0)...]) } ?? ""
    let digest = parts.count > 1 ? String(parts[1]) : nil
    let digestDigits = digest?.split(separator: ":").last.map(String.init)
    text = tag.isEmpty ? digestDigits ?? "latest" : tag
    digestReference = "\(repository)@\(digest ?? Self.inventedDigest(of: reference))"
  }

  /// The knobs that the tag turns, `1.4.0--error-rate-0.5--unready`: a name of lower-case words, then a number or nothing, which is `true`.
  package var knobs: [String: String] {
    var found: [String: String] = [:]
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "-") {
      rest = rest[start...]
      guard let (name, value, end) = Self.knob(in: rest) else {
        rest = rest.dropFirst()
        continue
      }
      found[name] = value
      rest = rest[end...]
    }
    return found
  }

  private static func knob(in text: Substring) -> (name: String, value: String, end: String.Index)? {
    guard text.hasPrefix("--") else { return nil }
    let name = text.dropFirst(2).prefix { isLowercase($0) || $0 == "-" }
    let words = name.split(separator: "-", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
    guard let last = words.last, let first = words.first else { return nil }
    let end = last.endIndex
    let value = text[end...].hasPrefix("-") ? text[end...].dropFirst().prefix { isDigit($0) || $0 == "." } : ""
    let spelled = String(text[first.startIndex..<end])
    guard let leading = value.first, isDigit(leading) else { return (spelled, "true", end) }
    return (spelled, String(value), value.endIndex)
  }

  private static func isLowercase(_ character: Character) -> Bool { ("a"..."z").contains(character) }
  private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

  /// A digest that no image has but that behaves like one: FNV-1a over the reference, four times with different beginnings.
  private static func inventedDigest(of reference: String) -> String {
    let words = (0..<4).map { part in
      reference.utf8.reduce(0xcbf2_9ce4_8422_2325 &+ part &* 0x9e37_79b9_7f4a_7c15) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
    return "sha256:" + words.map { hexadecimal($0) }.joined()
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
