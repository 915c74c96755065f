import FoundationEssentials

/// Base 64 (RFC 4648 §4) of bytes.
enum Base64 {
  static func text(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
