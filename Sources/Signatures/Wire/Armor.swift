import Digests

/// Base64 between a first and a last line, as SSH writes signatures and private keys.
enum Armor {
  /// The bytes between the lines.
  ///
  /// Strict: the first line begins the text, nothing but one line end follows the last, lines end in LF or CRLF and none between them is
  /// empty. One text therefore means the same to every reader.
  static func decode(
    _ text: some Collection<UInt8>, begin: String, end: String, subject: String, limit: Int
  ) throws(SignatureError) -> [UInt8] {
    func failure(_ cause: String) -> SignatureError { SignatureError(.malformed, "read", subject, cause) }
    guard text.count <= limit else {
      throw SignatureError(.tooLarge, "read", subject, "it has \(text.count) bytes; at most \(limit) are read")
    }
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard let first = lines.first, first.elementsEqual(begin.utf8) else { throw failure("it does not begin with \(begin)") }
    guard let last = lines.last, lines.count > 1, last.elementsEqual(end.utf8) else { throw failure("it does not end with \(end)") }
    let body = lines.dropFirst().dropLast()
    guard !body.isEmpty, body.allSatisfy({ !$0.isEmpty }) else { throw failure("a line is missing in it") }
    guard let bytes = Base64.decode(String(decoding: body.joined(), as: UTF8.self)) else { throw failure("it is not in base64") }
    return bytes
  }

  /// The text with lines of 70 characters, as OpenSSH breaks them, and a line end at its end.
  static func encode(_ bytes: [UInt8], begin: String, end: String) -> String {
    var lines = [begin]
    var rest = Base64.encode(bytes)[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(70)))
      rest = rest.dropFirst(70)
    }
    return (lines + [end, ""]).joined(separator: "\n")
  }
}
