import ChildProcesses

/// Keys that count no longer, whatever lists them: a text, or OpenSSH's binary key revocation list (KRL).
///
/// A text has one entry a line, beside empty lines and comments that begin with `#`:
///
/// | line | takes back |
/// |---|---|
/// | `ssh-ed25519 AAAA…`, also behind `key:`, `sha256:` or `sha1:` | the key, with and without certificates, and all certificates it signed |
/// | `SHA256:…`, also behind `hash:` | the same by its fingerprint |
/// | `serial: 7` or `serial: 7-9` | certificates of these serial numbers, by whatever authority |
/// | `id: TEXT` | certificates with this key id, by whatever authority |
///
/// These are the lines of ssh-keygen(1), KEY REVOCATION LISTS, and those of the flat list that `ssh-keygen -Y verify -r` takes.
/// A line that cannot be read is an error: a key that somebody meant to take back must not slip through.
package struct RevocationList: Sendable, Hashable {
  /// The most bytes of a list that are read.
  package static let limit = 16 << 20
  private static let magic = Array("SSHKRL\n\0".utf8)

  private enum Content: Sendable, Hashable {
    case text([RevokedLine])
    case binary([UInt8])
  }

  private let content: Content
  private let file: String
  private let tool: Tool

  /// Reads a list's bytes, text or binary.
  ///
  /// - Parameter tool: how `ssh-keygen` is run, which alone reads binary lists.
  ///
  /// Throws `malformed` with the place, `tooLarge`, and like ``SSHPublicKey/init(blob:)`` for its keys.
  package init(_ bytes: some Collection<UInt8>, file: String, tool: Tool = Tool("ssh-keygen")) throws(SignatureError) {
    (self.file, self.tool) = (file, tool)
    guard bytes.count <= Self.limit else {
      throw SignatureError(.tooLarge, "read", "the revocation list", "\(file) has \(bytes.count) bytes; at most \(Self.limit) are read")
    }
    guard !bytes.starts(with: Self.magic) else {
      content = .binary(Array(bytes))
      return
    }
    var lines: [RevokedLine] = []
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if let line = try RevokedLine(line, file: file, number: number + 1) { lines.append(line) }
    }
    content = .text(lines)
  }

  /// Reads a text list.
  package init(_ text: String, file: String) throws(SignatureError) { try self.init(Array(text.utf8), file: file) }

  /// Why the key counts as taken back; nil where it does not.
  ///
  /// For a binary list this runs `ssh-keygen -Q` and **blocks**, until ``Tool/timeout`` at the worst; then it throws `unavailable` or `timedOut`
  /// where that gives no answer, and nobody may take that for a no.
  package func revocation(of key: SSHPublicKey) throws(SignatureError) -> Revocation? {
    switch content {
    case .text(let lines):
      return lines.first { $0.revokes(key) }.map { .listed(fingerprint: key.fingerprint, file: file, line: $0.number) }
    case .binary(let bytes):
      return try isInBinaryList(key, bytes) ? .inBinaryList(fingerprint: key.fingerprint, file: file) : nil
    }
  }

  private func isInBinaryList(_ key: SSHPublicKey, _ bytes: [UInt8]) throws(SignatureError) -> Bool {
    let folder = try TemporaryFolder()
    // The bytes that were read and not the file, which may be another by now.
    let list = try folder.write("krl", bytes)
    let question = try folder.write("key.pub", Array("\(key.line)\n".utf8))
    let completion = try tool.run(["-Q", "-f", list, question], attempted: "ask", subject: "the revocation list \(file)")
    switch completion.status {
    case .code(0): return false
    case .code(1) where completion.outputText.contains("REVOKED"): return true
    default:
      throw SignatureError(.unavailable, "ask", "the revocation list \(file)", tool.complaint(of: completion))
    }
  }
}

/// A line of a text list.
private struct RevokedLine: Sendable, Hashable {
  enum Entry: Sendable, Hashable {
    case key(PlainKey)
    case fingerprint(String)
    case serials(ClosedRange<UInt64>)
    case keyID(String)
  }

  let number: Int
  let entry: Entry

  /// Nil for an empty line and a comment.
  init?(_ bytes: some Collection<UInt8>, file: String, number: Int) throws(SignatureError) {
    func failure(_ cause: String, _ kind: SignatureError.Kind = .malformed) -> SignatureError {
      SignatureError(kind, "read", "the revocation list", cause, at: TextPlace(file: file, line: number, column: 1))
    }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw failure("the line is no text") }
    let line = text.trimmed
    guard let first = line.first, first != "#" else { return nil }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1]).trimmed : ""
    self.number = number
    switch parts[0].lowercased() {
    case "serial":
      guard let serials = Self.serials(value) else { throw failure("\(SignatureError.quoted(value)) is no serial number and no range 7-9") }
      entry = .serials(serials)
    case "id":
      guard !value.isEmpty else { throw failure("the key id is missing") }
      entry = .keyID(value)
    case "hash": entry = try Self.fingerprint(value, failure)
    case "sha256" where parts[1].first.map { !$0.isWhitespace } ?? false: entry = try Self.fingerprint(line, failure)
    case "key", "sha256", "sha1": entry = try Self.key(value, failure)
    default: entry = try Self.key(line, failure)
    }
  }

  func revokes(_ key: SSHPublicKey) -> Bool {
    switch entry {
    case .key(let revoked): key.plain == revoked || key.certificate?.authorityKey == revoked
    case .fingerprint(let revoked): key.fingerprint == revoked || key.certificate?.authorityKey.fingerprint == revoked
    case .serials(let serials): key.certificate.map { serials.contains($0.serial) } ?? false
    case .keyID(let id): key.certificate?.keyID == id
    }
  }

  private typealias Failure = (String, SignatureError.Kind) -> SignatureError

  private static func key(_ text: String, _ failure: Failure) throws(SignatureError) -> Entry {
    do throws(SignatureError) {
      return .key(try SSHPublicKey(line: text).plain)
    } catch {
      throw failure(error.cause, error.kind)
    }
  }

  private static func fingerprint(_ text: String, _ failure: Failure) throws(SignatureError) -> Entry {
    let digits = text.dropFirst("SHA256:".count)
    let word = digits.prefix { $0 != " " && $0 != "\t" }
    let unpadded = word.last == "=" ? word.dropLast() : word
    guard text.hasPrefix("SHA256:"), unpadded.utf8.count == 43, Base64Text.isAlphabet(unpadded) else {
      throw failure("\(SignatureError.quoted(text)) is no fingerprint: SHA256: and 43 characters, as ssh-keygen -l prints it", .malformed)
    }
    return .fingerprint("SHA256:\(unpadded)")
  }

  private static func serials(_ text: String) -> ClosedRange<UInt64>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt64(String($0).trimmed) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else { return nil }
    return first...last
  }
}

private enum Base64Text {
  static func isAlphabet(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "+"), UInt8(ascii: "/"): true
      default: false
      }
    }
  }
}

extension String {
  /// Without the spaces, tabs and carriage returns around it.
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    var text = drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return String(text)
  }
}
