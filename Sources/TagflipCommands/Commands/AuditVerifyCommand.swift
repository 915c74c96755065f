import ArgumentParser
import AuditVerification
import FoundationEssentials
import GitStore
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Signatures

/// `tagflip audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Whether any record is missing, altered, or says what cannot be.",
    discussion: """
      Exit codes: 0 nothing was found, 40 something was, 41 the trail cannot be read.

      What was decided is decided again from what lies in the trail: tags by their own bytes and the keys that were allowed then, freezes and
      floors by the settings, requests by what operators signed. That shows whether the bot kept to its settings, not whether those were
      yours: with --releasers your own keys say who may release and who may ask, as those of --trust say who may write records. Without it
      the keys of --trust count for all of that.

      Bring what you know from elsewhere: a head that a notice named (--head), the number of records there were (--count), a clone of the
      release repository (--releases). Without it a trail that was rewritten as a whole looks like any other.

      A trail says what the bot did by its own account. --cluster compares it with what is live, --api-log with what the API server wrote down.
      """)

  @OptionGroup var audit: AuditOptions
  @OptionGroup var trusted: TrustOptions
  @Option(
    help: .init(
      "Keys of whoever may release (namespace git) and ask (tagflip-request), in a file of their own, so that they count for no commit.",
      valueName: "file"))
  var releasers: String?
  @Option(help: .init("A commit that the branch was at, or passed through.", valueName: "commit"), transform: Word.commit) var head:
    ObjectID?
  @Option(help: .init("How many records there were at least.", valueName: "number")) var count: Int?
  @Option(help: .init("The installation that all records must be of.", valueName: "name")) var installation: String?
  @Option(help: .init("The cluster that all plans must be for.", valueName: "name")) var clusterName: String?
  @Option(help: .init("A clone of the release repository, to compare the tags on record with.", valueName: "folder")) var releases: String?
  @OptionGroup var live: LiveOptions
  @Option(help: .init("Go on from a checkpoint that --write-checkpoint wrote.", valueName: "file")) var checkpoint: String?
  @Option(help: .init("Write where the next verification can go on.", valueName: "file")) var writeCheckpoint: String?
  @Option(
    help: .init(
      "Your own SSH key: seals the checkpoint that is written, and takes only one that it sealed before. A private key file, or a public one "
        + "that an agent holds the other half of.", valueName: "key"))
  var seal: String?

  func run() async throws {
    var question = Verifier.Question()
    (question.branch, question.head, question.count) = (audit.branch, head, count)
    (question.installation, question.cluster) = (installation, clusterName)
    if let checkpoint { question.checkpoint = try Self.read(checkpoint) }
    let world = try live.question()
    var verifier = Verifier(
      question, version: Tagflip.version, judge: try trusted.judge(beside: releasers), seal: try keySeal(), policy: SettingsPolicy())
    verifier.releasers = try releasers.map { try trusted.judge($0, option: "--releasers") }
    verifier.witnesses = world.witnesses
    let trail = try audit.clone()
    let releases = try releases.map { try GitClone(at: $0) }
    let output = TextOutput.standard
    let progress = VerificationProgress(output)
    let report = try await audit.read { [verifier] () throws(GitError) in
      let found = try await verifier.run(on: trail, releases: releases, progress: { progress.tell($0, $1) })
      return try await world.ask(found, in: trail)
    }
    progress.finish()
    output.result(VerificationText(report: report), as: audit.output)
    if let writeCheckpoint { try write(report, to: writeCheckpoint) }
    if !report.isClean { throw CommandFailure(.findings) }
  }

  private func keySeal() throws -> KeySeal? {
    guard let seal else { return nil }
    do {
      return KeySeal(try SigningKey.open(path: seal))
    } catch {
      throw CommandFailure(.configuration, ["error: \(error)", "  next: name another key: --seal KEY"])
    }
  }

  private static func read(_ path: String) throws -> Checkpoint {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(
        path, attempted: "read the checkpoint", hint: "name the file, or leave --checkpoint out to verify from the start")
    } catch {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    }
    guard let checkpoint = Checkpoint(parsing: bytes) else {
      throw CommandFailure(
        .configuration,
        [
          "error: \(Word.plain(path)) is no checkpoint that this version can go on from",
          "  next: leave --checkpoint out to verify from the start",
        ])
    }
    return checkpoint
  }

  /// What a checkpoint covers is not looked at again: with findings there is none.
  private func write(_ report: VerificationReport, to path: String) throws {
    guard report.isClean, var checkpoint = report.checkpoint else {
      return TextOutput.standard.narrate("no checkpoint is written: what was found would not be looked at again")
    }
    do {
      if let seal = try keySeal() { checkpoint.seal = try seal.seal(checkpoint.sealedBytes) }
      try Files.write(
        try CanonicalJSON.text(of: checkpoint) + "\n", to: path, attempted: "write the checkpoint",
        hint: "name another: --write-checkpoint FILE")
    } catch let error as PortError {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    } catch let error as SignatureError {
      throw CommandFailure(.configuration, ["error: \(error)", "  next: name another key: --seal KEY"])
    }
  }
}
