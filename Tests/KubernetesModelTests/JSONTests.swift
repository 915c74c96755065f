import KubernetesModel
import Testing

@Suite("JSON values")
struct JSONTests {
  @Test(
    "What is read is written back canonically",
    arguments: [
      (#"{"b":1,"a":[true,null,-3,2.5,"x\n\u00e9\ud83d\ude00\/"]}"#, #"{"a":[true,null,-3,2.5,"x\né😀/"],"b":1}"#),
      ("  [ ]  ", "[]"), ("{}", "{}"), ("9007199254740993", "9007199254740993"), ("1e3", "1000.0"),
    ])
  func roundTrip(text: String, canonical: String) throws {
    #expect(try JSON(parsing: text).text == canonical)
  }

  @Test(
    "What is no JSON says where",
    arguments: [
      ("", 1, 1), ("{\n \"a\" 1}", 2, 6), ("[1,]", 1, 4), ("01", 1, 3), ("\"\u{1}\"", 1, 2), ("[1] x", 1, 5),
      ("\"\\x\"", 1, 4), ("1e999", 1, 6),
      ("\"abc", 1, 5), ("tru", 1, 1),
    ])
  func errors(text: String, line: Int, column: Int) {
    #expect {
      try JSON(parsing: text)
    } throws: { error in
      (error as? JSON.SyntaxError).map { $0.line == line && $0.column == column } ?? false
    }
  }

  @Test("Nesting is bounded")
  func depth() {
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
  }

  @Test("Setting a path creates what is missing and never replaces a scalar on the way")
  func paths() {
    var value: JSON = ["spec": 1]
    value["metadata", "labels", "app"] = "web"
    value["spec", "replicas"] = 2
    #expect(value == ["spec": 1, "metadata": ["labels": ["app": "web"]]])
    value["metadata", "labels", "app"] = nil
    #expect(value["metadata", "labels"] == [:])
  }
}
