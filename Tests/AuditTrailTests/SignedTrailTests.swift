import Digests
import FoundationEssentials
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing

@testable import AuditTrail

/// The trail's signatures, judged by real git, ssh-keygen and openssl.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen", "openssl"), "ssh-keygen or openssl is not installed")) struct SignedTrailTests {
  let bench: AuditBench
  let web = Samples("web")

  init() throws {
    bench = try AuditBench()
    try bench.scratch.sh(
      """
      ssh-keygen -q -t ed25519 -N '' -C tagflip -f key; ssh-keygen -q -t ecdsa -N '' -C tagflip -f other
      for k in key other; do echo "tagflip@shop.example namespaces=\\"git\\" $(cat $k.pub)" > $k.allowed; done
      """)
  }

  private func log(_ key: String, cache: String = "cache") throws -> GitAuditLog {
    GitAuditLog(
      remote: try bench.scratch.remote(cache: cache), settings: AuditSettings(authorName: "Bot", authorEmail: "tagflip@shop.example"),
      signer: AuditSigner(path: "\(bench.scratch.path)/\(key)"), now: { 1_767_323_045 })
  }

  private func verify(_ commit: String, _ allowed: String = "key.allowed") throws -> String {
    try bench.scratch.sh("git -C remote.git -c gpg.ssh.allowedSignersFile=$PWD/\(allowed) verify-commit \(commit) 2>&1 || true")
  }

  @Test(arguments: ["key", "other"])
  func `git verify-commit accepts every commit, and names the bot`(_ key: String) async throws {
    let result = try await log(key).append([web.noted(), web.plan("1.1.0"), web.outcome(.promoted, "1.1.0")], expecting: 0)
    for entry in result.entries {
      #expect(try verify(entry.commit, "\(key).allowed").hasPrefix("Good \"git\" signature for tagflip@shop.example with "))
    }
    let shown = try bench.scratch.sh(
      "git -C remote.git -c gpg.ssh.allowedSignersFile=$PWD/\(key).allowed log --format='%G? %GS %an' tagflip/audit")
    #expect(Set(shown.split(separator: "\n")) == ["G tagflip@shop.example Bot"])
    try bench.audit("web")
  }

  @Test func `a key that the auditor does not trust is none, however good its signature`() async throws {
    let commit = try await log("key").append([web.noted()], expecting: 0).head
    #expect(try verify(commit, "other.allowed").contains("Good \"git\" signature with ED25519 key"))
    #expect(
      try bench.scratch.sh(
        "git -C remote.git -c gpg.ssh.allowedSignersFile=$PWD/other.allowed verify-commit \(commit) && echo yes || echo no"
      ).hasSuffix("no"))
  }

  @Test func `a commit that is altered is not the bot's any more`() async throws {
    let commit = try await log("key").append([web.noted()], expecting: 0).head
    try bench.scratch.sh(
      """
      git -C remote.git cat-file commit \(commit) | sed 's/none released/all released/' > forged
      git -C remote.git hash-object -t commit -w --stdin < forged > id
      """)
    #expect(try verify(try bench.scratch.sh("cat id")).contains("Could not verify signature"))
  }

  @Test func `a record that lost the race is signed again on the new tip`() async throws {
    let (one, other) = (try log("key"), try log("key", cache: "rival"))
    _ = try await one.append([web.noted()], expecting: 0)
    _ = try await other.last(of: web.service)
    var commits: [String] = []
    for (number, log) in [one, other, one].enumerated() {
      commits += try await log.append([web.refused("1.\(number).0-rc.1")], expecting: nil).entries.map(\.commit)
    }
    for commit in commits { #expect(try verify(commit).hasPrefix("Good")) }
    try bench.audit("web")
  }

  static let broken: [(String, String)] = [
    ("missing", "missing"), ("empty", ": > empty"), ("garbage", "echo secret-words > garbage"),
    ("open", "cp key open; chmod 644 open"), ("encrypted", "ssh-keygen -q -t ed25519 -N secret-words -f encrypted; rm encrypted.pub"),
  ]

  @Test(arguments: broken)
  func `a key that cannot sign is told with what to do, and nothing is recorded unsigned`(_ key: String, _ make: String) async throws {
    if make != key { try bench.scratch.sh(make) }
    let error = await expectPortError(.configuration) { try await log(key).append([web.noted()], expecting: 0) }
    #expect(error?.description.contains("\(bench.scratch.path)/\(key)") == true)
    #expect(error?.hint == "correct audit.signingKey in the settings")
    #expect(error?.description.contains("secret-words") == false)
    #expect(throws: ShellFailure.self) { try bench.tip() }
  }

  private struct Statement: Decodable {
    struct Subject: Decodable, Equatable {
      var name: String
      var digest: [String: String]
    }
    struct Predicate: Decodable {
      struct Record: Decodable {
        var path: String
        var sequence: Int
        var sha256: String
      }
      var version: String
      var outcome: String
      var record: Record
    }
    var _type: String
    var subject: [Subject]
    var predicateType: String
    var predicate: Predicate
  }

  private func promoted() throws -> AuditRecord {
    var record = try web.outcome(.promoted, "1.1.0")
    let (app, proxy) = (Digest(of: [1]).hex, Digest(of: [2]).hex)
    record.images = [
      RunningImage(workload: "web", id: "registry.example/web@sha256:\(app)"),
      RunningImage(workload: "worker", id: "registry.example/web@sha256:\(app)"),
      RunningImage(workload: "web", id: "docker-pullable://registry.example/proxy@sha256:\(proxy)"),
      RunningImage(workload: "web", id: "no-digest"),
    ]
    return record
  }

  @Test func `a promoted rollout has a statement about the images that its pods reported, and openssl accepts its signature`() async throws
  {
    let result = try await log("key").append([web.noted(), web.plan("1.1.0"), promoted()], expecting: 0)
    let path = AuditTree.attestation(web.service, 3)
    let envelope = try DSSEEnvelope(json: Array(try bench.show(path).utf8))
    let key = try SSHPublicKey(line: try bench.scratch.sh("cat key.pub"))
    #expect(try envelope.verify(by: [key]) == [key])
    // What an auditor does who trusts neither us nor SSH.
    try bench.scratch.write("key.pem", key.pem)
    try bench.scratch.write("statement", String(decoding: envelope.payload, as: UTF8.self))
    try bench.scratch.sh(
      """
      git -C remote.git show tagflip/audit:\(path) | /usr/bin/python3 -c 'import base64, json, sys
      e = json.load(sys.stdin); p = base64.b64decode(e["payload"]); t = e["payloadType"].encode()
      open("pae", "wb").write(b"DSSEv1 %d %s %d " % (len(t), t, len(p)) + p)
      open("signature", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))'
      openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile signature
      """)
    let statement = try CanonicalJSON.value(Statement.self, from: envelope.payload)
    #expect(statement._type == "https://in-toto.io/Statement/v1")
    #expect(statement.predicateType == "https://tagflip.dev/attestations/release/v1")
    #expect(
      statement.subject == [
        .init(name: "registry.example/web", digest: ["sha256": Digest(of: [1]).hex]),
        .init(name: "registry.example/proxy", digest: ["sha256": Digest(of: [2]).hex]),
      ])
    #expect(statement.predicate.version == "1.1.0" && statement.predicate.outcome == "promoted")
    #expect(statement.predicate.record.path == AuditTree.record(web.service, 3) && statement.predicate.record.sequence == 3)
    #expect(statement.predicate.record.sha256 == result.entries.last?.digest.hex)
    try bench.audit("web")
  }

  @Test(.enabled(if: IndependentVerifier.python != nil, "\(IndependentVerifier.missing)"))
  func `an implementation that is not ours verifies the envelope, and takes the statement for one of in-toto`() async throws {
    _ = try await log("key").append([web.noted(), web.plan("1.1.0"), promoted()], expecting: 0)
    let key = try SSHPublicKey(line: try bench.scratch.sh("cat key.pub"))
    try bench.scratch.write("key.pem", key.pem)
    try bench.scratch.write("envelope.json", try bench.show(AuditTree.attestation(web.service, 3)))
    try bench.scratch.write(
      "verify.py",
      """
      import json
      from cryptography.hazmat.primitives.serialization import load_pem_public_key
      from google.protobuf.json_format import Parse
      from in_toto_attestation.v1.statement import Statement
      from in_toto_attestation.v1.statement_pb2 import Statement as Message
      from securesystemslib.dsse import Envelope
      from securesystemslib.signer import SSlibKey
      envelope = Envelope.from_dict(json.load(open("envelope.json")))
      key = SSlibKey.from_crypto(load_pem_public_key(open("key.pem", "rb").read()), keyid=next(iter(envelope.signatures)))
      envelope.verify([key], 1)
      statement = Statement.copy_from_pb(Parse(envelope.payload, Message()))
      statement.validate()
      print(statement.pb.predicate_type, len(statement.pb.subject), statement.pb.predicate["outcome"])
      """)
    let python = try #require(IndependentVerifier.python)
    #expect(try bench.scratch.sh("'\(python)' verify.py") == "https://tagflip.dev/attestations/release/v1 2 promoted")
    // And refuses what somebody altered.
    try bench.scratch.sh("sed -i 's/\"payload\":\"e/\"payload\":\"f/' envelope.json")
    #expect(throws: ShellFailure.self) { try bench.scratch.sh("'\(python)' verify.py 2>/dev/null") }
  }

  @Test func `nothing but a promotion is attested, and nothing without an Ed25519 key at hand`() async throws {
    _ = try await log("key").append([web.noted(), web.plan("1.1.0"), web.outcome(.rolledBack, "1.1.0", reason: "worse")], expecting: 0)
    #expect(try !bench.files().contains { $0.contains("attestations") })
    let api = Samples("api")
    _ = try await log("other").append([api.noted(), api.plan("1.1.0"), api.outcome(.promoted, "1.1.0")], expecting: 0)
    #expect(try !bench.files().contains { $0.contains("attestations") })
  }
}
