import Testing

@testable import ReleaseModel

/// What a commit says of a cutover that was not one flip.
@Suite struct OverlapStoryTests {
  private static let at = RecordSamples.cutover.at

  // What was seen of the overlap, and what the commit says of it.
  static let overlaps: [(OverlapRecord, String)] = [
    (
      OverlapRecord(watchedMs: 30_000, convergedMs: 15, endpoints: 6, narrowedAt: at + .seconds(31), patchMs: 5, servedMs: 31_000),
      "Cutover, not atomic: both colors served for 31 s. Users reached both from \(at), acknowledged in \(RecordSamples.cutover.patchMs) ms; "
        + "the EndpointSlices held the pods of both after 15 ms. They reached the new color alone from \(at + .seconds(31)), acknowledged in 5 ms"
    ),
    (
      OverlapRecord(watchedMs: 4000, servedMs: 4200),
      "Cutover, not atomic: both colors served for 4.2 s. Users reached both from \(at), acknowledged in \(RecordSamples.cutover.patchMs) ms. "
        + "They never reached the new color alone."
    ),
    (
      OverlapRecord(watchedMs: 4000, narrowedAt: at + .seconds(9), hand: "kubectl-edit"),
      "Cutover, not atomic: how long both colors served is not known. Users reached both from \(at), acknowledged in "
        + "\(RecordSamples.cutover.patchMs) ms. They reached the new color alone from \(at + .seconds(9)) at the latest, by kubectl-edit, "
        + "not by tagflip"
    ),
  ]

  @Test(arguments: overlaps)
  func `how long both colors served is told plainly`(_ overlap: OverlapRecord, _ words: String) {
    var record = RecordSamples.record(
      .outcome, conclusion: RecordSamples.conclusion(.promoted, exposed: true, reason: "healthy for the whole bake"),
      cutover: RecordSamples.cutover)
    record.cutover?.overlap = overlap
    let message = CommitMessage(record, path: "services/web/records/0000/0000042.json").text
    let text = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains(words), "\(message)")
    #expect(message.contains("Cutover-At: \(Self.at)"))
  }

  @Test func `a record that holds an overlap is read as it was written, and one without says nothing of it`() throws {
    var record = RecordSamples.record(.outcome, cutover: RecordSamples.cutover)
    #expect(try !CanonicalJSON.text(of: record).contains("overlap"))
    record.cutover?.overlap = Self.overlaps[0].0
    let text = try CanonicalJSON.text(of: record)
    #expect(try CanonicalJSON.value(AuditRecord.self, from: text.utf8).cutover == record.cutover)
  }
}
