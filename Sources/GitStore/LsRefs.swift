/// The `ls-refs` command of protocol 2 (gitprotocol-v2(5)): the server sends only refs of the prefixes asked for.
struct LsRefs {
  let filter: RefFilter
  private var listing = RefListing(source: .wire(version: 2))

  /// The request's bytes, to a server of these capabilities.
  ///
  /// Throws where the server cannot list refs or names objects by anything but SHA-1.
  static func request(prefixes: [String], capabilities: [String: String]) throws(ProtocolViolation) -> [UInt8] {
    guard let features = capabilities["ls-refs"] else { throw ProtocolViolation("the server offers no ls-refs") }
    let format = capabilities["object-format"] ?? "sha1"
    guard format == "sha1" else { throw ProtocolViolation("the repository uses object-format=\(format); only SHA-1 is supported") }
    var header = ["command=ls-refs\n"]
    if capabilities["object-format"] != nil { header.append("object-format=sha1\n") }
    var arguments = ["peel\n", "symrefs\n"]
    if features.split(separator: " ").contains("unborn") { arguments.append("unborn\n") }
    arguments += (["HEAD"] + prefixes).map { "ref-prefix \($0)\n" }
    let packets = header.map { PktLine.data(Array($0.utf8)) } + [.delimiter] + arguments.map { .data(Array($0.utf8)) } + [.flush]
    var bytes: [UInt8] = []
    for packet in packets {
      guard let encoded = packet.encoded else { throw ProtocolViolation("a ref prefix too long for a packet") }
      bytes += encoded
    }
    return bytes
  }

  init(filter: RefFilter) { self.filter = filter }

  /// Takes the next packet of the answer; the listing once it is complete.
  mutating func receive(_ packet: PktLine) throws(ProtocolViolation) -> RefListing? {
    switch packet {
    case .flush: return listing
    case .delimiter, .responseEnd: throw ProtocolViolation("a packet out of place in the answer to ls-refs")
    case .data:
      let text = packet.text ?? ""
      if text.hasPrefix("ERR ") { throw ProtocolViolation(String(text.dropFirst(4))) }
      try filter.add(listed: text, to: &listing)
      return nil
    }
  }
}
