import ReleaseModel

/// The header values that a check sends. They may be credentials, and services echo what they are sent.
struct RequestSecrets {
  /// Headers that hold no credentials, and whose values are common words.
  private static let harmless: Set<String> = [
    "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-type", "host", "origin", "pragma", "referer",
    "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-smoke",
  ]

  /// Longest first, so that a part never hides before its whole.
  private let values: [String]

  init(_ check: HTTPCheck) {
    let sent = check.headers.filter { !Self.harmless.contains($0.key.lowercased()) }.map(\.value)
    // `Bearer TOKEN` may come back as the token alone. Shorter words would hide what is no secret.
    let parts = sent.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }.filter { $0.count >= 6 }
    values = Set(sent.filter { $0.count >= 4 } + parts).sorted { ($0.count, $0) > ($1.count, $1) }
  }

  /// The text without them.
  func hidden(in text: String) -> String {
    values.reduce(text) { text, value in text.replacing(value, with: "…") }
  }
}
