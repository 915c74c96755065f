import Testing

@testable import GitStore

@Suite("Packets and ref listings")
struct PktLineTests {
  /// Feeds a stream in two pieces cut at every place, and then byte by byte.
  private func everySplit(_ stream: [UInt8], _ check: ([[UInt8]]) throws -> Void) rethrows {
    for cut in 0...stream.count { try check([Array(stream[..<cut]), Array(stream[cut...])]) }
    try check(stream.map { [$0] })
  }

  private func packets(_ pieces: [[UInt8]]) throws -> [PktLine] {
    var parser = PktLineParser()
    var packets: [PktLine] = []
    for piece in pieces {
      parser.append(piece)
      while let packet = try parser.next() { packets.append(packet) }
    }
    #expect(parser.isBetweenPackets)
    return packets
  }

  @Test("Packets are the same however the stream is cut")
  func splits() throws {
    let expected: [PktLine] = [
      .data(Array("hello\n".utf8)), .flush, .data([]), .delimiter, .responseEnd, .data(Array("a\0b".utf8)), .flush,
    ]
    let stream = Array("000ahello\n0000000400010002".utf8) + Array("0007a\0b0000".utf8)
    #expect(expected.compactMap(\.encoded).flatMap { $0 } == stream)
    try everySplit(stream) { pieces in
      let found = try packets(pieces)
      #expect(found == expected)
    }
  }

  @Test("The largest packet passes, one more byte does not")
  func size() throws {
    let data = [UInt8](repeating: 7, count: 65_516)
    let encoded = try #require(PktLine.data(data).encoded)
    #expect(encoded.prefix(4).elementsEqual("fff0".utf8))
    #expect(try packets([encoded]) == [.data(data)])
    #expect(PktLine.data(data + [0]).encoded == nil)
  }

  @Test("What is no packet is refused", arguments: ["0003", "fff1", "ffff", "00g0", "HTTP/1.1", "<htm", "-001", " 004"])
  func malformed(text: String) {
    var parser = PktLineParser()
    parser.append(text.utf8)
    #expect(throws: ProtocolViolation.self) { try parser.next() }
  }

  private static let one = String(repeating: "1", count: 40)
  private static let two = String(repeating: "2", count: 40)

  private func stream(_ lines: [String]) -> [UInt8] {
    lines.flatMap { line -> [UInt8] in
      switch line {
      case "0000": Array("0000".utf8)
      case "0001": Array("0001".utf8)
      default: PktLine.data(Array(line.utf8)).encoded ?? []
      }
    }
  }

  private func advertisement(_ pieces: [[UInt8]], prefixes: [String] = ["refs/"]) throws -> RefAdvertisement.Outcome? {
    var advertisement = RefAdvertisement(filter: RefFilter(prefixes: prefixes))
    for packet in try packets(pieces) { _ = try advertisement.receive(packet) }
    return advertisement.outcome
  }

  @Test("An advertisement of protocol 0 or 1 is a listing, over HTTP as over SSH", arguments: [0, 1], [false, true])
  func oldProtocol(version: Int, http: Bool) throws {
    let lines =
      (http ? ["# service=git-upload-pack\n", "0000"] : []) + (version == 1 ? ["version 1\n"] : []) + [
        "\(Self.one) HEAD\0 multi_ack symref=HEAD:refs/heads/main object-format=sha1 agent=git/2\n",
        "\(Self.one) refs/heads/main\n", "\(Self.two) refs/tags/a/v1\n", "\(Self.one) refs/tags/a/v1^{}\n", "\(Self.two) refs/tags/b/v1\n",
        "\(Self.one) refs/tags/b/v1^{}\n", "shallow \(Self.one)\n", "0000",
      ]
    let one = try #require(ObjectID(hex: Self.one))
    let two = try #require(ObjectID(hex: Self.two))
    let expected = RefListing(
      refs: [try .of("refs/heads/main"): .init(target: one), try .of("refs/tags/a/v1"): .init(target: two, peeled: one)],
      head: try .of("refs/heads/main"), source: .wire(version: version))
    try everySplit(stream(lines)) { pieces in
      let found = try advertisement(pieces, prefixes: ["refs/heads/", "refs/tags/a/"])
      #expect(found == .listing(expected))
    }
  }

