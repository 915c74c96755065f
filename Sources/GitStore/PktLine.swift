/// One packet of Git's framing (gitprotocol-common(5)).
enum PktLine: Hashable {
  case data([UInt8])
  /// `0000`, the end of a message.
  case flush
  /// `0001`, between the sections of a message.
  case delimiter
  /// `0002`, the end of a response where the connection is kept.
  case responseEnd

  /// The largest packet, its four digits of length included.
  static let sizeLimit = 65_520

  /// The packet as it is sent; nil for data too large for one.
  var encoded: [UInt8]? {
    switch self {
    case .flush: return Array("0000".utf8)
    case .delimiter: return Array("0001".utf8)
    case .responseEnd: return Array("0002".utf8)
    case .data(let bytes):
      let size = bytes.count + 4
      guard size <= Self.sizeLimit else { return nil }
      let digits = String(size, radix: 16)
      return Array((String(repeating: "0", count: 4 - digits.count) + digits).utf8) + bytes
    }
  }

  /// The data as text without its newline; nil for a packet without data.
  var text: String? {
    guard case .data(let bytes) = self else { return nil }
    return String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }
}

/// What the other end sent is not Git's protocol; the text says in what way.
struct ProtocolViolation: Error, Hashable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Cuts a stream into packets, whatever pieces it arrives in.
struct PktLineParser {
  private var buffer: [UInt8] = []
  private var position = 0

  /// Whether the stream ended, or began, between two packets.
  var isBetweenPackets: Bool { position == buffer.count }

  /// Adds the next piece of the stream.
  mutating func append(_ bytes: some Sequence<UInt8>) {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next packet; nil until more of the stream has arrived.
  mutating func next() throws(ProtocolViolation) -> PktLine? {
    guard buffer.count - position >= 4 else { return nil }
    let size = try Self.size(of: buffer[position..<(position + 4)])
    switch size {
    case 0, 1, 2:
      position += 4
      return size == 0 ? .flush : size == 1 ? .delimiter : .responseEnd
    case 4...PktLine.sizeLimit:
      guard buffer.count - position >= size else { return nil }
      defer { position += size }
      return .data(Array(buffer[(position + 4)..<(position + size)]))
    default: throw ProtocolViolation("a packet of \(size) bytes")
    }
  }

  private static func size(of digits: ArraySlice<UInt8>) throws(ProtocolViolation) -> Int {
    var size = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): size = size << 4 | Int(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): size = size << 4 | Int(digit - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): size = size << 4 | Int(digit - UInt8(ascii: "A") + 10)
      default: throw ProtocolViolation("no packet: it begins with \(String(decoding: digits, as: UTF8.self).debugDescription)")
      }
    }
    return size
  }
}
