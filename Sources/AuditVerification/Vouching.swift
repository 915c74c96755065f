import AuditTrail
import Digests
import GitStore
import ReleaseModel
import Signatures

/// How far the auditor's own keys vouch for who released and who asked: what the settings on record allow is the installation's word.
package struct Vouching: Sendable, Hashable {
  /// Somebody who may sign by the settings, and whom the auditor did not name.
  package struct Stranger: Sendable, Hashable {
    package enum Role: Sendable, Hashable {
      case tagged, asked
    }

    package var role: Role
    /// As the record calls him.
    package var signer: String
    package var key: String
    /// How many records his signature is on, and the paths of the first and the last.
    package var records = 0
    package var first: String
    package var last: String
  }

  /// The most strangers that are told apart: a hostile trail must not fill memory.
  static let strangerLimit = 100

  /// How many releases were planned, and by whom how many of their tags are vouched for.
  package private(set) var releases = 0
  package private(set) var releasesVouched: [String: Int] = [:]
  /// How many releases nobody's signature was asked for, as the records say, and nobody vouches for.
  package private(set) var releasesUnsigned = 0
  /// How many requests were signed, and by whom how many are vouched for.
  package private(set) var requests = 0
  package private(set) var requestsVouched: [String: Int] = [:]
  package private(set) var strangers: [Stranger] = []

  package init() {}

  /// Counts what a record rests on.
  mutating func take(_ commit: TrailCommit, by judge: any CommitJudge) throws(GitError) {
    guard let evidence = Evidence(commit), let path = commit.record?.path else { return }
    if evidence.record.event == .plan { try takeTag(evidence, path, judge) }
    if evidence.exhibit(.request) != nil { try takeRequest(evidence, path, judge) }
  }

  private mutating func takeTag(_ evidence: Evidence, _ path: String, _ judge: any CommitJudge) throws(GitError) {
    releases += 1
    let facts = evidence.record.tag
    let object = try tagObject(evidence)
    if let object, let signature = object.signature, let at = facts?.judgement?.at ?? evidence.record.at,
      case .good(let principal, _) = judge.verdict(on: signature, over: object.payload, namespace: "git", at: at)
    {
      releasesVouched[principal, default: 0] += 1
    } else if let signature = facts?.signature {
      note(.tagged, signature, path)
    } else {
      releasesUnsigned += 1
    }
  }

  /// The tag's own bytes, if they are what the record decides on: a signature over another tag vouches for nothing here.
  private func tagObject(_ evidence: Evidence) throws(GitError) -> SignedObject? {
    guard let facts = evidence.record.tag, let bytes = try evidence.bytes(.tag), let header = TagHeader(bytes),
      try ObjectID.name(of: bytes, as: .tag).hex == facts.tag.object, header.name.elementsEqual(facts.tag.name.utf8),
      header.target.hex == facts.commit
    else { return nil }
    return SignedObject(tag: bytes)
  }

  private mutating func takeRequest(_ evidence: Evidence, _ path: String, _ judge: any CommitJudge) throws(GitError) {
    requests += 1
    let signed = try evidence.bytes(.request).flatMap { SignedRequest(parsing: $0) }
    let payload = (try? signed?.request.bytes) ?? []
    for (index, signature) in evidence.record.operators.enumerated() {
      if let armored = signed?.signatures.dropFirst(index).first, let at = evidence.record.at,
        case .good(let principal, _) = judge.verdict(
          on: Array(armored.utf8), over: payload, namespace: OperatorRequest.namespace, at: at)
      {
        requestsVouched[principal, default: 0] += 1
      } else {
        note(.asked, signature, path)
      }
    }
  }

  private mutating func note(_ role: Stranger.Role, _ signature: TagSignature, _ path: String) {
    let known = strangers.firstIndex { $0.role == role && $0.key == signature.key && $0.signer == signature.signer }
    if let known {
      strangers[known].records += 1
      strangers[known].last = path
    } else if strangers.count < Self.strangerLimit {
      strangers.append(Stranger(role: role, signer: signature.signer, key: signature.key, records: 1, first: path, last: path))
    }
  }
}
