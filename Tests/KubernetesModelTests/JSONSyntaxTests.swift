import KubernetesModel
import TestSupport
import Testing

/// What is JSON and what is not (RFC 8259), after the cases of the JSON Parsing Test Suite.
@Suite(.onOwnThread) struct JSONSyntaxTests {
  static let valid: [(text: String, canonical: String)] = [
    ("null", "null"), (" true ", "true"), ("\t\r\n1\n", "1"), ("-0", "0"), ("-1", "-1"), ("0.1", "0.1"), ("1E+2", "100.0"),
    ("1e-2", "0.01"), ("-0.0", "-0.0"), ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("1e308", "1e+308"), ("5e-324", "5e-324"), ("1e-999", "0.0"), ("\"\"", "\"\""), (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\u0008\u000c\n\r\t""#),
    (#""\u0041\u00e9\u20AC""#, "\"Aé€\""), (#""\ud83d\ude00""#, "\"😀\""), (#""\u0000\u001f""#, #""\u0000\u001f""#),
    ("\"\u{7F}\"", "\"\u{7F}\""),
    ("\"\u{2028}\"", "\"\u{2028}\""), ("[[[]]]", "[[[]]]"), ("[1 , 2]", "[1,2]"), (#"{"":0}"#, #"{"":0}"#),
    (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
    (#"{"a":{"b":[{}]}}"#, #"{"a":{"b":[{}]}}"#),
    // Keys are ordered by their UTF-8 bytes, not by the letters' value to people.
    (#"{"é":1,"z":2,"Z":3,"😀":4,"ﬁ":5}"#, #"{"Z":3,"z":2,"é":1,"ﬁ":5,"😀":4}"#),
  ]

  @Test(arguments: valid) func `valid text is read, written canonically, and read again as the same value`(
    _ one: (text: String, canonical: String)
  ) throws {
    let value = try JSON(parsing: one.text)
    #expect(value.text == one.canonical)
    #expect(try JSON(parsing: value.bytes) == value)
  }

  static let invalid = [
    "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}",
    "{'a':1}",
    "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "[1]]", "1 2", "null null", "nul", "nulll", "True", "TRUE", "NaN", "Infinity", "-Infinity",
    "-", "+1", ".5", "1.", "1.e2", "1e", "1e+", "0x1", "01", "-01", "1_0", "１", "- 1", "1e1.5", "\"", "\"a", "'a'", "\"\\", "\"\\\"",
    "\"\\x41\"", "\"\\a\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\uD83D\\u\"", "\"\\u+123\"", "\"\t\"", "\"a\nb\"", "\"\u{0}\"",
    "/* c */ 1", "1 // c", "# c\n1", "\u{FEFF}1", "\u{A0}1", "\u{C}1", "1e309", "-1e999", "a", "[\"a\":1]", "{\"a\",1}",
  ]

  @Test(arguments: invalid) func `invalid text is refused with a place in it`(_ text: String) {
    let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
    if let error { #expect(error.line >= 1 && error.column >= 1 && error.column <= text.utf8.count + 1, "\(error)") }
  }

  @Test(
    arguments: [
      [0x22, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
      [0xFF], [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x31, 0x00], [0xEF, 0xBB, 0xBF, 0x31],
      [0xFE, 0xFF, 0x00, 0x31],
    ] as [[UInt8]])
  func `bytes that are no UTF-8 are refused, in texts, keys and elsewhere`(_ bytes: [UInt8]) {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: bytes) }
  }

  @Test(arguments: [
    (#""\ud800""#, "\u{FFFD}"), (#""\udc00""#, "\u{FFFD}"), (#""\ud800a""#, "\u{FFFD}a"), (#""\ud800\n""#, "\u{FFFD}\n"),
    (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"), (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud800\u0041""#, "\u{FFFD}A"),
  ])
  func `a lone surrogate becomes the replacement character, as in Go`(_ text: String, _ value: String) throws {
    #expect(try JSON(parsing: text) == .string(value))
  }

  @Test func `of a key written twice the last counts, also where the two are spelled differently`() throws {
    #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
    #expect(try JSON(parsing: #"{"a":1,"\u0061":2}"#) == ["a": 2])
  }

  @Test func `integers beyond 64 bits become floating-point numbers`() throws {
    #expect(try JSON(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
    #expect(try JSON(parsing: "-123456789012345678901234567890").double == -1.2345678901234568e29)
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: "9", count: 400)) }
    #expect(try JSON(parsing: "1e2").int == 100 && JSON(parsing: "1.5").int == nil && JSON(parsing: "1e300").int == nil)
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")]) func `nesting is bounded before the stack is`(
    _ open: String, _ close: String
  ) throws {
    let levels = open.filter { $0 == "[" || $0 == "{" }.count
    func text(_ depth: Int) -> String {
      let count = depth / levels
      return String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }
    let value = try JSON(parsing: text(200))
    #expect(value.text == text(200))
    for depth in [202, 10_000, 100_000] {
      let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text(depth)) }
      #expect(error?.reason == "nested deeper than 200 levels")
    }
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: open, count: 100_000)) }
    #expect(try JSON(parsing: Array(text(1000).utf8), maximumDepth: 1000).text == text(1000))
  }

  @Test func `a value that no JSON has is written as null`() {
    #expect(JSON.array([.double(.infinity), .double(.nan), .double(-.infinity)]).text == "[null,null,null]")
  }

  @Test func `a large document takes time in proportion`() throws {
    let text = "[" + (0..<20_000).map { #"{"name":"pod-\#($0)","n":\#($0)}"# }.joined(separator: ",") + "]"
    let start = ContinuousClock.now
    #expect(try JSON(parsing: text).array?.count == 20_000)
    #expect(ContinuousClock.now - start < .seconds(60))
  }
}
