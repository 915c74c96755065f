import HTTPTransport
import HealthProbes
import ReleaseModel
import TestSupport
import Testing

/// Regular expressions that are searched for in bounded time.
@Suite(.onOwnThread) struct TextPatternTests {
  /// Patterns and texts on which Swift's own engine is asked as well.
  static let table: [(pattern: String, texts: [String])] = [
    ("", ["", "a"]), ("abc", ["abc", "xabcx", "abd", ""]), ("a|b|", ["a", "b", "c", ""]), ("^a$", ["a", "ab", "ba", "a\n", "b\na"]),
    ("a*b+c?", ["b", "aab", "aac", "bc"]), ("(ab)+", ["abab", "ba", "a"]), ("(?:a|bc)*d", ["abcad", "x", "d", "bd"]),
    ("^(?:a|bc)*d$", ["abcad", "abbcd", "d", "acd"]), ("^a{2}$", ["a", "aa", "aaa"]), ("^a{2,}$", ["a", "aa", "aaaa"]),
    ("^a{1,3}$", ["", "a", "aaa", "aaaa"]), ("^(a{2}){2}$", ["aa", "aaaa", "aaaaaa"]), ("[abc]", ["b", "d"]), ("[^abc]", ["b", "d", ""]),
    ("^[a-f0-9]+$", ["beef42", "beeg", ""]), ("[-a]", ["-", "a", "b"]), ("[a-]", ["-", "b"]), ("[\\]\\-x]", ["]", "-", "x", "y"]),
    ("\\d\\D", ["1a", "11", "a1"]), ("\\w\\W", ["a ", "aa", "  "]), ("\\s\\S", [" a", "aa", "\ta"]), ("a.c", ["abc", "a\nc", "ac"]),
    ("(?s)a.c", ["abc", "a\nc"]), ("(?i)HeLLo", ["hello", "HELLO", "help"]), ("(?i)[a-c]x", ["BX", "dx"]),
    ("(?m)^b$", ["a\nb\nc", "ab", "b"]), ("\\bcat\\b", ["a cat", "cats", "cat", "concat"]), ("\\Bcat", ["concat", "cat"]),
    ("\\Aa\\z", ["a", "ba", "a\n"]), ("\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$\\\\\\/", [".*+?()[]{}|^$\\/", "x"]),
    ("\"status\": ?\"(up|ok)\"", ["{\"status\": \"up\"}", "{\"status\":\"down\"}"]), ("{\"a\"", ["{\"a\"", "a"]), ("a{x}", ["a{x}", "ax"]),
    ("a*?b", ["aab", "c"]), ("é|ü", ["für", "fur"]), ("^..$", ["äö", "äöü"]), ("a\\tb\\nc", ["a\tb\nc", "abc"]), ("(a*)*", ["", "b"]),
    ("(a|a)*$", ["aaa", "b"]), ("x{0}y", ["y", "xy"]), ("[.]", [".", "a"]), ("a b", ["a b", "ab"]),
  ]

  @Test(arguments: table) func `a pattern finds what Swift's own finds`(_ one: (pattern: String, texts: [String])) throws {
    let pattern = try TextPattern(one.pattern)
    let own = try Regex(one.pattern)
    for text in one.texts {
      #expect(pattern.isFound(in: text) == (text.firstMatch(of: own) != nil), "\(one.pattern) in \(text.debugDescription)")
    }
  }

  @Test(arguments: [
    ("(", "never closed"), (")", "closes nothing"), ("[", "never closed"), ("[a", "never closed"), ("[]", "empty"),
    ("*", "nothing to repeat"),
    ("a**", "nothing to repeat"), ("+a", "nothing to repeat"), ("{2}", "nothing to repeat"), ("a{3,2}", "wrong way round"),
    ("[z-a]", "range"), ("\\", "ends with"), ("(?=a)", "only (?:"), ("(?<name>a)", "only (?:"), ("(?>a)", "only (?:"),
    ("a*+", "possessive"),
    ("(a)\\1", "\\1 is not supported"), ("\\p{L}", "\\p is not supported"), ("[[:alpha:]]", "classes inside classes"),
    ("[a&&b]", "classes inside classes"), ("^*", "anchor"), ("a{2000}", "too large"), ("(a{100}){100}", "too large"),
    ("((a{1000}){1000}){1000}", "too large"), (String(repeating: "(", count: 60), "nested deeper"),
    (String(repeating: "a", count: 2000), "too large"),
  ])
  func `what is no pattern, or none that can be followed, is refused with a reason`(_ text: String, _ says: String) {
    let error = #expect(throws: TextPattern.Fault.self) { try TextPattern(text) }
    #expect(error?.reason.contains(says) == true, "\(error?.reason ?? "")")
  }

  /// Each of these takes an engine that tries one way after the other longer than any run may last.
  static let explosive = [
    "(a+)+$", "(a|aa)+$", "(a*)*b", "(a|a)*b", "([a-z]+)*[0-9]", ".*.*.*b", "a*a*a*a*a*b", "(.*)(.*)(.*)(.*)(.*)[0-9]", "(a?){50}a{50}b",
    "((){1000}){1000}b",
  ]

  @Test(arguments: explosive) func `a pattern that explodes elsewhere is searched for in a moment`(_ text: String) throws {
    let pattern = try TextPattern(text)
    let body = String(repeating: "a", count: 1000) + "!"
    let start = ContinuousClock.now
    #expect(!pattern.isFound(in: body))
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `a body made to hang the prober ends the check in time`() async throws {
    let server = try LoopbackServer { _ in .ok(String(repeating: "a", count: 100_000) + "!") }
    let start = ContinuousClock.now
    let result = await ProbeBench().result(HTTPCheck(body: "(a+)+!$", timeoutMs: 20_000), server)
    #expect(result.verdict == .failed, "\(result)")
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `a pattern that the gates cannot follow is unknown, and says why`() async throws {
    let server = try LoopbackServer { _ in .ok("aa") }
    let result = await ProbeBench().result(HTTPCheck(body: "(a)\\1"), server)
    #expect(result.verdict == .unknown && result.answered && result.detail.contains("\\1 is not supported"), "\(result)")
  }
}
