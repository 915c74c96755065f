import AuditTrail
import Digests
import FoundationEssentials
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// A trail that the real log signed with a key of `ssh-keygen`, and what real git and other keys can do to it.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed")) struct SignedTrailTests {
  let trail: Trail
  /// The commits of a release: noted, planned, promoted, and one more refusal.
  let commits: [String]

  init() async throws {
    trail = try Trail()
    try trail.scratch.sh(
      """
      for k in bot eve; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; echo "$k@example.org namespaces=\\"git\\" $(cat $k.pub)" > $k.allowed; done
      """)
    // The auditor knows of the bot and of Ada, who tags.
    try trail.scratch.write("ada", House.ada.allowed("git"))
    try trail.scratch.sh("cp bot.allowed stranger.allowed; cat ada >> bot.allowed")
    let log = try trail.log(signer: AuditSigner(path: "\(trail.scratch.path)/bot"))
    var web = Chronicle("web")
    let noted = web.noted()
    let planned = try web.planned("1.0.0")
    var promoted = try web.ended(.promoted)
    promoted.images = [RunningImage(workload: "web", id: "registry.example/web@sha256:\(Digest(of: [1]).hex)")]
    commits = try await log.append([noted, planned, promoted, web.refused("1.1.0-rc.1")], expecting: 0).entries.map(\.commit)
  }

  private func trusted(_ name: String, revoked: String? = nil) throws -> TrustedSigners {
    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(trail.scratch.path)/\(name)"))) }
    return TrustedSigners(
      try AllowedSigners(try read("\(name).allowed"), file: "\(name).allowed"),
      revoked: try revoked.map { try RevocationList(try read($0), file: $0) })
  }

  @Test func `a trail that the trusted key signed gives no findings, and is told to be signed`() async throws {
    let report = try await trail.verify(judge: try trusted("bot"))
    #expect(report.findings.isEmpty, "\(report.words)")
    #expect(try await trail.verify().findings.isEmpty, "without a judge nothing is found either")
  }

  @Test func `who may only release writes no records, and who writes them releases nothing`() async throws {
    let ada = TrustedSigners(try AllowedSigners(House.ada.allowed("git"), file: "ada"))
    let bot = try trusted("stranger")
    let apart = try await trail.verify(judge: bot, releasers: ada)
    #expect(apart.findings.isEmpty && apart.tellsReleasersApart, "\(apart.words)")
    #expect(apart.signatures == .checked(["bot@example.org": 4]) && apart.vouching?.releasesVouched == ["ada@shop.example": 1])
    let swapped = try await trail.verify(judge: ada, releasers: bot)
    #expect(swapped.counts[.signatureBad] == 4 && swapped.counts[.tagSignerUnknown] == 1, "\(swapped.words)")
    #expect(swapped.vouching?.releasesVouched == [:])
    let one = try await trail.verify(judge: bot)
    #expect(!one.tellsReleasersApart && one.codes == [.tagSignerUnknown], "\(one.words)")
  }

  @Test func `who signed a tag, and what really ran, is told where the record says so`() async throws {
    let reader = AuditReader()
    let clone = try GitClone(at: "\(trail.scratch.path)/remote.git")
    let rows = try await reader.newestFirst(in: clone, AuditReader.Filter()) { ChangeRecord($0) }
    let promoted = try #require(rows.first { $0.change == "web/3" })
    #expect(promoted.images == "registry.example/web@sha256:\(Digest(of: [1]).hex)")
    #expect(promoted.requestedBy == "ada@shop.example (signed with \(House.ada.signature.key), verified by the bot)")
    let id = try #require(ChangeID("web/3"))
    let responsibility = try #require(Responsibility(try await reader.entry(id, in: clone)))
    let tag = try #require(responsibility.lines.first { $0.who == "ada@shop.example" })
    #expect(tag.ground == .recorded && tag.way == "sign and push the tag web/v1.0.0")
  }

  @Test func `a key that nobody trusts, or that was revoked, vouches for nothing`() async throws {
    let report = try await trail.verify(judge: try trusted("eve"))
    #expect(report.counts[.signatureBad] == 4 && report.counts[.attestationBad] == 1, "\(report.words)")
    try trail.scratch.sh("cp bot.pub revoked")
    let revoked = try await trail.verify(judge: try trusted("bot", revoked: "revoked"))
    #expect(revoked.counts[.signatureBad] == 4 && revoked.counts[.attestationBad] == 1, "\(revoked.words)")
    let blind = try await trail.verify(without: ["signature", "attestation", "known-signers"], judge: try trusted("eve"))
    #expect(blind.findings.isEmpty, "\(blind.words)")
  }

  @Test func `a revocation list that cannot be asked leaves no key trusted`() async throws {
    try trail.scratch.sh("ssh-keygen -q -k -f krl eve.pub")
    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(trail.scratch.path)/\(name)"))) }
    let allowed = try AllowedSigners(try read("bot.allowed"), file: "bot.allowed")
    let list = try RevocationList(try read("krl"), file: "krl", tool: Tool("/nonexistent/ssh-keygen"))
    let judge = TrustedSigners(allowed, revoked: list)
    #expect(judge.keys.isEmpty)
    let report = try await trail.verify(judge: judge)
    #expect(report.counts[.signatureBad] == 4 && report.counts[.attestationBad] == 1, "\(report.words)")
    #expect(try await trail.verify(judge: try trusted("bot", revoked: "krl")).findings.isEmpty, "asked, it names another key")
  }

  /// Makes the last commit anew by a script that knows `$path`, the attestation's.
  private func remake(_ script: String) throws {
    try trail.scratch.sh(
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git config user.name tagflip; git config user.email tagflip@localhost
      git config gpg.format ssh; git config commit.gpgsign false
      export path=services/web/attestations/0000/0000003.json; \(script)
      git push -q -f origin HEAD:tagflip/audit
      """)
  }

  @Test func `a commit that was signed anew with another key, or with none, is found`() async throws {
    try remake("git -c user.signingkey=$PWD/../eve commit -q --amend --no-edit -S --date=now")
    #expect(try await trail.verify(judge: try trusted("bot")).counts[.signatureBad] == 1)
    try trail.scratch.sh("cd work; git commit -q --amend --no-edit --no-gpg-sign; git push -q -f origin HEAD:tagflip/audit")
    let report = try await trail.verify(judge: try trusted("bot"))
    #expect(report.counts[.signatureMissing] == 1)
    #expect(try await trail.verify(without: ["signature"], judge: try trusted("bot")).counts[.signatureMissing] == nil)
  }

  @Test func `a commit that was signed anew by somebody who may only tag is found, although he is trusted`() async throws {
    try remake("git -c user.signingkey=$PWD/../eve commit -q --amend --no-edit -S --date=now")
    try trail.scratch.sh("cat eve.allowed >> bot.allowed")
    let report = try await trail.verify(judge: try trusted("bot"))
    #expect(report.counts[.signerChanged] == 1 && report.counts[.signatureBad] == nil, "\(report.words)")
    #expect(try await trail.verify(without: ["signature"], judge: try trusted("bot")).counts[.signerChanged] == nil)
  }

  static let forged: [(String, String, FindingCode)] = [
    ("altered", "sed -i 's/\"payload\":\"eyJ/\"payload\":\"eyK/' $path", .attestationDiffers),
    (
      "of another record",
      "python3 -c 'import json,os,base64; p=os.environ[\"path\"]; e=json.load(open(p)); "
        + "s=base64.b64decode(e[\"payload\"]).replace(b\"1.0.0\",b\"1.0.1\"); e[\"payload\"]=base64.b64encode(s).decode(); "
        + "open(p,\"w\").write(json.dumps(e,separators=(\",\",\":\"),sort_keys=True)+\"\\n\")'", .attestationDiffers
    ),
    ("no envelope", "echo nonsense > $path", .attestationDiffers),
    (
      "signed by somebody else",
      "python3 -c 'import json,os,base64; p=os.environ[\"path\"]; e=json.load(open(p)); "
        + "e[\"signatures\"][0][\"sig\"]=base64.b64encode(bytes(64)).decode(); "
        + "open(p,\"w\").write(json.dumps(e,separators=(\",\",\":\"),sort_keys=True)+\"\\n\")'", .attestationBad
    ),
  ]

  @Test(arguments: forged)
  func `a statement that is not the record's, or not the bot's, is found by its own check`(
    _ name: String, _ script: String, _ code: FindingCode
  ) async throws {
    // As if it had been made so in its own commit: everything after it is made anew on top.
    try remake(
      """
      git reset -q --hard HEAD~1; \(script); git commit -q -a --amend --no-edit
      """)
    let report = try await trail.verify(judge: try trusted("bot"))
    #expect(report.counts[code] == 1, "\(name): \(report.words)")
    #expect(try await trail.verify(without: ["attestation"], judge: try trusted("bot")).counts[code] == nil)
  }

  @Test func `a statement beside what was not promoted is no file of tagflip's`() async throws {
    try remake(
      "mkdir -p services/web/attestations/0000; cp $path services/web/attestations/0000/0000004.json; git add -A; git commit -q --amend --no-edit"
    )
    #expect(try await trail.verify(judge: try trusted("bot")).counts[.unexpectedFile] == 1)
  }

  @Test func `a branch that was rewritten and accepted says so wherever it is verified`() async throws {
    var web = Chronicle("web")
    web.wait(1000)
    try await trail.append([web.resealed()])
    let report = try await trail.verify()
    #expect(report.counts == [.trailResealed: 1], "\(report.words)")
    #expect(report.findings.first?.severity == .warning)
    #expect(try await trail.verify(without: ["resealing"]).findings.isEmpty)
  }
}
