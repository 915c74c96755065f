/// Whose signatures count, and for what: the file format of `ssh-keygen -Y verify` (ssh-keygen(1), ALLOWED SIGNERS), which Git's
/// `gpg.ssh.allowedSignersFile` has too.
///
/// Every line of it was understood: unlike `ssh-keygen`, which passes a line over that it cannot read, a file with such a line is refused.
package struct AllowedSigners: Sendable, Hashable {
  /// The most bytes of a file that are read.
  package static let limit = 1 << 20

  let lines: [AllowedSignersLine]
  /// The file's name, for messages.
  package let file: String

  /// Reads the file's text.
  ///
  /// Throws `malformed` with the place and what to do, `tooLarge` beyond ``limit``, and like ``SSHPublicKey/init(blob:)`` for its keys.
  package init(_ bytes: some Collection<UInt8>, file: String) throws(SignatureError) {
    guard bytes.count <= Self.limit else {
      throw SignatureError(.tooLarge, "read", "the allowed signers", "\(file) has \(bytes.count) bytes; at most \(Self.limit) are read")
    }
    var lines: [AllowedSignersLine] = []
    for (number, bytes) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      var parser = AllowedSignersParser(bytes, file: file, line: number + 1)
      if let line = try parser.line() { lines.append(line) }
    }
    (self.lines, self.file) = (lines, file)
  }

  /// Reads the file's text.
  package init(_ text: String, file: String) throws(SignatureError) { try self.init(Array(text.utf8), file: file) }

  /// How many keys are listed, authorities included.
  package var count: Int { lines.count }

  /// The keys that are listed to sign by themselves, authorities not included.
  package var keys: [SSHPublicKey] { lines.filter { !$0.options.isAuthority }.map(\.key) }
}

/// A line of the file.
struct AllowedSignersLine: Sendable, Hashable {
  /// From 1.
  var number: Int
  var principals: PatternList
  var options: Options
  var key: SSHPublicKey

  /// What stands between the principals and the key.
  struct Options: Sendable, Hashable {
    /// Whether the key counts by the certificates that it signed, and not itself.
    var isAuthority = false
    /// Nil for all.
    var namespaces: PatternList?
    /// Seconds since 1970; valid from this second on.
    var validAfter: Int64?
    /// Seconds since 1970; valid up to and including this second.
    var validBefore: Int64?
  }
}
