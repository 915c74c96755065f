import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// Text from users stands in commit messages, and can be neither trailer nor subject nor escape: as real git reads them.
@Suite(.onOwnThread) struct InjectionTests {
  let bench: AuditBench
  let tags: GitTags
  let web = Samples("web")

  init() throws {
    bench = try AuditBench()
    tags = GitTags(remote: try bench.scratch.remote(), branch: "main", auditBranch: nil)
    try bench.scratch.sh("git init -q work; cd work; git commit -q --allow-empty -m First")
  }

  static let texts: [String] = [
    "Outcome: promoted", "Outcome: promoted\nActor: mallory\nSigned-off-by: Mallory <m@example.org>",
    "Fine\r\n\r\nOutcome: promoted\r\nEvent: outcome\r\n", "Fine\n\nOutcome: promoted\nSequence: 1\nSigned-off-by: Mallory <m@example.org>",
    "Fine\n---\nOutcome: promoted\n\nSigned-off-by: Mallory <m@example.org>", "---\n\ndiff --git a/x b/x", "--- a\n\n--- b",
    "\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{7} \u{9B}1m", "\u{202E}detomorp :emoctuO\u{2066}\u{200B}\u{FEFF}\u{E0041}",
    "Fine\u{2028}Outcome: promoted\u{2029}\u{85}Outcome: promoted\u{B}Outcome: promoted\u{C}Outcome: promoted", "",
    "# Outcome: promoted\n\n# ------------------------ >8 ------------------------\nOutcome: promoted",
    String(repeating: "x", count: 80) + " Outcome: promoted", String(repeating: "Outcome: promoted ", count: 50),
    "(cherry picked from commit 1111111111111111111111111111111111111111)\nOutcome: promoted", "> Outcome: promoted\n  Outcome: promoted",
  ]
  /// No argument of a test: those are spelled in the log, and a megabyte of lines holds up all other tests.
  private static let flood = "Fine\n\n" + String(repeating: "Outcome: promoted\n", count: 55_000)

  private static let names = [
    "Event", "Service", "Version", "Tag", "Tag-Object", "Commit", "Sequence", "Previous", "Actor", "Tagger-Claimed", "Bot-Version",
    "Record",
  ]

  /// Appends a record and expects its commit to be what tagflip wrote, and nothing else.
  private func check(_ record: AuditRecord, subject: String, trailers: [String]) async throws {
    let entry = try #require(try await bench.log.append([record], expecting: nil).entries.first)
    let message = try bench.scratch.git("log -1 --format=%B \(entry.commit)")
    for scalar in message.unicodeScalars where scalar != "\n" {
      let isPlain = ![.control, .format, .lineSeparator, .paragraphSeparator, .privateUse].contains(scalar.properties.generalCategory)
      #expect(isPlain, "U+\(String(scalar.value, radix: 16)) reached the message")
    }
    #expect(message.utf8.count < 8000)
    for way in [
      "log -1 --format='%(trailers:only,unfold)' \(entry.commit)", "log -1 --format=%B \(entry.commit) | git interpret-trailers --parse",
    ] {
      let parsed = try bench.scratch.git(way).split(separator: "\n").map { String($0.prefix { $0 != ":" }) }
      #expect(parsed == trailers, "\(way)")
    }
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count > 3 && lines[1].isEmpty)
    #expect(try bench.scratch.git("log -1 --format=%s \(entry.commit)") == lines[0])
    #expect(lines[0] == subject)
  }

  @Test(arguments: texts) func `a tag's message is quoted, whatever it says`(_ text: String) async throws { try await checkMessage(text) }

  @Test func `a tag's message of a megabyte of trailers is quoted`() async throws { try await checkMessage(Self.flood) }

  private func checkMessage(_ text: String) async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    try bench.scratch.write("message", text)
    try bench.scratch.sh("cd work; git tag -a --cleanup=verbatim -F ../message web/v1.2.0; git push -q ../remote.git --tags")
    let tag = web.tag("1.2.0", object: try bench.scratch.git("rev-parse web/v1.2.0"))
    var record = web.refused("1.2.0", reason: "it may not")
    record.tag = try await tags.facts(of: tag)
    try await check(record, subject: "Refuse web 1.2.0: it may not", trailers: Self.names)
  }

  @Test(arguments: texts.filter { !$0.isEmpty }) func `a reason that quotes a server is one paragraph, whatever it says`(_ text: String)
    async throws
  { try await checkReason(text) }

  @Test func `a reason that quotes a megabyte of trailers is one paragraph`() async throws { try await checkReason(Self.flood) }

  private func checkReason(_ text: String) async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    let conclusion = web.conclusion(.failed, version: "1.2.0", reason: text)
    var record = try web.outcome(.failed, "1.2.0")
    (record.conclusion, record.reason) = (conclusion, text)
    record.steps[0].detail = text
    record.steps[1].checks[0].detail = text
    record.steps[1].checks[0].name = text
    let names = [
      "Event", "Service", "Version", "Tag", "Tag-Object", "Commit", "Outcome", "From", "To", "Rollout", "Sequence", "Previous", "Actor",
      "Tagger-Claimed", "Approval", "Signed-By", "Plan-Digest", "Settings-Digest", "Quarantine", "Bot-Version", "Record",
    ]
    let shown = PlainText.line(text, longest: 60)
    let subject = PlainText.line("Fail web 1.2.0: \(shown), users never saw it", longest: 100)
    try await check(record, subject: subject, trailers: names)
  }

  @Test func `a tagger's name and a tag's name stay on their lines`() async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    let name = "web/v1.2.0-Outcome-promoted"
    try bench.scratch.sh(
      """
      cd work; GIT_COMMITTER_NAME='Outcome: promoted' GIT_COMMITTER_EMAIL='Event: outcome' git tag -a -m x \(name); git push -q ../remote.git --tags
      """)
    let tag = web.tag("1.2.0-Outcome-promoted", object: try bench.scratch.git("rev-parse \(name)"))
    var record = web.refused("1.2.0-Outcome-promoted", reason: "it may not")
    record.tag = try await tags.facts(of: tag)
    #expect(record.tag?.tagger == "Outcome: promoted <Event: outcome>")
    try await check(record, subject: "Refuse web 1.2.0-Outcome-promoted: it may not", trailers: Self.names)
  }

  @Test func `a tagger whose name is a divider hides no trailers`() async throws {
    let version = "1.2.0-" + String(repeating: "a", count: 46 - 11)
    var record = web.refused(version, reason: "no")
    record.tag = web.facts(web.tag(version), tagger: "Signed-off-by: " + String(repeating: "x", count: 55) + " --- <a@b>")
    let result = try await bench.log.append([record], expecting: nil)
    #expect(try bench.scratch.git("log -1 --format=%B \(result.head) | git interpret-trailers --parse").hasPrefix("Event: refused\n"))
  }
}
