import AuditTrail
import AuditVerification
import GitStore
import HTTPTransport
import ReleaseEngine
import ReleaseModel
import TrailSamples

/// What was measured at the end of one trail. Medians; milliseconds of the clock, unless they are of processors.
struct TrailCosts: Encodable {
  /// How many records are appended, and verified, one by one.
  private static let rounds = 21

  let records: Int
  /// The first append of a machine that has fetched nothing yet.
  private(set) var coldMs = 0.0
  private(set) var appendMs = 0.0
  /// Of processors: without what the disk needs to be sure.
  private(set) var appendCPUMs = 0.0
  private(set) var appendReads = 0.0
  private(set) var appendWrites = 0.0
  /// Verifying one record, from a checkpoint at the one before.
  private(set) var lastMs = 0.0
  private(set) var lastReads = 0.0
  /// Verifying all records: milliseconds of processors for each.
  private(set) var wholeMs = 0.0
  /// The most memory that was resident meanwhile, in bytes.
  private(set) var wholePeak = 0

  /// Makes the trail in an empty folder, and measures.
  init(records: Int, folder: String) async throws {
    self.records = records
    let repository = "\(folder)/trail.git"
    guard var series = try LongTrail(records: records).write(to: repository)["web"] else { throw Failure(description: "there is no trail") }
    let checkpoint = try await verifyAll(repository)
    try await appendAndVerify(&series, checkpoint, repository, cache: "\(folder)/cache")
  }

  private mutating func verifyAll(_ repository: String) async throws -> Checkpoint {
    Memory.resetPeak()
    let start = Processor.milliseconds
    let report = try await Verifier(.init(), version: Chronicle.botVersion, policy: HousePolicy()).run(on: try GitClone(at: repository))
    wholeMs = (Processor.milliseconds - start) / Double(records)
    wholePeak = Memory.peak
    return try checkpoint(of: report, records: records)
  }

  private mutating func appendAndVerify(
    _ series: inout ReleaseSeries, _ first: Checkpoint, _ repository: String, cache: String
  ) async throws {
    let store = try GitStore(cache: cache, client: HTTPClient(userAgent: "bench"))
    let remote = GitRemote(store: store, access: RemoteAccess(url: RemoteURL(path: repository)), limit: .seconds(600))
    let log = GitAuditLog(remote: remote, settings: AuditSettings(), now: { 0 })
    var (appends, lasts): ([Sample], [Sample]) = ([], [])
    var checkpoint = first
    for round in 0...Self.rounds {
      let record = try series.next()
      let before = await store.tally
      let (start, work) = (ContinuousClock.now, Processor.milliseconds)
      _ = try await log.append([record], expecting: nil, onto: nil)
      let (ms, cpuMs) = ((ContinuousClock.now - start) / .milliseconds(1), Processor.milliseconds - work)
      let after = await store.tally
      let clone = try GitClone(at: repository)
      var question = Verifier.Question()
      question.checkpoint = checkpoint
      let verifying = ContinuousClock.now
      let report = try await Verifier(question, version: Chronicle.botVersion, policy: HousePolicy()).run(on: clone)
      checkpoint = try self.checkpoint(of: report, records: records + round + 1)
      guard round > 0 else {
        coldMs = ms
        continue
      }
      lasts.append(Sample(ms: (ContinuousClock.now - verifying) / .milliseconds(1), cpuMs: 0, reads: await clone.tally.reads, writes: 0))
      appends.append(Sample(ms: ms, cpuMs: cpuMs, reads: after.reads - before.reads, writes: after.written - before.written))
    }
    (appendMs, appendCPUMs) = (appends.median(\.ms), appends.median(\.cpuMs))
    (appendReads, appendWrites) = (appends.median { Double($0.reads) }, appends.median { Double($0.writes) })
    (lastMs, lastReads) = (lasts.median(\.ms), lasts.median { Double($0.reads) })
  }

  /// A trail that is not verified whole and clean would be measured for something else.
  private func checkpoint(of report: VerificationReport, records: Int) throws -> Checkpoint {
    guard report.isClean, report.records == records, let checkpoint = report.checkpoint else {
      throw Failure(
        description: "the trail is not as it was made: \(report.records) records, \(report.findings.first.map { "\($0)" } ?? "")")
    }
    return checkpoint
  }
}

/// One append or verification.
private struct Sample {
  var ms: Double
  var cpuMs: Double
  var reads: Int
  var writes: Int
}

extension [Sample] {
  fileprivate func median(_ value: (Sample) -> Double) -> Double { map(value).sorted()[count / 2] }
}
