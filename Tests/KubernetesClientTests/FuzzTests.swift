import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

/// Bytes and documents that a seed bends and cuts.
struct Bender {
  private var bytes: ByteBender

  var random: Seeded {
    get { bytes.random }
    set { bytes.random = newValue }
  }

  init(_ seed: Int) {
    bytes = ByteBender(
      UInt64(seed), inserting: ["{", "}", "[", "\"", "\\u0000", "\n", "\u{1B}", "null", "1e999", ",", "\\"])
  }

  mutating func bent(_ plain: [UInt8]) -> [UInt8] { bytes.bent(plain) }

  /// The same bytes in pieces.
  mutating func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    var (pieces, rest) = ([[UInt8]](), bytes[...])
    let longest = [1, 3, 40, 4000].randomElement(using: &random) ?? 1
    while !rest.isEmpty {
      let size = min(rest.count, Int.random(in: 1...longest, using: &random))
      pieces.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return pieces
  }

  /// A JSON value with one of its parts replaced by a value of any type.
  mutating func bent(_ value: JSON) -> JSON {
    if random.flips(0.15) { return other() }
    switch value {
    case .object(var members):
      guard let key = members.keys.sorted().randomElement(using: &random), let member = members[key] else { return other() }
      members[key] = random.flips(0.1) ? nil : bent(member)
      return .object(members)
    case .array(var elements):
      guard let index = elements.indices.randomElement(using: &random) else { return other() }
      if random.flips(0.1) { elements.append(elements[index]) } else { elements[index] = bent(elements[index]) }
      return .array(elements)
    case .null, .bool, .int, .double, .string: return other()
    }
  }

  private mutating func other() -> JSON {
    let values: [JSON] = [
      .null, true, false, 0, -1, 7.5, "", "u", "\u{0}", "/dev/zero", "/tmp", "https://", "Q0E=", [], [:], [.null], ["": ""],
      "\u{1B}[2J\u{202E}", "Always",
    ]
    return values.randomElement(using: &random) ?? .null
  }
}

@Suite("Whatever bytes come", .onOwnThread)
struct FuzzTests {
  // A watch's events do not depend on where its stream is cut, and what is no event is an error of a documented kind.

  /// What a reader of some pieces sees: events, then how it ended.
  private static func seen(_ pieces: [[UInt8]], longest: Int) -> [String] {
    var (buffer, seen) = (LineBuffer(longest: longest), [String]())
    func take(_ line: ArraySlice<UInt8>) -> Bool {
      do throws(KubernetesError) {
        seen.append(words(try WatchEvent(line: line, attempted: "x")))
        return true
      } catch {
        seen.append("\(error.kind): \(error.message)")
        return false
      }
    }
    for piece in pieces {
      buffer.append(piece)
      next: while true {
        switch buffer.next() {
        case .line(let line): if !take(line) { return seen }
        case .tooLong: return seen + ["too long"]
        case .more: break next
        }
      }
    }
    if let rest = buffer.takeRest() { _ = take(rest) }
    return seen
  }

  private static func words(_ event: WatchEvent) -> String {
    switch event {
    case .added(let object): "added \(object.text)"
    case .modified(let object): "modified \(object.text)"
    case .deleted(let object): "deleted \(object.text)"
    case .bookmark(let version): "bookmark \(version.debugDescription)"
    }
  }

