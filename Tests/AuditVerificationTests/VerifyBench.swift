import AuditTrail
import Digests
import FoundationEssentials
import Glibc
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification

/// What a verification costs as a trail grows: `TAGFLIP_BENCH=100,10000,100000 swift test --filter VerifyBench` prints times, peak memory and ratios.
///
/// The trails are written by `git fast-import`, of what the audit log would write. `TAGFLIP_BENCH_KEEP=FOLDER` leaves them there.
@Suite(.onOwnThread, .serialized) struct VerifyBench {
  private static let environment = ProcessInfo.processInfo.environment
  static let sizes = (environment["TAGFLIP_BENCH"] ?? "").split(separator: ",").compactMap { Int($0) }

  @Test(.enabled(if: !sizes.isEmpty, "TAGFLIP_BENCH names no sizes"))
  func `the cost of one record and the memory do not grow with the trail`() async throws {
    var costs: [(records: Int, ms: Double, peak: Int)] = []
    for size in Self.sizes {
      let scratch = try Scratch()
      let folder = Self.environment["TAGFLIP_BENCH_KEEP"].map { "\($0)/trail-\(size).git" } ?? "\(scratch.path)/trail.git"
      if !FileManager.default.fileExists(atPath: folder) { try LongTrail(records: size).write(to: folder) }
      let verifier = Verifier(Verifier.Question(), version: Trail.version, policy: HousePolicy())
      Memory.resetPeak()
      let start = Processor.milliseconds
      let report = try await verifier.run(on: try GitClone(at: folder))
      let ms = Processor.milliseconds - start
      #expect(report.counts.keys.allSatisfy { $0 == .rolloutOpen } && report.records == size, "\(report.words)")
      costs.append((size, ms / Double(size), Memory.peak))
    }
    guard let least = costs.first else { return }
    for cost in costs {
      print(
        "verify: \(cost.records) records, \(Int(cost.ms * 1000)) µs a record (ratio \(ratio(cost.ms, least.ms))), peak \(cost.peak / 1024) MB "
          + "(ratio \(ratio(Double(cost.peak), Double(least.peak))))")
    }
  }

  private func ratio(_ one: Double, _ other: Double) -> String { "\(Double(Int(one / other * 100)) / 100)" }
}

/// The time that processors spent on this process: what others do meanwhile does not count.
private enum Processor {
  static var milliseconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
  }

  private static func milliseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1000 + Double(time.tv_usec) / 1000 }
}

/// This process' memory as the kernel tells it (proc(5)).
private enum Memory {
  static func resetPeak() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"), options: []) }

  /// In kilobytes.
  static var peak: Int {
    let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
  }
}

/// A trail of very many records, one release after the other, all promoted.
struct LongTrail {
  let records: Int

  func write(to folder: String) throws {
    let script = "git init -q --bare '\(folder)' && git -C '\(folder)' fast-import --quiet --max-pack-size=4g"
    guard let pipe = popen(script, "w") else { throw ShellFailure(script: script, status: errno, output: "") }
    var web = Chronicle("web")
    var (head, bytes) = (LedgerHead(), [UInt8]())
    var shown: Set<Digest> = []
    for number in 1...records {
      var record = number == 1 ? web.noted() : number % 2 == 0 ? try web.planned("1.0.\(number)") : try web.ended(.promoted)
      (record.sequence, record.previous, record.changed) = (number, head.last, head.changes(to: record.sources))
      bytes += try commit(record, &head, &shown)
      if bytes.count > 1 << 20 || number == records {
        guard fwrite(bytes, 1, bytes.count, pipe) == bytes.count else { break }
        bytes = []
      }
    }
    let status = pclose(pipe)
    guard status == 0 else { throw ShellFailure(script: script, status: status, output: "") }
  }

  private func commit(_ record: AuditRecord, _ head: inout LedgerHead, _ shown: inout Set<Digest>) throws -> [UInt8] {
    func line(_ value: some Encodable) throws -> [UInt8] { try CanonicalJSON.bytes(of: value) + [0x0A] }
    let (path, text) = (AuditTree.record(record.service, record.sequence), try line(record))
    let digest = Digest(of: text)
    head.take(record, digest)
    var files = [
      (path, text), (AuditTree.head(record.service), try line(head)), (AuditTree.count, try line(RecordCount(records: record.sequence))),
      (AuditTree.key(record.service, record.key), try line(RecordedKey(sequence: record.sequence, digest: digest))),
    ]
    if record.sequence == 1 {
      files += [(AuditTree.readme, Array(AuditTree.readmeText.utf8)), (AuditTree.noted(record.service), try line([String: String]()))]
    }
    if record.event == .plan, let tag = record.tag?.tag {
      let decision = TagDecision(kind: .planned, object: tag.object, firstSeen: record.at, sequence: record.sequence)
      files.append((AuditTree.tag(record.service, tag.name), try line(decision)))
    }
    for exhibit in record.exhibits where shown.insert(exhibit.digest).inserted {
      files.append((AuditTree.exhibit(exhibit.digest), exhibit.bytes ?? []))
    }
    let who = "tagflip <tagflip@localhost> \((record.at?.milliseconds ?? 0) / 1000) +0000"
    let message = Array(CommitMessage(record, path: path).text.utf8)
    var bytes = Array("commit refs/heads/tagflip/audit\nauthor \(who)\ncommitter \(who)\ndata \(message.count)\n".utf8) + message
    for (path, text) in files { bytes += Array("M 100644 inline \(path)\ndata \(text.count)\n".utf8) + text }
    return bytes + [0x0A]
  }
}
