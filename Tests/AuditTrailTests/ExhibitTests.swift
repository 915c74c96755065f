import Digests
import FoundationEssentials
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing

@testable import AuditTrail

/// What records rest on lies in the tree, byte for byte, as git, sha256sum and ssh-keygen see it.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed")) struct ExhibitTests {
  let bench: AuditBench
  let tags: GitTags
  let web = Samples("web")
  private var settings: Settings

  init() throws {
    bench = try AuditBench()
    let scratch = bench.scratch
    tags = GitTags(remote: try scratch.remote(), branch: "main", auditBranch: AuditBench.branch)
    try scratch.sh(
      """
      for k in ada bob eve; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; done
      echo "ada@example.org namespaces=\\"git\\" $(cat ada.pub)" > allowed
      for k in ada bob; do echo "$k@example.org namespaces=\\"tagflip-request\\" $(cat $k.pub)"; done > operators
      git init -q work; cd work; git config gpg.format ssh; git config user.signingkey $PWD/../ada
      echo 1 > file; git add file; git commit -q -m First; git tag -s -m 'One' web/v1.1.0; git push -q ../remote.git main --tags
      """)
    settings = Settings(
      installation: "shop", repository: RepositorySettings(url: "x", cache: "x"), audit: AuditSettings(), cluster: ClusterSettings(),
      stateNamespace: "tagflip", policy: Policy(trustsImages: true), floors: Floors(),
      tags: [TagRule(requirement: .signed, signers: "\(scratch.path)/allowed")],
      operators: OperatorRules(signers: "\(scratch.path)/operators"), freezes: [], notices: NoticeSettings(), runDeadlineMs: 1000,
      text: Array("installation: shop\n".utf8))
  }

  private func exhibits(_ record: AuditRecord) async throws -> [Exhibit] {
    await SettledExhibits(remote: try bench.scratch.remote(), settings: settings).exhibits(for: record)
  }

  /// The plan of web 1.1.0, as its tag really is.
  private func plan() async throws -> AuditRecord {
    let tag = web.tag("1.1.0", object: try bench.scratch.git("rev-parse web/v1.1.0"))
    var facts = try await tags.facts(of: tag)
    guard case .accepted(let signature, let judgement) = try await tags.judge(facts, by: settings.tags[0], at: Samples.time()) else {
      throw PortError(.invalid, attempted: "judge", reason: "refused")
    }
    (facts.signature, facts.judgement) = (signature, judgement)
    var record = try web.plan("1.1.0", facts: facts)
    record.sources?.settings = settings.digest
    return record
  }

  @Test func `a plan's tag, settings and signers lie in the tree under the digests that the record names`() async throws {
    var record = try await plan()
    record.exhibits = try await exhibits(record)
    #expect(record.exhibits.map(\.kind) == [.settings, .signers, .tag])
    _ = try await bench.log.append([web.noted(), record], expecting: nil)
    let kept = try CanonicalJSON.value(AuditRecord.self, from: try bench.show(AuditTree.record(web.service, 2)).utf8)
    #expect(kept.exhibits.map(\.digest) == record.exhibits.map(\.digest))
    for exhibit in kept.exhibits {
      let path = AuditTree.exhibit(exhibit.digest)
      #expect(try bench.scratch.git("cat-file blob \(AuditBench.branch):\(path) | sha256sum | cut -c1-64") == exhibit.digest.hex)
    }
    let tag = try #require(kept.exhibits.first { $0.kind == .tag })
    let path = AuditTree.exhibit(tag.digest)
    // git itself says that these bytes are the tag, and that Ada signed them.
    let id = try bench.scratch.git("cat-file blob \(AuditBench.branch):\(path) | git hash-object -t tag --stdin")
    #expect(id == kept.tag?.tag.object)
    #expect(try bench.show(path).contains("-----BEGIN SSH SIGNATURE-----"))
    try bench.audit("web")
  }

  @Test func `an exhibit is kept once, however many records rest on it`() async throws {
    var record = try await plan()
    record.exhibits = try await exhibits(record)
    var second = web.refused("1.2.0")
    second.exhibits = try await exhibits(second)
    _ = try await bench.log.append([web.noted(), record, second], expecting: nil)
    let added = try bench.scratch.git("show --format= --name-only --diff-filter=A \(AuditBench.branch) -- exhibits")
    #expect(added == "", "the settings were there, and a tag that nobody pushed has no bytes")
    #expect(try bench.files().filter { $0.hasPrefix("exhibits/") }.count == 3)
  }

  @Test func `a file of keys that was changed after the judgement is not passed off as the one judged by`() async throws {
    let record = try await plan()
    try bench.scratch.sh("cat eve.pub >> allowed")
    #expect(try await exhibits(record).map(\.kind) == [.settings, .tag])
  }

  @Test func `settings that are not those of the decision are no exhibit of it`() async throws {
    var record = try await plan()
    record.sources?.settings = Digest(of: [7])
    #expect(try await exhibits(record).map(\.kind) == [.signers, .tag])
  }

  @Test func `what is too large to keep is not named either`() async throws {
    var record = web.noted()
    record.exhibits = [Exhibit(.environment, name: "green", bytes: [UInt8](repeating: 0x41, count: Exhibit.limit + 1))]
    _ = try await bench.log.append([record], expecting: nil)
    #expect(try !bench.files().contains { $0.hasPrefix("exhibits/") })
    #expect(!(try bench.show(AuditTree.record(web.service, 1)).contains("environment")))
  }

  @Test func `an exhibit is found by its digest, and one that was swapped is not believed`() async throws {
    var record = web.noted()
    let exhibit = Exhibit(.request, name: "retry", bytes: Array("ask".utf8))
    record.exhibits = [exhibit]
    _ = try await bench.log.append([record], expecting: nil)
    #expect(try await bench.log.exhibit(exhibit.digest) == Array("ask".utf8))
    #expect(try await bench.log.exhibit(Digest(of: [1])) == nil)
    try bench.scratch.sh(
      """
      git clone -q -b \(AuditBench.branch) remote.git edit; cd edit; echo other > \(AuditTree.exhibit(exhibit.digest))
      git commit -qam Swap; git push -q origin HEAD
      """)
    await expectPortError(.corrupt) { try await bench.log.exhibit(exhibit.digest) }
  }

  // MARK: Operators

  private func signed(_ request: OperatorRequest, by keys: String...) throws -> SignedRequest {
    var signed = SignedRequest(request)
    for key in keys {
      try bench.scratch.write("request", String(decoding: try request.bytes, as: UTF8.self))
      let armored = try bench.scratch.sh("ssh-keygen -q -Y sign -n \(OperatorRequest.namespace) -f \(key) < request")
      signed.signatures.append(armored + "\n")
    }
    return signed
  }

  private func judge(_ request: SignedRequest, revoked: String? = nil) async throws -> RequestVerdict {
    var rules = try #require(settings.operators)
    rules.revoked = revoked.map { "\(bench.scratch.path)/\($0)" }
    return try await OperatorFiles(store: try bench.scratch.remote().store).judge(request, by: rules, at: Samples.time())
  }

  private var request: OperatorRequest {
    OperatorRequest(.retry, installation: "shop", tag: web.tag("1.1.0"), reason: "fixed downstream", at: Samples.time())
  }

  private func expectRefusal(_ words: String, _ verdict: RequestVerdict, sourceLocation: Testing.SourceLocation = #_sourceLocation) {
    guard case .refused(let reason) = verdict else {
      Issue.record("accepted: \(verdict)", sourceLocation: sourceLocation)
      return
    }
    #expect(reason.contains(words), "\(reason)", sourceLocation: sourceLocation)
  }

  @Test func `what ssh-keygen signed for an operator counts, with his name and key`() async throws {
    let key = try bench.scratch.sh("ssh-keygen -l -f ada.pub | cut -d' ' -f2")
    let verdict = try await judge(try signed(request, by: "ada"))
    #expect(verdict == .signed([TagSignature(kind: .ssh, signer: "ada@example.org", key: key)]))
    guard case .signed(let two) = try await judge(try signed(request, by: "ada", "bob")) else {
      Issue.record("two signatures were refused")
      return
    }
    #expect(two.map(\.signer) == ["ada@example.org", "bob@example.org"])
  }

  @Test func `what our own signer signed is accepted by ssh-keygen`() async throws {
    let bytes = try request.bytes
    let key = try SigningKey.open(path: "\(bench.scratch.path)/ada")
    try bench.scratch.write("request", String(decoding: bytes, as: UTF8.self))
    try bench.scratch.write("request.sig", try key.sign(bytes, namespace: OperatorRequest.namespace).armored)
    let said = try bench.scratch.sh(
      "ssh-keygen -Y verify -f operators -I ada@example.org -n \(OperatorRequest.namespace) -s request.sig < request")
    #expect(said.contains("Good \"\(OperatorRequest.namespace)\" signature for ada@example.org"))
  }

  @Test func `a stranger's signature, one that was taken back, and one for another use count for nothing`() async throws {
    expectRefusal("does not count", try await judge(try signed(request, by: "eve")))
    try bench.scratch.sh("cp ada.pub gone")
    expectRefusal("revoked", try await judge(try signed(request, by: "ada"), revoked: "gone"))
    try bench.scratch.write("request", String(decoding: try request.bytes, as: UTF8.self))
    var other = SignedRequest(request)
    other.signatures = [try bench.scratch.sh("ssh-keygen -q -Y sign -n git -f ada < request") + "\n"]
    expectRefusal("does not count", try await judge(other))
    other.signatures = ["nonsense"]
    expectRefusal("is none", try await judge(other))
  }

  @Test func `a request that was altered under its signature counts for nothing`() async throws {
    var signed = try signed(request, by: "ada")
    signed.request.reason = "because"
    expectRefusal("does not count", try await judge(signed))
  }

  @Test func `a request is read in its one spelling alone`() throws {
    let signed = SignedRequest(request, signatures: ["x"])
    let file = try signed.file
    #expect(SignedRequest(parsing: file) == signed)
    #expect(SignedRequest(parsing: file.dropLast()) == signed)
    let text = String(decoding: file, as: UTF8.self)
    for other in [
      " " + text, text.replacing("{\"request\"", with: "{ \"request\""), text.replacing("\"reason\"", with: "\"more\":1,\"reason\""),
      text.replacing("\"signatures\":[\"x\"]", with: "\"signatures\":[\"x\"],\"signatures\":[]"), "", "[]", "{}", String(text.dropLast(9)),
    ] { #expect(SignedRequest(parsing: Array(other.utf8)) == nil, "\(other)") }
  }

  // MARK: Tags that are gone

  @Test func `decided and noted tags that are not there any more are told, each until it is on record`() async throws {
    let noted = web.noted([web.tag("0.9.0"), web.tag("0.9.1")])
    _ = try await bench.log.append([noted, web.refused("1.2.0"), try web.plan("1.1.0")], expecting: nil)
    let all: Set<String> = ["web/v0.9.0", "web/v0.9.1", "web/v1.2.0", "web/v1.1.0", "api/v1"]
    #expect(try await bench.log.gone(of: web.service, present: all).isEmpty)
    let gone = try await bench.log.gone(of: web.service, present: ["web/v0.9.1", "web/v1.1.0"])
    #expect(gone.map(\.name) == ["web/v0.9.0", "web/v1.2.0"])
    #expect(gone.map(\.object) == [web.tag("0.9.0").object, web.tag("1.2.0").object])
    _ = try await bench.log.append([web.deleted("0.9.0", "1.2.0")], expecting: nil)
    #expect(try await bench.log.gone(of: web.service, present: ["web/v0.9.1", "web/v1.1.0"]).isEmpty)
    let ledger = try await bench.log.ledger(of: web.service, tags: [web.tag("0.9.0"), web.tag("1.2.0")])
    #expect(ledger.decisions["web/v0.9.0"]?.kind == .noted && ledger.decisions["web/v0.9.0"]?.gone == Samples.time())
    #expect(ledger.decisions["web/v1.2.0"]?.kind == .refused && ledger.decisions["web/v1.2.0"]?.gone == Samples.time())
    // Pushed again, and refused: it is there again.
    _ = try await bench.log.append([web.refused("1.2.0", reason: "pushed again", attempt: nil, object: "again")], expecting: nil)
    try bench.audit("web")
  }

  @Test(arguments: ["web/v1.0.0", "v1", "web/v1.0.0+ä ö", "a%b", "web/v1.0.0-x.json"])
  func `a tag's name is read back from its file's`(_ name: String) throws {
    let path = AuditTree.tag(web.service, name)
    let file = try #require(path.split(separator: "/").last)
    #expect(AuditTree.tagName(file: file) == name)
    #expect(AuditTree.tagName(file: "web%2Fv1") == nil && AuditTree.tagName(file: "x%zz.json") == nil)
  }
}
