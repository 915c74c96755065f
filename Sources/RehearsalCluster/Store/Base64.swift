import FoundationEssentials

/// Base64 as Secrets carry it (RFC 4648 §4).
enum Base64 {
  static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// The text behind; empty where there is none.
  static func decoded(_ text: String) -> String { Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  static func isValid(_ text: String) -> Bool { Data(base64Encoded: text) != nil }
}
