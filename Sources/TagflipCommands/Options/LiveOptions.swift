import ArgumentParser
import AuditVerification
import GitStore
import ReleaseEngine

/// What a verification compares the trail with besides the clone: the cluster as it is, and what its API server logged.
struct LiveOptions: ParsableArguments {
  @Flag(
    help: .init(
      "Compare with what is live. Needs settings that name the cluster and the bot's namespace, and nothing but the right to read there."))
  var cluster = false
  @Option(
    name: .shortAndLong,
    help: .init("For --cluster: the settings (default: $TAGFLIP_SETTINGS, else config/tagflip.yaml).", valueName: "path"))
  var settings: String?
  @Option(
    help: .init(
      "Match every write in an audit log of the API server with a record: JSON lines of audit.k8s.io/v1. Name the logs of all API servers; - is standard input.",
      valueName: "file"))
  var apiLog: [String] = []

  func validate() throws {
    if settings != nil && !cluster { throw ValidationError("--settings says which cluster to look at: add --cluster") }
    if apiLog.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read once") }
  }

  /// What hears the records while they are verified.
  func question() throws -> LiveQuestion { try LiveQuestion(self) }
}

/// One verification's questions to the world outside the clone.
struct LiveQuestion {
  private let live: (verifier: LiveVerifier, records: LiveRecords)?
  private let logs: (files: [APILogFile], records: LogRecords)?

  /// Whatever is wrong with settings, kubeconfig and files is said before the trail is read.
  fileprivate init(_ options: LiveOptions) throws {
    do {
      live =
        options.cluster
        ? (try Composition(settingsAt: options.settings).liveVerifier { TextOutput.standard.narrate($0) }, LiveRecords()) : nil
      logs = options.apiLog.isEmpty ? nil : (try options.apiLog.map { try APILogFile($0) }, LogRecords())
    } catch let error as PortError {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    }
  }

  var witnesses: [any TrailWitness] { [live?.records as (any TrailWitness)?, logs?.records].compactMap(\.self) }

  /// Adds to a report what the cluster and the logs say.
  func ask(_ report: VerificationReport, in clone: GitClone) async throws(GitError) -> VerificationReport {
    var look: LiveLook?
    if let live { look = await live.verifier.look(at: live.records.services) }
    let (found, logs, before) = (look, logs, report)
    // Files are read on the thread that reads Git: reading blocks.
    return try await clone.read { (objects) throws(GitError) in
      var report = before
      try found?.judge(&report, in: objects)
      guard let logs else { return report }
      var verifier = APILogVerifier(logs.records)
      for file in logs.files { file.read(into: &verifier) }
      verifier.finish(&report)
      return report
    }
  }
}
