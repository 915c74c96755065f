/// Where in a text file something stands.
package struct TextPlace: Sendable, Hashable, CustomStringConvertible {
  package let file: String
  /// From 1.
  package let line: Int
  /// From 1, in Unicode scalars.
  package let column: Int

  package init(file: String, line: Int, column: Int) { (self.file, self.line, self.column) = (file, line, column) }

  /// `file:line:column`, as compilers say it.
  package var description: String { "\(file):\(line):\(column)" }
}

/// Why something could not be signed, read or verified: of what kind, what was attempted, on what, and what was wrong.
///
/// No text in it holds a part of a private key. What comes from the bytes that were read is cut and freed of control characters.
package struct SignatureError: Error, Sendable, Hashable {
  /// What a caller can act on.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// It is not what it should be: cut short, or not written by the rules.
    case malformed
    /// It exceeds a bound that is fixed here or was given.
    case tooLarge
    /// It may be right, but of a version or kind that is not known here.
    case unsupported
    /// It is of a kind that can be forged, or of a key that can be computed: SHA-1, RSA of less than 2048 bits.
    case weak
    /// The mathematics say no: these bytes were not signed by this key.
    case mismatch
    /// A file is missing, may not be read, or may be read by too many.
    case unreadable
    /// What is needed is not here: a program, an agent, a passphrase.
    case unavailable
    /// A program was still running at its deadline.
    case timedOut
  }

  package let kind: Kind
  /// What was being done, `verify` or `read`.
  package let attempted: String
  /// What it was done to: `the signature`, a file's path.
  package let subject: String
  /// What was wrong and, where something can be done, what to do; one line.
  package let cause: String
  /// Where it stands, for what was read from a text file.
  package let place: TextPlace?

  package init(_ kind: Kind, _ attempted: String, _ subject: String, _ cause: String, at place: TextPlace? = nil) {
    self.kind = kind
    self.attempted = attempted
    self.subject = subject
    self.cause = Self.line(cause)
    self.place = place
  }

  /// Text from elsewhere made safe for one line of a log: of at most 1,000 scalars, without control characters.
  static func line(_ text: some StringProtocol) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(1000) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: line.append(" ")
      default: line.append(scalar)
      }
    }
    return String(line).split(separator: " ").joined(separator: " ")
  }

  /// A name from elsewhere for the inside of a message: in quotes and of at most 80 characters.
  static func quoted(_ name: some StringProtocol) -> String {
    let line = line(name)
    return "\"\(line.count > 80 ? line.prefix(80) + "…" : line[...])\""
  }
}

extension SignatureError: CustomStringConvertible {
  package var description: String {
    "\(place.map { "\($0): " } ?? "")could not \(attempted) \(subject): \(cause.isEmpty ? kind.words : cause)"
  }
}

extension SignatureError.Kind {
  /// The kind as part of a sentence.
  package var words: String {
    switch self {
    case .malformed: "malformed"
    case .tooLarge: "too large"
    case .unsupported: "not supported"
    case .weak: "too weak"
    case .mismatch: "it was not made by this key over these bytes"
    case .unreadable: "unreadable"
    case .unavailable: "not available"
    case .timedOut: "the deadline passed"
    }
  }
}
