import Digests
import Testing

@testable import ReleaseModel

/// What operators sign, and what makes two records of it one event.
@Suite struct RequestTests {
  private func request(_ reason: String = "fixed downstream") -> OperatorRequest {
    OperatorRequest(.retry, installation: "shop", tag: RecordSamples.facts().tag, reason: reason, at: RecordSamples.time())
  }

  private func key(_ signed: SignedRequest) throws -> String {
    var record = RecordSamples.record(.retry)
    record.exhibits = [try signed.exhibit]
    return record.key.text
  }

  @Test func `a request serves once, whoever signed it and in whatever order`() throws {
    let first = try key(SignedRequest(request(), signatures: ["ada", "bob"]))
    #expect(try first == "retry/1.4.0/\(Digest(of: request().bytes))")
    for signatures in [["bob", "ada"], ["ada"], ["bob"], ["ada", "bob", "bob"]] {
      #expect(try key(SignedRequest(request(), signatures: signatures)) == first)
    }
    #expect(try key(SignedRequest(request("another reason"), signatures: ["ada", "bob"])) != first)
  }

  @Test func `a request has one spelling, with or without a newline at its end`() throws {
    let signed = SignedRequest(request(), signatures: ["ada"])
    let file = try signed.file
    #expect(SignedRequest(parsing: file) == signed && SignedRequest(parsing: Array(file.dropLast())) == signed)
    for other in [[0x20] + file, file + [0x0A], Array("{}".utf8), [], Array(file.prefix(40))] {
      #expect(SignedRequest(parsing: other) == nil)
    }
  }

  static let ages: [(Int, Bool)] = [(0, true), (-300, true), (-301, false), (24 * 3600, true), (24 * 3600 + 1, false)]

  @Test(arguments: ages) func `a request counts for a day, and not before it was written but for a clock's error`(
    _ age: Int, _ counts: Bool
  ) {
    #expect((request().objection(at: RecordSamples.time(age)) == nil) == counts)
  }
}
