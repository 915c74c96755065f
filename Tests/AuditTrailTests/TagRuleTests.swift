import Digests
import FoundationEssentials
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// What the settings ask of a tag, judged on tags that real git, ssh-keygen and gpg made.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed")) struct TagRuleTests {
  let scratch: Scratch
  let tags: GitTags
  let web = Samples("web")
  /// The keys of these tests are allowed from the first day of 2026 to the last.
  static let summer = Timestamp(milliseconds: 1_782_864_000_000)

  init() throws {
    scratch = try Scratch.withRemote()
    tags = GitTags(remote: try scratch.remote(), branch: "main", auditBranch: AuditBench.branch)
    try scratch.sh(
      """
      for k in ada bob; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; done
      echo "ada@example.org namespaces=\\"git\\",valid-after=\\"20260101Z\\",valid-before=\\"20261231Z\\" $(cat ada.pub)" > allowed
      git init -q work; cd work; git config gpg.format ssh; git config user.signingkey $PWD/../ada
      echo 1 > file; git add file; git commit -q -m First; git push -q ../remote.git main
      """)
  }

  private func push(_ script: String) throws { try scratch.sh("cd work; \(script); git push -q -f ../remote.git --tags") }

  private func rule(
    _ requirement: TagRule.Requirement = .signed, revoked: String? = nil, keyring: String? = nil, onBranch: Bool = false,
    signedCommit: Bool = false, signers: String? = "allowed"
  ) -> TagRule {
    func path(_ name: String?) -> String? { name.map { "\(scratch.path)/\($0)" } }
    return TagRule(
      requirement: requirement, signers: path(signers), revoked: path(revoked), keyring: path(keyring), onBranch: onBranch,
      signedCommit: signedCommit)
  }

  private func verdict(_ rule: TagRule, _ version: String = "1.0.0", at now: Timestamp = summer) async throws -> TagVerdict {
    let tag = web.tag(version, object: try scratch.git("rev-parse --verify web/v\(version)"))
    return try await tags.judge(try await tags.facts(of: tag), by: rule, at: now)
  }

  /// By what a tag was judged.
  private func judged(signers: String) throws -> TagJudgement {
    TagJudgement(at: Self.summer, signers: Digest(of: try Data(contentsOf: URL(filePath: "\(scratch.path)/\(signers)"))))
  }

  private func expectRefusal(
    _ words: String, _ verdict: TagVerdict, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    guard case .refused(let reason, _) = verdict else {
      Issue.record("accepted: \(verdict)", sourceLocation: sourceLocation)
      return
    }
    #expect(reason.contains(words), "\(reason)", sourceLocation: sourceLocation)
  }

  private func expectSigned(
    by signer: String, _ verdict: TagVerdict, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    guard case .accepted(let signature?, _) = verdict else {
      Issue.record("\(verdict)", sourceLocation: sourceLocation)
      return
    }
    #expect(signature.signer == signer, sourceLocation: sourceLocation)
  }

  @Test func `a tag that somebody signed who may sign is accepted, with his name and key`() async throws {
    try push("git tag -s -m One web/v1.0.0")
    let key = try scratch.sh("ssh-keygen -l -f ada.pub | cut -d' ' -f2")
    #expect(
      try await verdict(rule()) == .accepted(TagSignature(kind: .ssh, signer: "ada@example.org", key: key), judged(signers: "allowed")))
  }

  @Test func `who is not on the list signs nothing, and neither does nobody`() async throws {
    try push("git -c user.signingkey=$PWD/../bob tag -s -m One web/v1.0.0; git tag -a -m Two web/v2.0.0; git tag web/v3.0.0")
    expectRefusal("the signature of tag web/v1.0.0 does not count", try await verdict(rule()))
    expectRefusal("tag web/v2.0.0 is not signed", try await verdict(rule(), "2.0.0"))
    expectRefusal("web/v3.0.0 is a lightweight tag", try await verdict(rule(), "3.0.0"))
    #expect(try await verdict(rule(.annotated), "2.0.0") == .accepted(nil, TagJudgement(at: Self.summer)))
    expectRefusal("lightweight", try await verdict(rule(.annotated), "3.0.0"))
    #expect(try await verdict(rule(.any), "3.0.0") == .accepted(nil, TagJudgement(at: Self.summer)))
  }

  @Test func `a message that was altered under a signature is found`() async throws {
    try push(
      """
      git tag -s -m One web/v1.0.0
      git cat-file tag web/v1.0.0 | sed 's/^One$/Two/' > ../forged
      git update-ref refs/tags/web/v1.0.0 $(git hash-object -t tag -w ../forged)
      """)
    expectRefusal("does not count", try await verdict(rule()))
  }

  @Test func `a signature that is backdated into a key's time counts by when the tag was seen`() async throws {
    try push("GIT_COMMITTER_DATE='2026-06-01T00:00:00Z' git tag -s -m One web/v1.0.0")
    let after = Timestamp(milliseconds: 1_800_000_000_000)
    expectRefusal("does not count", try await verdict(rule(), at: after))
    let before = Timestamp(milliseconds: 1_700_000_000_000)
    expectRefusal("does not count", try await verdict(rule(), at: before))
  }

  @Test func `a key that was taken back signs nothing, whatever date the tag bears`() async throws {
    try push("git tag -s -m One web/v1.0.0")
    try scratch.sh("cp ada.pub revoked; ssh-keygen -l -f ada.pub | cut -d' ' -f2 > fingerprints; ssh-keygen -q -k -f krl ada.pub")
    for list in ["revoked", "fingerprints", "krl"] { expectRefusal("revoked", try await verdict(rule(revoked: list))) }
    try scratch.sh("cp bob.pub others")
    expectSigned(by: "ada@example.org", try await verdict(rule(revoked: "others")))
  }

  @Test func `a signature for another use is none for git`() async throws {
    try push(
      """
      git tag -a -m One web/v1.0.0; git cat-file tag web/v1.0.0 > ../payload
      ssh-keygen -q -Y sign -n file -f ../ada ../payload; cat ../payload ../payload.sig > ../object
      git update-ref refs/tags/web/v1.0.0 $(git hash-object -t tag -w ../object)
      """)
    expectRefusal("does not count", try await verdict(rule()))
  }

  @Test func `a commit that is not on the protected branch is refused where the settings ask for it`() async throws {
    try push("git tag -s -m One web/v1.0.0; git checkout -q -b side; git commit -q --allow-empty -m Side; git tag -s -m Two web/v2.0.0")
    expectSigned(by: "ada@example.org", try await verdict(rule(onBranch: true)))
    expectRefusal("is not on main", try await verdict(rule(onBranch: true), "2.0.0"))
    #expect(try await verdict(rule(.any), "2.0.0") == .accepted(nil, TagJudgement(at: Self.summer)))
    // Merged meanwhile.
    try scratch.sh("cd work; git push -q ../remote.git side:main")
    #expect(try await verdict(rule(.any, onBranch: true), "2.0.0") == .accepted(nil, TagJudgement(at: Self.summer)))
  }

  @Test func `the commit must be signed too where the settings ask for it`() async throws {
    try push("git tag -s -m One web/v1.0.0; git commit -q -S --allow-empty -m Signed; git tag -s -m Two web/v2.0.0; git tag web/v3.0.0")
    expectRefusal("is not signed", try await verdict(rule(signedCommit: true)))
    guard case .accepted(let signature, _) = try await verdict(rule(signedCommit: true), "2.0.0") else {
      Issue.record("a signed commit was refused")
      return
    }
    #expect(signature?.signer == "ada@example.org")
    #expect(try await verdict(rule(.any, signedCommit: true), "3.0.0") == .accepted(nil, judged(signers: "allowed")))
  }

  @Test(.enabled(if: isInstalled("gpg"), "gpg is not installed"))
  func `OpenPGP signatures count by a keyring of the settings, and by no other`() async throws {
    try scratch.sh(
      """
      mkdir -m 700 gnupg; export GNUPGHOME=$PWD/gnupg
      for n in ada bob; do gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key "$n <$n@example.org>" ed25519 sign; done
      gpg --batch --export ada > keyring; gpg --batch --export bob > bobs
      gpgconf --kill all
      """)
    try push(
      """
      export GNUPGHOME=$PWD/../gnupg; git config gpg.format openpgp
      git -c user.signingkey=ada@example.org tag -s -m One web/v1.0.0; gpgconf --kill all
      """)
    // gpg dates keys and signatures by this machine's clock.
    let now = Timestamp(milliseconds: (Int64(try scratch.sh("date +%s")) ?? 0) * 1000)
    guard case .accepted(let signature?, _) = try await verdict(rule(keyring: "keyring", signers: nil), at: now) else {
      Issue.record("it was not accepted")
      return
    }
    #expect(signature.kind == .openpgp && signature.signer == "ada <ada@example.org>" && signature.key.count == 40)
    expectRefusal("does not count", try await verdict(rule(keyring: "bobs", signers: nil), at: now))
    expectRefusal(
      "does not count", try await verdict(rule(keyring: "keyring", signers: nil), at: Timestamp(milliseconds: 1_000_000_000_000)))
    expectRefusal("the settings name no keyring", try await verdict(rule()))
    try push("git config gpg.format ssh; git tag -s -m Two web/v2.0.0")
    expectRefusal("the settings name nobody who may", try await verdict(rule(keyring: "keyring", signers: nil), "2.0.0"))
  }

  static let broken: [(String, String)] = [("missing", "rm -f allowed"), ("spoiled", "echo nonsense > allowed")]

  @Test(arguments: broken)
  func `a list that cannot be read refuses nothing for good, and says which file is to blame`(_ name: String, _ make: String) async throws {
    try push("git tag -s -m One web/v1.0.0")
    try scratch.sh(make)
    let error = await #expect(throws: PortError.self) { try await verdict(rule()) }
    #expect(error?.kind == .configuration && error?.location?.file == "\(scratch.path)/allowed", "\(name)")
  }
}