  @Test("An empty repository advertises no refs")
  func empty() throws {
    let lines = ["\(String(repeating: "0", count: 40)) capabilities^{}\0 report-status\n", "0000"]
    #expect(try advertisement([stream(lines)]) == .listing(RefListing(source: .wire(version: 0))))
    #expect(try advertisement([stream(["# service=git-upload-pack", "0000", "0000"])]) == .listing(RefListing(source: .wire(version: 0))))
  }

  @Test("An advertisement of protocol 2 names capabilities, with or without the service line")
  func newProtocol() throws {
    let lines = ["version 2\n", "agent=git/2.39\n", "ls-refs=unborn\n", "fetch=shallow wait-for-done\n", "server-option\n", "0000"]
    let expected = RefAdvertisement.Outcome.version2(
      capabilities: ["agent": "git/2.39", "ls-refs": "unborn", "fetch": "shallow wait-for-done", "server-option": ""])
    #expect(try advertisement([stream(lines)]) == expected)
    #expect(try advertisement([stream(["# service=git-upload-pack\n", "0000"] + lines)]) == expected)
  }

  @Test(
    "A server's error and what is out of place are told",
    arguments: [
      (["ERR access denied\n"], "access denied"), (["version 2\n", "0001"], "out of place"), (["0001"], "out of place"),
      (["hello\n"], "no ref"), (["\(one) refs/heads/main\n", "xyz refs/heads/b\n"], "no ref"),
      (["\(one) HEAD\0object-format=sha256\n"], "only SHA-1"),
    ])
  func violations(lines: [String], reason: String) {
    #expect {
      try advertisement([stream(lines)])
    } throws: { error in
      (error as? ProtocolViolation)?.reason.contains(reason) ?? false
    }
  }

  @Test("ls-refs asks for prefixes, and keeps only what was asked for")
  func lsRefs() throws {
    let request = try LsRefs.request(prefixes: ["refs/tags/web/"], capabilities: ["ls-refs": "unborn", "object-format": "sha1"])
    #expect(
      try packets([request]) == [
        .data(Array("command=ls-refs\n".utf8)), .data(Array("object-format=sha1\n".utf8)), .delimiter, .data(Array("peel\n".utf8)),
        .data(Array("symrefs\n".utf8)), .data(Array("unborn\n".utf8)), .data(Array("ref-prefix HEAD\n".utf8)),
        .data(Array("ref-prefix refs/tags/web/\n".utf8)), .flush,
      ])
    #expect(throws: ProtocolViolation.self) { try LsRefs.request(prefixes: [], capabilities: ["fetch": ""]) }
    #expect(throws: ProtocolViolation.self) { try LsRefs.request(prefixes: [], capabilities: ["ls-refs": "", "object-format": "sha256"]) }

    let answer = stream([
      "\(Self.one) HEAD symref-target:refs/heads/main\n", "\(Self.two) refs/tags/web/v1 peeled:\(Self.one)\n",
      "\(Self.one) refs/tags/web/v2\n", "\(Self.one) refs/tags/api/v1\n", "0000",
    ])
    var reader = LsRefs(filter: RefFilter(prefixes: ["refs/tags/web/"]))
    var listing: RefListing?
    for packet in try packets([answer]) { listing = try reader.receive(packet) ?? listing }
    let one = try #require(ObjectID(hex: Self.one))
    let two = try #require(ObjectID(hex: Self.two))
    #expect(
      listing
        == RefListing(
          refs: [try .of("refs/tags/web/v1"): .init(target: two, peeled: one), try .of("refs/tags/web/v2"): .init(target: one)],
          head: try .of("refs/heads/main"), source: .wire(version: 2)))
  }

  @Test("The head of an empty repository is known by its name, and too many refs are refused")
  func unbornAndLimit() throws {
    var reader = LsRefs(filter: RefFilter(prefixes: ["refs/"], limit: 1))
    #expect(try reader.receive(.data(Array("unborn HEAD symref-target:refs/heads/trunk".utf8))) == nil)
    #expect(try reader.receive(.data(Array("\(Self.one) refs/heads/a".utf8))) == nil)
    var full = reader
    #expect(throws: ProtocolViolation.self) { try full.receive(.data(Array("\(Self.one) refs/heads/b".utf8))) }
    #expect(try reader.receive(.flush)?.head == .branch("trunk"))
  }
}
