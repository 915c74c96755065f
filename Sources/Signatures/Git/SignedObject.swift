/// A commit or a tag taken apart into what its signature covers and the signature, exactly as Git does it.
///
/// Whoever judges a signature must judge the bytes that Git judges: what Git leaves out of the payload can be changed by anybody.
package struct SignedObject: Sendable, Hashable {
  /// What a signature is, by how it begins.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case ssh, openPGP, x509
    /// It begins like none that Git knows.
    case unknown
  }

  /// The bytes that are signed.
  package let payload: [UInt8]
  /// The armored signature with all that stands behind it; nil where there is none.
  package let signature: [UInt8]?

  /// The signature's kind; nil where there is none.
  package var kind: Kind? { signature.map(Self.kind(of:)) }

  /// A commit's bytes, without the header that its object has in a store.
  ///
  /// Git (commit.c, `parse_buffer_signed_by_header`): a `gpgsig` header and the lines that continue it, each without its first space, are the
  /// signature; a second such header is appended to the first, and other headers that begin with `gpgsig`, such as `gpgsig-sha256`, are in
  /// neither part. The message begins at the first empty line, and in it nothing is looked for.
  package init(commit raw: [UInt8]) {
    var (payload, signature): ([UInt8], [UInt8]?) = ([], nil)
    var (inSignature, inOther) = (false, false)
    for line in Lines(raw) {
      if inSignature, line.first == UInt8(ascii: " ") {
        signature = (signature ?? []) + line.dropFirst()
        continue
      }
      if line.starts(with: "gpgsig ".utf8) {
        signature = (signature ?? []) + line.dropFirst(7)
        (inSignature, inOther) = (true, false)
        continue
      }
      inSignature = false
      if line.starts(with: "gpgsig".utf8) {
        inOther = true
      } else if inOther, line.first != UInt8(ascii: " ") {
        inOther = false
      }
      if line.first == UInt8(ascii: "\n") {
        payload += raw[line.startIndex...]
        break
      }
      if !inOther { payload += line }
    }
    (self.payload, self.signature) = (payload, signature)
  }

  /// A tag's bytes, without the header that its object has in a store.
  ///
  /// Git (gpg-interface.c, `parse_signature`): the signature begins at the last line that begins an armor, and is all from there on. Of what
  /// is before it, `gpgsig` headers are left out, which a tag has in a repository of two hash functions.
  package init(tag raw: [UInt8]) {
    let start = Lines(raw).last { Self.kind(of: $0) != .unknown }?.startIndex
    payload = start.map { Self.withoutSignatureHeaders(Array(raw[..<$0])) } ?? raw
    signature = start.map { Array(raw[$0...]) }
  }

  /// Git (commit.c, `remove_signature`).
  private static func withoutSignatureHeaders(_ raw: [UInt8]) -> [UInt8] {
    var payload: [UInt8] = []
    var inSignature = false
    for line in Lines(raw) {
      if inSignature, line.first == UInt8(ascii: " ") { continue }
      inSignature = line.starts(with: "gpgsig ".utf8) || line.starts(with: "gpgsig-sha256 ".utf8)
      if inSignature { continue }
      if line.first == UInt8(ascii: "\n") { return payload + raw[line.startIndex...] }
      payload += line
    }
    return payload
  }

  /// The armors that Git knows (gpg-interface.c, `gpg_format`).
  private static let armors: [(Kind, [UInt8])] = [
    (.ssh, Array("-----BEGIN SSH SIGNATURE-----".utf8)), (.openPGP, Array("-----BEGIN PGP SIGNATURE-----".utf8)),
    (.openPGP, Array("-----BEGIN PGP MESSAGE-----".utf8)), (.x509, Array("-----BEGIN SIGNED MESSAGE-----".utf8)),
  ]

  private static func kind(of bytes: some Collection<UInt8>) -> Kind {
    armors.first { bytes.starts(with: $0.1) }?.0 ?? .unknown
  }
}

/// The lines of some bytes, each with its line end, which the last may lack.
private struct Lines: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[..<end]
  }
}

extension Sequence {
  /// The last element that fulfils a condition.
  fileprivate func last(where isWanted: (Element) -> Bool) -> Element? {
    var found: Element?
    for element in self where isWanted(element) { found = element }
    return found
  }
}
