import FoundationEssentials
import ReleaseEngine
import ReleaseModel
import Signatures

/// Judges what was signed by a rule of the settings. It reads the rule's files and may wait for `gpg` and `ssh-keygen`: **blocks**.
struct TagJudge: Sendable {
  private let rule: TagRule
  /// Seconds since 1970 at which keys must be valid.
  private let now: Int64
  private let signers: AllowedSigners?
  private let revocations: RevocationList?
  private let keyring: OpenPGPVerifier?

  /// - Throws: `configuration` for a file that is missing, or not what it should be.
  init(_ rule: TagRule, at now: Timestamp) throws(PortError) {
    self.rule = rule
    self.now = now.milliseconds / 1000
    signers = try TagJudge.read(rule.signers, "tags: signers") { (bytes, file) throws(SignatureError) in
      try AllowedSigners(bytes, file: file)
    }
    revocations = try TagJudge.read(rule.revoked, "tags: revoked") { (bytes, file) throws(SignatureError) in
      try RevocationList(bytes, file: file)
    }
    keyring = try TagJudge.read(rule.keyring, "tags: keyring") { (bytes, file) throws(SignatureError) in
      try OpenPGPVerifier(keyring: bytes, file: file)
    }
  }

  private static func read<Value>(
    _ path: String?, _ key: String, _ parse: ([UInt8], String) throws(SignatureError) -> Value
  ) throws(PortError) -> Value? {
    guard let path else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw PortError(
        .configuration, attempted: "read who may sign tags", reason: "\(path) is missing, or not readable",
        hint: "make it, or correct \(key) in the settings", location: SourceLocation(file: path))
    }
    do throws(SignatureError) {
      return try parse(Array(bytes), path)
    } catch {
      throw PortError(
        .configuration, attempted: "read who may sign tags", reason: "\(error)", hint: "correct the file",
        location: SourceLocation(file: path))
    }
  }

  /// Who signed an object, or why its signature does not count.
  func verdict(on object: SignedObject, called what: String) throws(PortError) -> Result<TagSignature, SignatureRefusal> {
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
    _ bytes: [UInt8], over payload: [UInt8], _ what: String
  ) throws(SignatureError) -> Result<TagSignature, SignatureRefusal> {
    guard let signers else { return .failure(SignatureRefusal("\(what) is signed with an SSH key, and the settings name nobody who may")) }
    let signature: SSHSignature
    do throws(SignatureError) {
      signature = try SSHSignature(armored: bytes)
    } catch {
      return .failure(SignatureRefusal("the signature of \(what) is none: \(error)"))
    }
    switch try signers.judge(signature, over: payload, namespace: "git", at: now, revocations: revocations) {
    case .allowed(let signer):
      return .success(TagSignature(kind: .ssh, signer: PlainText.line(signer.names, longest: 200), key: signature.publicKey.fingerprint))
    case .refused(let reason): return .failure(SignatureRefusal("the signature of \(what) does not count: \(reason)"))
    }
  }

  private func openPGP(
    _ bytes: [UInt8], over payload: [UInt8], _ what: String
  ) throws(SignatureError) -> Result<TagSignature, SignatureRefusal> {
    guard let keyring else { return .failure(SignatureRefusal("\(what) is signed with OpenPGP, and the settings name no keyring")) }
    switch try keyring.verify(bytes, over: payload) {
    case .good(let good):
      return .success(TagSignature(kind: .openpgp, signer: PlainText.line(good.userID, longest: 200), key: good.primaryFingerprint))
    case .refused(let reason): return .failure(SignatureRefusal("the signature of \(what) does not count: \(reason)"))
    }
  }
}

/// Why a signature does not count, in words for the record.
struct SignatureRefusal: Error, Sendable {
  let reason: String

  init(_ reason: String) { self.reason = PlainText.line(reason, longest: 600) }
}
