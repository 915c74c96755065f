/// Reads what SSH writes (RFC 4251, section 5): numbers in network order, and strings behind their lengths.
///
/// Never reads beyond its bytes: whatever a length claims, it ends with an error that says what was being read.
struct WireReader {
  private let subject: String
  private let bytes: ArraySlice<UInt8>
  private var rest: ArraySlice<UInt8>

  /// - Parameter subject: what is read, for messages: `the signature`.
  init(_ bytes: some Collection<UInt8>, of subject: String) {
    self.subject = subject
    self.bytes = Array(bytes)[...]
    rest = self.bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// All that was read so far.
  var consumed: ArraySlice<UInt8> { bytes[..<rest.startIndex] }

  /// That many bytes as they are.
  mutating func bytes(_ count: Int) throws(SignatureError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw failure("it is cut short") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func byte() throws(SignatureError) -> UInt8 { try bytes(1).reduce(0) { $1 } }

  mutating func uint32() throws(SignatureError) -> UInt32 { try bytes(4).reduce(0) { $0 << 8 | UInt32($1) } }

  mutating func uint64() throws(SignatureError) -> UInt64 { try bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

  /// A `string`: bytes behind their count.
  mutating func string() throws(SignatureError) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: try uint32()) else { throw failure("it is cut short") }
    return try bytes(count)
  }

  /// A `string` of so many bytes.
  mutating func string(of count: Int, _ name: String) throws(SignatureError) -> [UInt8] {
    let string = try string()
    guard string.count == count else { throw failure("\(name) has \(string.count) bytes, not \(count)") }
    return Array(string)
  }

  /// A `string` that is text: UTF-8 without NUL, of at most so many bytes.
  mutating func text(_ name: String, limit: Int = 4096) throws(SignatureError) -> String {
    let string = try string()
    guard string.count <= limit else { throw failure("\(name) has \(string.count) bytes; at most \(limit) are read", .tooLarge) }
    guard let text = String(validating: string, as: UTF8.self), !string.contains(0) else { throw failure("\(name) is no text") }
    return text
  }

  /// An `mpint` that is positive and written in its one shortest form; its bytes without a leading zero.
  mutating func positiveInteger(_ name: String, limit: Int) throws(SignatureError) -> [UInt8] {
    let string = try string()
    guard let first = string.first, first < 0x80 else { throw failure("\(name) is not positive") }
    guard first == 0 else { return try bounded(string, name, limit) }
    let digits = string.dropFirst()
    guard let next = digits.first, next >= 0x80 else { throw failure("\(name) begins with a zero") }
    return try bounded(digits, name, limit)
  }

  private func bounded(_ digits: ArraySlice<UInt8>, _ name: String, _ limit: Int) throws(SignatureError) -> [UInt8] {
    guard digits.count <= limit else { throw failure("\(name) has \(digits.count) bytes; at most \(limit) are read", .tooLarge) }
    return Array(digits)
  }

  /// Ends the reading: nothing may be left.
  func finish() throws(SignatureError) {
    guard rest.isEmpty else { throw failure("\(rest.count) bytes follow its end") }
  }

  func failure(_ cause: String, _ kind: SignatureError.Kind = .malformed) -> SignatureError {
    SignatureError(kind, "read", subject, cause)
  }
}