  @Test(arguments: 1...150) func `a watch is the same however its bytes are cut`(seed: Int) throws {
    var bender = Bender(seed)
    let names = ["257-watch-labelselector-enter-leave", "258-watch-bookmarks-65s", "579-watch-rv-too-old-410"]
    let plain = Array(try Recording(names[seed % names.count]).body.utf8)
    let bytes = seed % 3 == 0 ? plain : bender.bent(plain)
    // A bound within reach, so that it is met too. A line is too long by itself, wherever the chunks are cut.
    let longest = seed % 4 == 0 ? 300 : 1 << 20
    let whole = Self.seen([bytes], longest: longest)
    for _ in 0..<6 { #expect(Self.seen(bender.pieces(bytes), longest: longest) == whole) }
    if seed % 3 == 0 && longest > 1 << 19 { #expect(whole.count == plain.split(separator: 0x0A).count) }
    for event in whole { #expect(!event.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }) }
  }

  @Test(arguments: 1...40) func `lines come out as they went in, without the blank ones`(seed: Int) {
    var bender = Bender(seed)
    let lines = (0..<Int.random(in: 0...30, using: &bender.random)).map { _ in
      (0..<Int.random(in: 0...60, using: &bender.random)).map { _ in UInt8.random(in: 0x20...0xFF, using: &bender.random) }
    }
    var (buffer, out) = (LineBuffer(longest: 60), [[UInt8]]())
    for piece in bender.pieces(Array(lines.joined(separator: [0x0A])) + (seed % 2 == 0 ? [0x0A] : [])) {
      buffer.append(piece)
      while case .line(let line) = buffer.next() { out.append(Array(line)) }
    }
    if let rest = buffer.takeRest() { out.append(Array(rest)) }
    #expect(out == lines.filter { !$0.allSatisfy { $0 == 0x20 } })
  }

  // An error stays one of its status, bounded and clean, whatever becomes of its body.

  @Test(arguments: 1...400) func `an error's body never changes its kind, and is told clean and bounded`(seed: Int) throws {
    var bender = Bender(seed)
    let names = [
      "052-ssa-deployment-conflict-409", "072-ssa-invalid-422", "367-rbac-forbidden-patch-service-403",
      "425-eviction-right-after-pdb-create-429",
      "570-apf-rejected-429",
    ]
    let body = bender.bent(Array(try Recording(names[seed % names.count]).body.utf8))
    let statuses: [(Int, KubernetesError.Kind)] = [
      (400, .badRequest), (401, .unauthorized), (403, .forbidden), (404, .notFound), (410, .gone), (422, .invalid), (429, .tooManyRequests),
      (500, .serverError), (503, .serverError), (302, .badRequest),
    ]
    let (status, kind) = statuses[seed % statuses.count]
    let type = seed % 7 == 0 ? "text/plain" : "application/json"
    let error = KubernetesError(HTTPHead(status: status, headers: [HTTPHeader("Content-Type", type)]), body, attempted: "x")
    #expect(error.kind == kind && error.status == status)
    #expect(!error.message.isEmpty && error.message.count <= 2000 && error.causes.count <= 20)
    #expect((error.retryAfter ?? .zero) >= .zero && (error.retryAfter ?? .zero) <= .seconds(3600))
    for scalar in "\(error)".unicodeScalars {
      let isClean = ![.control, .format, .privateUse, .unassigned].contains(scalar.properties.generalCategory) || scalar == "\n"
      #expect(isClean, "\(scalar.value)")
    }
  }

  // A kubeconfig gives an access or says what is wrong; it never gives one without the credentials that stood there.

  static let config: JSON = [
    "apiVersion": "v1", "kind": "Config", "current-context": "one",
    "contexts": [["name": "one", "context": ["cluster": "c", "user": "u", "namespace": "shop"]]],
    "clusters": [["name": "c", "cluster": ["server": "https://h", "certificate-authority-data": "Q0E=", "proxy-url": "http://p"]]],
    "users": [
      [
        "name": "u",
        "user": [
          "exec": [
            "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "x", "args": ["a"],
            "env": [["name": "A", "value": "b"]], "provideClusterInfo": true,
          ],
          "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ", "as": "ada", "as-groups": ["ops"],
          "as-user-extra": ["a": ["b"]],
        ],
      ]
    ],
  ]

  @Test(arguments: 1...600) func `a kubeconfig gives what stands in it or says what is wrong`(seed: Int) {
    var bender = Bender(seed)
    var document = bender.bent(Self.config)
    if bender.random.flips(0.5) { document = bender.bent(document) }
    do throws(ClusterAccessError) {
      let access = try KubeConfig(document: document, path: "/c").access()
      #expect(access.server.hasPrefix("https://") || access.server.hasPrefix("http://"))
      #expect((access.tls.clientCertificate == nil) == (access.tls.clientKey == nil))
      let user = document["users"]?[0]?["user"]
      let hasPlugin = user?["exec"].map { !$0.isNull } ?? false
      let shows = if case .plugin = access.credentials { true } else { false }
      #expect(shows == (hasPlugin && document["contexts"]?[0]?["context", "user"]?.string?.isEmpty == false))
    } catch {
      #expect(!error.reason.isEmpty && !error.hint.isEmpty && error.reason.count <= 600)
      #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }
  }

  // A plugin's output is a credential or a fault that quotes none of it.

  @Test(arguments: 1...400) func `a plugin's output is a credential or a fault that quotes nothing`(seed: Int) {
    var bender = Bender(seed)
    let text =
      #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"QQQQ","expirationTimestamp":"2026-01-02T03:04:05Z"}}"#
    let output = seed == 1 ? Array(text.utf8) : bender.bent(Array(text.utf8))
    do throws(ExecCredential.Fault) {
      let credential = try ExecCredential(output: output, version: .v1)
      #expect(credential.token != nil || credential.certificate != nil)
      #expect(credential.token?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? true)
      #expect(!"\(credential)".contains("Q"))
    } catch {
      #expect(seed > 1 && !error.reason.isEmpty && !error.reason.contains("QQ"))
    }
  }

  @Test(arguments: 1...200) func `a warning header is read to its end`(seed: Int) {
    var bender = Bender(seed)
    let value = #"299 - "unknown field \"spec.x\"", 299 kube "v1 Endpoints is deprecated" "Tue, 24 Nov 2026 13:52:26 GMT", 199 - "no""#
    let texts = WarningHeader.texts(String(decoding: bender.bent(Array(value.utf8)), as: UTF8.self))
    for text in texts { #expect(!text.isEmpty && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }) }
  }
}
