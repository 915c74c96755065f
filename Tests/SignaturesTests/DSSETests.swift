import Digests
import Signatures
import TestSupport
import Testing

/// Envelopes for tools that know nothing of SSH.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct DSSETests {
  static let type = "application/vnd.in-toto+json"
  let scratch: Scratch
  let key: SSHSigningKey
  let payload = Array("{\"a\": \"ä\"}\n".utf8)

  init() throws {
    scratch = try Scratch()
    try scratch.makeKey()
    key = try scratch.signingKey()
  }

  private func envelope(by keys: SSHSigningKey...) throws -> DSSEEnvelope {
    try DSSEEnvelope(payloadType: Self.type, payload: payload, signedBy: keys)
  }

  @Test func `what is signed is the protocol's own example`() {
    // protocol.md, Test Vectors.
    let bytes = DSSEEnvelope.preAuthenticationEncoding(payloadType: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
    #expect(String(decoding: bytes, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    #expect(String(decoding: DSSEEnvelope.preAuthenticationEncoding(payloadType: "ä", payload: []), as: UTF8.self) == "DSSEv1 2 ä 0 ")
  }

  @Test func `it is written in one line, read again, and names who signed`() throws {
    try scratch.makeKey("second")
    let second = try scratch.signingKey("second")
    let envelope = try envelope(by: key, second)
    let json = String(decoding: envelope.json, as: UTF8.self)
    #expect(
      json.hasPrefix(
        #"{"payload":"\#(Base64.encode(payload))","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"SHA256:"#))
    #expect(!json.contains("\n"))
    #expect(try DSSEEnvelope(json: envelope.json) == envelope)
    try scratch.makeKey("stranger")
    let stranger = try scratch.publicKey("stranger")
    #expect(try envelope.verify(by: [second.publicKey, stranger, key.publicKey]) == [second.publicKey, key.publicKey])
    failure(.mismatch, "none of 1 keys signed it; it names \"SHA256:") { try envelope.verify(by: [stranger]) }
    failure(.mismatch, "none of 0 keys") { try envelope.verify(by: []) }
  }

  @Test func `a changed payload, type or signature is refused, and the hint decides nothing`() throws {
    let envelope = try envelope(by: key)
    let signature = envelope.signatures[0]
    func altered(_ type: String? = nil, _ payload: [UInt8]? = nil, _ signatures: [DSSEEnvelope.Signature]? = nil) -> DSSEEnvelope {
      DSSEEnvelope(
        payloadType: type ?? envelope.payloadType, payload: payload ?? envelope.payload, signatures: signatures ?? envelope.signatures)
    }
    for bad in [
      altered("text/plain"), altered(nil, payload.dropLast()), altered(nil, nil, []),
      altered(nil, nil, [.init(keyID: signature.keyID, bytes: signature.bytes.dropLast())]),
      altered(nil, nil, [.init(keyID: signature.keyID, bytes: signature.bytes.reversed())]),
    ] { failure(.mismatch) { try bad.verify(by: [key.publicKey]) } }
    let renamed = altered(nil, nil, [.init(keyID: "somebody else", bytes: signature.bytes)])
    #expect(try renamed.verify(by: [key.publicKey]) == [key.publicKey])
    // A bare signature is none in SSH's format, nor the reverse.
    let framed = try key.sign(DSSEEnvelope.preAuthenticationEncoding(payloadType: Self.type, payload: payload), namespace: "git")
    failure(.mismatch) { try altered(nil, nil, [.init(keyID: "", bytes: framed.blob.suffix(64))]).verify(by: [key.publicKey]) }
  }

  @Test func `keys that cannot sign envelopes are told`() throws {
    let rsa = try scratch.makeKey("rsa", "rsa -b 2048")
    failure(.unsupported, "only Ed25519 keys can") { try envelope(by: key).verify(by: [rsa]) }
  }

  static let good = [
    #"{"payload":"-_-_","payloadType":"t","signatures":[{"sig":"AA=="}]}"#,
    #"{"payload":"+/+/","payloadType":"t","signatures":[{"keyid":"k","sig":"AA=="}],"more":1}"#,
    "{ \"payloadType\": \"t\",\n\"payload\": \"\", \"signatures\": [] }",
  ]

  @Test(arguments: good) func `both kinds of base64, missing hints and unknown keys are read`(_ json: String) throws {
    let envelope = try DSSEEnvelope(json: Array(json.utf8))
    #expect(envelope.payloadType == "t" && (envelope.payload.isEmpty || envelope.payload == [0xfb, 0xff, 0xbf]))
  }

  static let bad: [(json: String, kind: SignatureError.Kind)] = [
    ("", .malformed), ("[]", .malformed), ("{}", .malformed), (#"{"payload":"A","payloadType":"t","signatures":[]}"#, .malformed),
    (#"{"payload":"","payloadType":"t","signatures":[{"sig":"A"}]}"#, .malformed),
    (#"{"payload":"","payloadType":1,"signatures":[]}"#, .malformed),
    (#"{"payload":"","payloadType":"t","signatures":[\#(Array(repeating: #"{"sig":""}"#, count: 17).joined(separator: ","))]}"#, .tooLarge),
    (String(repeating: "[", count: 100_000), .malformed),
  ]

  @Test(arguments: bad) func `what is no envelope is refused`(_ json: String, _ kind: SignatureError.Kind) {
    failure(kind) { try DSSEEnvelope(json: Array(json.utf8)) }
  }

  @Test(.enabled(if: isInstalled("openssl"), "openssl is not installed")) func `openssl verifies the signature with the exported key`()
    throws
  {
    let envelope = try envelope(by: key)
    try scratch.write("key.pem", key.publicKey.pem)
    try scratch.write("signed", bytes: DSSEEnvelope.preAuthenticationEncoding(payloadType: Self.type, payload: payload))
    try scratch.write("signature", bytes: envelope.signatures[0].bytes)
    #expect(
      try scratch.sh("openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature")
        == "Signature Verified Successfully")
  }

  @Test(.enabled(if: IndependentVerifier.python != nil, "\(IndependentVerifier.missing)"))
  func `an independent library verifies the envelope with the exported key`() throws {
    try scratch.write("key.pem", key.publicKey.pem)
    try scratch.write("envelope.json", bytes: try envelope(by: key).json)
    try scratch.write(
      "verify.py",
      """
      import json
      from cryptography.hazmat.primitives.serialization import load_pem_public_key
      from securesystemslib.dsse import Envelope
      from securesystemslib.signer import SSlibKey
      envelope = Envelope.from_dict(json.load(open("envelope.json")))
      keyid = next(iter(envelope.signatures))
      key = SSlibKey.from_crypto(load_pem_public_key(open("key.pem", "rb").read()), keyid=keyid)
      print(list(envelope.verify([key], 1).keys()), envelope.payload_type, len(envelope.payload))
      """)
    let python = try #require(IndependentVerifier.python)
    #expect(try scratch.sh("'\(python)' verify.py") == "['\(key.publicKey.fingerprint)'] \(Self.type) \(payload.count)")
  }
}
