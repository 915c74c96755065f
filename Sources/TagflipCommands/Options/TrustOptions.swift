import ArgumentParser
import AuditVerification
import ReleaseEngine
import Signatures

/// Whose signatures on the trail's commits an auditor trusts.
struct TrustOptions: ParsableArguments {
  @Option(
    help: .init(
      "The bot's keys, whose signatures on commits count: an allowed_signers file that you did not get from the trail.", valueName: "file"))
  var trust: String?
  @Option(help: .init("Keys that are not trusted any more: a list of keys and fingerprints, or a key revocation list.", valueName: "file"))
  var revoked: String?

  /// Judges by what the files say now; nil where nobody is trusted.
  /// - Parameter others: another file of allowed signers, which the list of revoked keys may be meant for.
  func judge(beside others: String? = nil) throws -> TrustedSigners? {
    guard trust != nil || others != nil || revoked == nil else {
      throw CommandFailure(.usage, ["error: --revoked says whom not to trust, and nobody is trusted", "  next: name who is: --trust FILE"])
    }
    return try trust.map { try judge($0, option: "--trust") }
  }

  /// Judges by another file of allowed signers, less what was taken back.
  func judge(_ path: String, option: String) throws -> TrustedSigners {
    do {
      let allowed = try Files.read(path, attempted: "read who is trusted", hint: "name an allowed_signers file: \(option) FILE")
      let list = try revoked.map { try Files.read($0, attempted: "read which keys were revoked", hint: "name the file: --revoked FILE") }
      return TrustedSigners(
        try AllowedSigners(allowed, file: path), revoked: try list.map { try RevocationList($0, file: revoked ?? "") })
    } catch let error as PortError {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    } catch {
      throw CommandFailure(.configuration, ["error: \(error)", "  next: correct the file"])
    }
  }
}
