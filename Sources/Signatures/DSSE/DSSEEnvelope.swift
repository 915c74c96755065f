import Digests
import FoundationEssentials

/// A document with signatures around it, in the format that supply-chain tools read: DSSE, version 1.0.2
/// (github.com/secure-systems-lab/dsse, protocol.md and envelope.md), with bare Ed25519 signatures.
///
/// An envelope that was read proves nothing until ``verify(by:)`` has named who signed it.
package struct DSSEEnvelope: Sendable, Hashable {
  /// One signature over the payload's type and bytes.
  package struct Signature: Sendable, Hashable {
    /// A hint whose key it is; here the key's `SHA256:…` fingerprint. Nobody signs it, so it decides nothing.
    package let keyID: String
    package let bytes: [UInt8]

    package init(keyID: String, bytes: [UInt8]) { (self.keyID, self.bytes) = (keyID, bytes) }
  }

  /// The most bytes of an envelope that are read.
  package static let limit = 16 << 20
  /// The most signatures of an envelope that are read.
  static let signatureLimit = 16

  /// What the payload is, such as `application/vnd.in-toto+json`.
  package let payloadType: String
  package let payload: [UInt8]
  package let signatures: [Signature]

  package init(payloadType: String, payload: [UInt8], signatures: [Signature]) {
    (self.payloadType, self.payload, self.signatures) = (payloadType, payload, signatures)
  }

  /// The payload signed by these keys.
  package init(payloadType: String, payload: [UInt8], signedBy keys: [SSHSigningKey]) throws(SignatureError) {
    let bytes = Self.preAuthenticationEncoding(payloadType: payloadType, payload: payload)
    var signatures: [Signature] = []
    for key in keys { signatures.append(Signature(keyID: key.publicKey.fingerprint, bytes: try key.signRaw(bytes))) }
    self.init(payloadType: payloadType, payload: payload, signatures: signatures)
  }

  /// What is signed: `DSSEv1`, the type and the payload, each behind its length (protocol.md, PAE).
  package static func preAuthenticationEncoding(payloadType: String, payload: some Collection<UInt8>) -> [UInt8] {
    Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }

  /// Which of the keys signed, in their order.
  ///
  /// Throws `mismatch` if none did, and `unsupported` if one is no Ed25519 key. Certificates are disregarded.
  package func verify(by keys: [SSHPublicKey]) throws(SignatureError) -> [SSHPublicKey] {
    let bytes = Self.preAuthenticationEncoding(payloadType: payloadType, payload: payload)
    var signers: [SSHPublicKey] = []
    for key in keys {
      guard key.algorithm == .ed25519 else {
        throw SignatureError(.unsupported, "verify", "the envelope", "\(key) cannot sign it: only Ed25519 keys can")
      }
      // By any of them: the hint is no proof, and not to trust it costs microseconds.
      let isSigner = signatures.contains { (try? key.plain.verify(RawSignature(ed25519: $0.bytes), of: bytes)) != nil }
      if isSigner { signers.append(key) }
    }
    guard !signers.isEmpty else {
      let hints = signatures.map { SignatureError.quoted($0.keyID) }.joined(separator: ", ")
      throw SignatureError(
        .mismatch, "verify", "the envelope", "none of \(keys.count) keys signed it\(hints.isEmpty ? "" : "; it names \(hints)")")
    }
    return signers
  }
}

extension DSSEEnvelope {
  private struct Document: Codable {
    struct Signature: Codable {
      var keyid: String?
      var sig: String
    }
    var payload: String
    var payloadType: String
    var signatures: [Signature]
  }

  /// Reads the JSON envelope; base64 may be standard or URL-safe, as the format allows.
  ///
  /// Throws `malformed` and, beyond ``limit`` bytes or sixteen signatures, `tooLarge`.
  package init(json: some Collection<UInt8>) throws(SignatureError) {
    func failure(_ kind: SignatureError.Kind, _ cause: String) -> SignatureError { SignatureError(kind, "read", "the envelope", cause) }
    guard json.count <= Self.limit else { throw failure(.tooLarge, "it has \(json.count) bytes; at most \(Self.limit) are read") }
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
      throw failure(.malformed, "it is no JSON object with payload, payloadType and signatures")
    }
    guard document.signatures.count <= Self.signatureLimit else {
      throw failure(.tooLarge, "it has \(document.signatures.count) signatures; at most \(Self.signatureLimit) are read")
    }
    guard let payload = Self.decode(document.payload) else { throw failure(.malformed, "its payload is not base64") }
    var signatures: [Signature] = []
    for signature in document.signatures {
      guard let bytes = Self.decode(signature.sig) else { throw failure(.malformed, "a signature is not base64") }
      signatures.append(Signature(keyID: signature.keyid ?? "", bytes: bytes))
    }
    self.init(payloadType: document.payloadType, payload: payload, signatures: signatures)
  }

  /// The envelope as JSON in one line, keys in alphabetical order: the same bytes for the same envelope.
  package var json: [UInt8] {
    let document = Document(
      payload: Base64.encode(payload), payloadType: payloadType,
      signatures: signatures.map { Document.Signature(keyid: $0.keyID, sig: Base64.encode($0.bytes)) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Text and arrays of text: there is nothing in it that JSON could not say.
    return (try? encoder.encode(document)).map(Array.init) ?? []
  }

  private static func decode(_ text: String) -> [UInt8]? {
    let standard = text.utf8.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: byte
      }
    }
    return Base64.decode(String(decoding: standard, as: UTF8.self))
  }
}
