/// Reads one line of an allowed signers file: principals, options, key, comment.
struct AllowedSignersParser {
  private let file: String
  private let number: Int
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: some Collection<UInt8>, file: String, line number: Int) {
    (self.file, self.number) = (file, number)
    self.bytes = Array(bytes)
  }

  /// The line; nil where it is empty or a comment.
  mutating func line() throws(SignatureError) -> AllowedSignersLine? {
    skipSpace()
    guard let first = peek, first != UInt8(ascii: "#") else { return nil }
    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
      throw failure("the line is no text: write it in UTF-8")
    }
    let principals = try principals()
    skipSpace()
    let optionsStart = position
    let options = isAtKey ? AllowedSignersLine.Options() : try options()
    skipSpace()
    let keyStart = position
    let key = try key()
    if let after = options.validAfter, let before = options.validBefore, before <= after {
      throw failure("valid-before is not later than valid-after: no signature could ever be valid", at: optionsStart)
    }
    if options.isAuthority, key.certificate != nil { throw failure("cert-authority wants a key, not a certificate", at: keyStart) }
    return AllowedSignersLine(number: number, principals: principals, options: options, key: key)
  }

  // MARK: Its parts

  private mutating func principals() throws(SignatureError) -> PatternList {
    let start = position
    let text = peek == UInt8(ascii: "\"") ? try quoted() : word { $0 != UInt8(ascii: "\"") }
    guard isAtSpace else { throw failure("a space and the key are expected after the principals", at: position) }
    guard let list = PatternList(text) else {
      throw failure("\(SignatureError.quoted(text)) allows nobody: name principals such as ada@example.org,*@example.com", at: start)
    }
    return list
  }

  /// Whether a key's kind comes next: what else stands there is an option.
  private var isAtKey: Bool {
    let word = String(decoding: bytes[position...].prefix { !Self.isSpace($0) }, as: UTF8.self)
    var isCertificate = false
    let isOption = Self.known.contains { word.lowercased().hasPrefix($0) } || word.contains("=") || word.contains(",")
    return SSHKeyAlgorithm(name: word, isCertificate: &isCertificate) != nil || !isOption
  }

  private static let known = ["cert-authority", "namespaces", "valid-after", "valid-before"]

  private mutating func options() throws(SignatureError) -> AllowedSignersLine.Options {
    var options = AllowedSignersLine.Options()
    var seen: Set<String> = []
    while true {
      let start = position
      let name = word { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }.lowercased()
      guard Self.known.contains(name) else {
        throw failure("there is no option \(SignatureError.quoted(name)): use \(Self.known.joined(separator: ", "))", at: start)
      }
      guard seen.insert(name).inserted else { throw failure("\(name) is given twice: join them into one", at: start) }
      if name == "cert-authority" {
        guard isAtSpace || peek == UInt8(ascii: ",") else { throw failure("cert-authority has no value: write it alone", at: position) }
        options.isAuthority = true
      } else {
        try setValue(of: name, in: &options)
      }
      guard peek == UInt8(ascii: ",") else { break }
      position += 1
    }
    guard isAtSpace else { throw failure("a comma and an option, or a space and the key, are expected", at: position) }
    return options
  }

  private mutating func setValue(of name: String, in options: inout AllowedSignersLine.Options) throws(SignatureError) {
    guard peek == UInt8(ascii: "=") else { throw failure("\(name) wants a value: \(name)=\"…\"", at: position) }
    position += 1
    let start = position
    guard peek == UInt8(ascii: "\"") else { throw failure("the value of \(name) must be in double quotes", at: start) }
    let value = try quoted()
    switch name {
    case "namespaces":
      guard let list = PatternList(value) else {
        throw failure("\(SignatureError.quoted(value)) allows no namespace: name one, such as git", at: start)
      }
      options.namespaces = list
    case "valid-after": options.validAfter = try time(value, start)
    default: options.validBefore = try time(value, start)
    }
  }

  private func time(_ text: String, _ start: Int) throws(SignatureError) -> Int64 {
    guard let time = SignerTime.parse(text) else {
      throw failure("\(SignatureError.quoted(text)) is no time: write YYYYMMDD or YYYYMMDDHHMMSS, with Z behind it for UTC", at: start)
    }
    return time
  }

  private mutating func key() throws(SignatureError) -> SSHPublicKey {
    let start = position
    guard peek != nil else { throw failure("the key is missing: append the line of its .pub file", at: start) }
    let text = String(decoding: bytes[start...], as: UTF8.self)
    do throws(SignatureError) {
      return try SSHPublicKey(line: text)
    } catch {
      throw SignatureError(error.kind, "read", "the allowed signers", error.cause, at: place(start))
    }
  }

  // MARK: Characters

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var isAtSpace: Bool { peek.map(Self.isSpace) ?? true }

  private static func isSpace(_ byte: UInt8) -> Bool { [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(byte) }

  private mutating func skipSpace() { while let byte = peek, Self.isSpace(byte) { position += 1 } }

  /// What comes next, up to a space or a byte that is not accepted.
  private mutating func word(_ accepts: (UInt8) -> Bool) -> String {
    let start = position
    while let byte = peek, !Self.isSpace(byte), accepts(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// What stands between two double quotes; `\"` is a quote within.
  private mutating func quoted() throws(SignatureError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek {
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), peek == UInt8(ascii: "\"") { position += 1 }
      text.append(byte == UInt8(ascii: "\\") && bytes[position - 1] == UInt8(ascii: "\"") ? UInt8(ascii: "\"") : byte)
    }
    throw failure("the quote that begins here has no end", at: start)
  }

  private func place(_ offset: Int) -> TextPlace {
    let column = String(decoding: bytes[..<min(offset, bytes.count)], as: UTF8.self).unicodeScalars.count + 1
    return TextPlace(file: file, line: number, column: column)
  }

  private func failure(_ cause: String, at offset: Int = 0) -> SignatureError {
    SignatureError(.malformed, "read", "the allowed signers", cause, at: place(offset))
  }
}
