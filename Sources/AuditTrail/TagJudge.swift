import Digests
import FoundationEssentials
package import ReleaseEngine
package import ReleaseModel
package import Signatures

/// A file that the settings name, as read.
package struct KeyFile: Sendable {
  package var path: String
  package var bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// - Parameter key: which of the settings names it.
  /// - Throws: `configuration` for a file that is missing or cannot be read.
  static func read(_ path: String?, _ key: String) throws(PortError) -> KeyFile? {
    guard let path else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw PortError(
        .configuration, attempted: "read who may sign", reason: "\(path) is missing, or not readable",
        hint: "make it, or correct \(key) in the settings", location: SourceLocation(file: path))
    }
    return KeyFile(path: path, bytes: Array(bytes))
  }
}

/// Judges what was signed by files of the settings. It may wait for `gpg` and `ssh-keygen`: **blocks**.
package struct TagJudge: Sendable {
  /// By what it judges.
  package let judgement: TagJudgement
  /// Seconds since 1970 at which keys must be valid.
  private let now: Int64
  private let signers: AllowedSigners?
  private let revocations: RevocationList?
  private let keyring: OpenPGPVerifier?

  /// Reads the rule's files.
  /// - Throws: `configuration` for a file that is missing, or not what it should be.
  package init(_ rule: TagRule, at now: Timestamp) throws(PortError) {
    try self.init(
      signers: KeyFile.read(rule.signers, "tags: signers"), revoked: KeyFile.read(rule.revoked, "tags: revoked"),
      keyring: KeyFile.read(rule.keyring, "tags: keyring"), at: now)
  }

  /// Reads the files by which requests are judged.
  /// - Throws: `configuration` for a file that is missing, or not what it should be.
  package init(_ rules: OperatorRules, at now: Timestamp) throws(PortError) {
    try self.init(
      signers: KeyFile.read(rules.signers, "operators.signers"), revoked: KeyFile.read(rules.revoked, "operators.revoked"), keyring: nil,
      at: now)
  }

  /// - Throws: `configuration` for a file that is not what it should be.
  package init(signers: KeyFile?, revoked: KeyFile?, keyring: KeyFile?, at now: Timestamp) throws(PortError) {
    judgement = TagJudgement(
      at: now, signers: signers.map { Digest(of: $0.bytes) }, revoked: revoked.map { Digest(of: $0.bytes) },
      keyring: keyring.map { Digest(of: $0.bytes) })
    self.now = now.milliseconds / 1000
    self.signers = try TagJudge.parsed(signers) { (bytes, file) throws(SignatureError) in try AllowedSigners(bytes, file: file) }
    revocations = try TagJudge.parsed(revoked) { (bytes, file) throws(SignatureError) in try RevocationList(bytes, file: file) }
    self.keyring = try TagJudge.parsed(keyring) { (bytes, file) throws(SignatureError) in
      try OpenPGPVerifier(keyring: bytes, file: file)
    }
  }

  private static func parsed<Value>(
    _ file: KeyFile?, _ parse: ([UInt8], String) throws(SignatureError) -> Value
  ) throws(PortError) -> Value? {
    guard let file else { return nil }
    do throws(SignatureError) {
      return try parse(file.bytes, file.path)
    } catch {
      throw PortError(
        .configuration, attempted: "read who may sign", reason: "\(error)", hint: "correct the file",
        location: SourceLocation(file: file.path))
    }
  }

  /// Who made each signature of a request; the first that does not count is the answer.
  package func verdict(on request: SignedRequest) throws(PortError) -> RequestVerdict {
    switch try signers(of: request) {
    case .success(let operators): .signed(operators)
    case .failure(let refusal): .refused(refusal.reason)
    }
  }

  /// Who made each signature of a request, or why the first that does not count does not.
  package func signers(of request: SignedRequest) throws(PortError) -> Result<[TagSignature], SignatureRefusal> {
    guard let payload = try? request.request.bytes else { return .failure(SignatureRefusal("the request cannot be written down")) }
    var operators: [TagSignature] = []
    for (index, armored) in request.signatures.enumerated() {
      let what = request.signatures.count == 1 ? "the request" : "the request (signature \(index + 1))"
      do throws(SignatureError) {
        switch try ssh(Array(armored.utf8), over: payload, what, namespace: OperatorRequest.namespace) {
        case .success(let signature): operators.append(signature)
        case .failure(let refusal): return .failure(refusal)
        }
      } catch {
        throw PortError(
          .configuration, attempted: "judge the signature of \(what)", reason: "\(error)",
          hint: "install what is missing, or correct operators in the settings")
      }
    }
    return .success(operators)
  }

  /// Who signed an object, or why its signature does not count.
  package func verdict(on object: SignedObject, called what: String) throws(PortError) -> Result<TagSignature, SignatureRefusal> {
    guard let signature = object.signature, let kind = object.kind else { return .failure(SignatureRefusal("\(what) is not signed")) }
    do throws(SignatureError) {
      switch kind {
      case .ssh: return try ssh(signature, over: object.payload, what)
      case .openPGP: return try openPGP(signature, over: object.payload, what)
      default: return .failure(SignatureRefusal("\(what) has a signature of a kind that nobody can judge here"))
      }
    } catch {
      throw PortError(
        .configuration, attempted: "judge the signature of \(what)", reason: "\(error)",
        hint: "install what is missing, or correct tags in the settings")
    }
  }

  private func ssh(
    _ bytes: [UInt8], over payload: [UInt8], _ what: String, namespace: String = "git"
  ) throws(SignatureError) -> Result<TagSignature, SignatureRefusal> {
    guard let signers else { return .failure(SignatureRefusal("\(what) is signed with an SSH key, and the settings name nobody who may")) }
    let signature: SSHSignature
    do throws(SignatureError) {
      signature = try SSHSignature(armored: bytes)
    } catch {
      return .failure(SignatureRefusal("the signature of \(what) is none: \(error)"))
    }
    switch try signers.judge(signature, over: payload, namespace: namespace, at: now, revocations: revocations) {
    case .allowed(let signer):
      return .success(TagSignature(kind: .ssh, signer: PlainText.line(signer.names, longest: 200), key: signature.publicKey.fingerprint))
    case .refused(let reason): return .failure(SignatureRefusal("the signature of \(what) does not count: \(reason)"))
    }
  }

  private func openPGP(
    _ bytes: [UInt8], over payload: [UInt8], _ what: String
  ) throws(SignatureError) -> Result<TagSignature, SignatureRefusal> {
    guard let keyring else { return .failure(SignatureRefusal("\(what) is signed with OpenPGP, and the settings name no keyring")) }
    switch try keyring.verify(bytes, over: payload, at: now) {
    case .good(let good):
      return .success(TagSignature(kind: .openpgp, signer: PlainText.line(good.userID, longest: 200), key: good.primaryFingerprint))
    case .refused(let reason): return .failure(SignatureRefusal("the signature of \(what) does not count: \(reason)"))
    }
  }
}

/// Why a signature does not count, in words for the record.
package struct SignatureRefusal: Error, Sendable {
  package let reason: String

  init(_ reason: String) { self.reason = PlainText.line(reason, longest: 600) }
}
