import Testing

@testable import ReleaseModel

/// Text from outside, made safe to show.
@Suite struct PlainTextTests {
  static let lines: [(String, String)] = [
    ("plain", "plain"), ("", ""), ("  a \t b\u{A0}\u{3000}c  ", "a b c"),
    ("a\nb\r\nc\u{2028}d\u{2029}e\u{85}f\u{B}g\u{C}h", "a b c d e f g h"),
    ("\u{1B}[31mred\u{1B}[0m", "[31mred[0m"), ("\u{1B}]0;title\u{7}x", "]0;titlex"), ("\u{9B}1mx", "1mx"), ("a\0b\u{7F}c", "abc"),
    ("\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}live\u{2066}\u{2067}\u{2068}\u{2069}", "live"),
    ("a\u{200B}b\u{200D}c\u{FEFF}d\u{AD}e", "abcde"),
    ("\u{E0041}\u{E007F}tag", "tag"), ("\u{E000}\u{10FFFF}x", "x"), ("größe 日本 →", "größe 日本 →"),
    ("Outcome: promoted", "Outcome: promoted"),
  ]

  @Test(arguments: lines) func `a line holds neither escape nor bidi control, and white space once`(_ text: String, _ expected: String) {
    #expect(PlainText.line(text, longest: 100) == expected)
  }

  @Test func `what is cut says so`() {
    #expect(PlainText.line("12345", longest: 5) == "12345")
    #expect(PlainText.line("123456", longest: 5) == "1234…")
    #expect(PlainText.line("123456", longest: 1) == "…")
    #expect(PlainText.line(String(repeating: "ä", count: 1 << 20), longest: 100).count == 100)
  }

  @Test func `a block keeps its lines, without blank ones at either end`() {
    #expect(PlainText.block("\n \n\ta\r\n\nb \n\n", longest: 10, lines: 10) == ["a", "", "b"])
    #expect(PlainText.block("", longest: 10, lines: 10) == [])
    #expect(PlainText.block("1\n2\n3\n4", longest: 10, lines: 3) == ["1", "2", "3", "…"])
    #expect(PlainText.block("12345678", longest: 4, lines: 3) == ["123…"])
    #expect(PlainText.block("a\u{2028}b", longest: 4, lines: 3) == ["a", "b"])
  }
}
