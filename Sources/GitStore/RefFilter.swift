/// Which refs of a listing are kept, and how many: servers may send more than was asked for.
struct RefFilter {
  let prefixes: [String]
  var limit = GitStore.refLimit

  private func keeps(_ name: some StringProtocol) -> Bool { prefixes.contains { name.hasPrefix($0) } }

  /// Adds a line of an advertisement of protocol 0 or 1: `id name`, with the capabilities after a NUL on the first one.
  func add(advertised line: [UInt8], to listing: inout RefListing) throws(ProtocolViolation) {
    let parts = line.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 { try readCapabilities(String(decoding: parts[1], as: UTF8.self), into: &listing) }
    let text = String(decoding: parts[0].last == UInt8(ascii: "\n") ? parts[0].dropLast() : parts[0], as: UTF8.self)
    if text.hasPrefix("shallow ") { return }
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, let id = ObjectID(hex: words[0]) else { throw ProtocolViolation("a line that is no ref: \(text.prefix(80))") }
    if words[1].hasSuffix("^{}") {
      // Follows the tag it belongs to; `capabilities^{}` of an empty repository belongs to none.
      guard let name = RefName(words[1].dropLast(3)), keeps(name.name) else { return }
      listing.refs[name]?.peeled = id
    } else {
      try add(words[1], .init(target: id), to: &listing)
    }
  }

  private func readCapabilities(_ text: String, into listing: inout RefListing) throws(ProtocolViolation) {
    for capability in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      if capability.hasPrefix("symref=HEAD:") { listing.head = RefName(capability.dropFirst("symref=HEAD:".count)) }
      if capability.hasPrefix("object-format="), capability != "object-format=sha1" {
        throw ProtocolViolation("the repository uses \(capability); only SHA-1 is supported")
      }
    }
  }

  /// Adds a line of an answer to `ls-refs` of protocol 2: `id name attribute…`.
  func add(listed line: String, to listing: inout RefListing) throws(ProtocolViolation) {
    let words = line.split(separator: " ")
    guard words.count >= 2 else { throw ProtocolViolation("a line that is no ref: \(line.prefix(80))") }
    let attributes = words.dropFirst(2)
    if words[1] == "HEAD" {
      for attribute in attributes where attribute.hasPrefix("symref-target:") {
        listing.head = RefName(attribute.dropFirst("symref-target:".count))
      }
    }
    if words[0] == "unborn" { return }
    guard let id = ObjectID(hex: words[0]) else { throw ProtocolViolation("a line that is no ref: \(line.prefix(80))") }
    var entry = RefListing.Entry(target: id)
    for attribute in attributes where attribute.hasPrefix("peeled:") { entry.peeled = ObjectID(hex: attribute.dropFirst("peeled:".count)) }
    try add(words[1], entry, to: &listing)
  }

  /// Names that Git would refuse are left out: nobody can fetch them.
  private func add(_ text: Substring, _ entry: RefListing.Entry, to listing: inout RefListing) throws(ProtocolViolation) {
    guard keeps(text), let name = RefName(text) else { return }
    listing.refs[name] = entry
    guard listing.refs.count <= limit else { throw ProtocolViolation("more than \(limit) refs") }
  }
}
