import AuditTrail
import Digests
import GitStore
import ReleaseModel
import Signatures

/// A tag that is judged once more, by what lies in the trail.
struct TagTrial {
  let evidence: Evidence
  let facts: TagFacts
  let rule: TagRule
  let judgement: TagJudgement

  enum Verdict {
    case accepted(TagSignature?)
    case refused(String)
    /// What it takes to judge is not in the trail: that is told elsewhere.
    case unavailable
    /// What was judged by cannot be judged by.
    case unreadable(String)
    /// It cannot be judged on this machine.
    case notJudged(String)
  }

  /// Whether anybody had to sign.
  var asksForSignature: Bool { rule.requirement == .signed || rule.signedCommit }

  /// What is wrong with when it was judged: by the same run as recorded it, and at the time of the step that tells of it.
  func timing(within deadlineMs: Int) -> [String] {
    guard let at = evidence.record.at else { return [] }
    var complaints: [String] = []
    let isInRun = judgement.at <= at + TimeOrder.tolerance && at - judgement.at <= .milliseconds(deadlineMs) + TimeOrder.tolerance
    if !isInRun { complaints.append("it is dated \(at), and its tag was judged at \(judgement.at)") }
    if let step = evidence.record.steps.first(where: { $0.step == .verify }), step.startedAt != judgement.at {
      complaints.append("its tag was judged at \(judgement.at), and verified at \(step.startedAt)")
    }
    return complaints
  }

  /// What is wrong with the files that it was judged by.
  var files: [String] {
    let files: [(kind: Exhibit.Kind, path: String?, digest: Digest?)] = [
      (.signers, rule.signers, judgement.signers), (.revoked, rule.revoked, judgement.revoked), (.keyring, rule.keyring, judgement.keyring),
    ]
    let mayHaveNone = evidence.record.event == .refused && judgement.namesNoFile && (!facts.isAnnotated || rule.onBranch)
    return files.compactMap { kind, path, digest in
      let isWanted = path != nil && asksForSignature
      if isWanted != (digest != nil), !(isWanted && mayHaveNone) {
        return isWanted
          ? "the settings name \(kind.rawValue), and its tag was judged without"
          : "its tag was judged by \(kind.rawValue) that the settings do not name"
      }
      guard let shown = evidence.exhibit(kind), shown.digest != digest else { return nil }
      return
        "its tag was judged by \(kind.rawValue) \(digest.map { "\($0.prefix12)…" } ?? "of nobody"), and shown are \(shown.digest.prefix12)…"
    }
  }

  /// What the bot would say of it.
  func verdict() throws(GitError) -> Verdict {
    var files: [KeyFile?] = []
    for digest in [judgement.signers, judgement.revoked, judgement.keyring] {
      guard let digest else { files.append(nil); continue }
      guard let file = try evidence.keys(digest, called: Self.file) else { return .unavailable }
      files.append(file)
    }
    guard let tag = try tagBytes(), let commit = try commitBytes() else { return .unavailable }
    let judge: TagJudge
    do {
      judge = try TagJudge(signers: files[0], revoked: files[1], keyring: files[2], at: judgement.at)
    } catch {
      return .unreadable("\(error)")
    }
    do {
      return try Self.verdict(of: judge, rule, tag: tag, called: "tag \(facts.tag.name)", commit: commit, called: commitName)
    } catch {
      return .notJudged("\(error)")
    }
  }

  private static func verdict(
    of judge: TagJudge, _ rule: TagRule, tag: [UInt8], called tagName: String, commit: [UInt8], called commitName: String
  ) throws -> Verdict {
    var signature: TagSignature?
    if rule.requirement == .signed {
      switch try judge.verdict(on: SignedObject(tag: tag), called: tagName) {
      case .success(let found): signature = found
      case .failure(let refusal): return .refused(refusal.reason)
      }
    }
    if rule.signedCommit, case .failure(let refusal) = try judge.verdict(on: SignedObject(commit: commit), called: commitName) {
      return .refused(refusal.reason)
    }
    return .accepted(signature)
  }

  /// The tag's own bytes, nothing where they are not asked for; nil where nobody has them.
  private func tagBytes() throws(GitError) -> [UInt8]? {
    guard rule.requirement == .signed else { return [] }
    guard let bytes = try evidence.bytes(.tag), try ObjectID.name(of: bytes, as: .tag).hex == facts.tag.object else { return nil }
    return bytes
  }

  private func commitBytes() throws(GitError) -> [UInt8]? {
    guard rule.signedCommit else { return [] }
    guard let bytes = try evidence.bytes(.commit), try ObjectID.name(of: bytes, as: .commit).hex == facts.commit else { return nil }
    return bytes
  }

  private var commitName: String { "commit \(facts.commit.prefix(12))" }

  // MARK: Refusals

  /// What files are called here: the bot names them by its own paths, which the trail does not tell.
  private static let file = "KEYS"

  /// Whether the record says that the tag was refused for that; the name of a file in it is left out of it.
  func isRefusal(_ reason: String) -> Bool {
    let wanted = reason.firstRange(of: Self.file).map { reason[..<$0.lowerBound] } ?? reason[...]
    return evidence.record.reason?.utf8.starts(with: PlainText.line(String(wanted), longest: 1000).utf8) ?? false
  }

  /// Whether the record says that the tag was refused for a signature.
  var isRefusedForSignature: Bool {
    let reason = evidence.record.reason ?? ""
    return ["the signature of ", "tag \(facts.tag.name) ", "\(commitName) "].contains { reason.hasPrefix($0) }
  }
}
