import Testing

@testable import ReleaseModel

/// Instants and spans, as they are written.
@Suite struct TimestampTests {
  static let exact: [(String, Int64)] = [
    ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29T12:00:00.000Z", 951_825_600_000),
    ("2026-11-24T13:52:26.031Z", 1_795_528_346_031), ("2100-02-28T23:59:59.000Z", 4_107_542_399_000),
    ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
    ("0000-01-01T00:00:00.000Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ]

  @Test(arguments: exact) func `an instant is written in UTC with milliseconds, and read back`(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  // What `date -u -d TEXT` and RFC 3339 say; Kubernetes writes whole seconds and microseconds.
  static let others: [(String, String)] = [
    ("2026-11-24T13:52:26Z", "2026-11-24T13:52:26.000Z"), ("2026-11-24T13:52:26.031999Z", "2026-11-24T13:52:26.031Z"),
    ("2026-11-24T13:52:26.5Z", "2026-11-24T13:52:26.500Z"), ("2026-11-24t13:52:26z", "2026-11-24T13:52:26.000Z"),
    ("2026-11-24 13:52:26Z", "2026-11-24T13:52:26.000Z"), ("2026-11-24T13:52:26+02:00", "2026-11-24T11:52:26.000Z"),
    ("2026-11-24T23:52:26.1-05:30", "2026-11-25T05:22:26.100Z"), ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"),
  ]

  @Test(arguments: others) func `any fraction and offset is read`(_ text: String, _ expected: String) {
    #expect(Timestamp(text)?.description == expected)
  }

  static let none = [
    "", "now", "2026-11-24", "2026-11-24T13:52:26", "2026-13-24T13:52:26Z", "2026-00-24T13:52:26Z", "2026-11-32T13:52:26Z",
    "2026-11-24T24:52:26Z", "2026-11-24T13:60:26Z", "2026-11-24T13:52:61Z", "2026-11-24T13:52:26X", "2026-11-24T13:52:26Zx",
    "2026-11-24T13:52:26+2:00", "2026-11-24T13:52:26+02", "2026-11-24T13:52:26.", "26-11-24T13:52:26Z..", "２026-11-24T13:52:26Z",
    "2026/11/24T13:52:26Z", "10000-01-01T00:00:00Z",
  ]

  @Test(arguments: none) func `what names no instant is none`(_ text: String) { #expect(Timestamp(text) == nil) }

  @Test func `instants and spans add up`() {
    let start = Timestamp(milliseconds: 1000)
    #expect(start + .milliseconds(1500) == Timestamp(milliseconds: 2500))
    #expect(Timestamp(milliseconds: 2500) - start == .milliseconds(1500))
    #expect(start < start + .milliseconds(1) && !(start < start + .nanoseconds(999_999)))
    #expect(Duration.nanoseconds(-1_999_999).milliseconds == -1)
  }

  static let spans: [(Int, String)] = [
    (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (1099, "1 s"), (1100, "1.1 s"), (9999, "9.9 s"), (10_000, "10 s"), (41_900, "41 s"),
    (119_999, "119 s"), (120_000, "2 min"), (125_000, "2 min 5 s"), (7_199_999, "119 min 59 s"), (7_200_000, "2 h"),
    (9_000_000, "2 h 30 min"),
    (90_000_000, "25 h"),
  ]

  @Test(arguments: spans) func `a span is told as a person would`(_ milliseconds: Int, _ words: String) {
    #expect(Duration.milliseconds(milliseconds).words == words)
  }
}
