import ArgumentParser
import ReleaseEngine
import ReleaseModel
import Testing

@testable import TagflipCommands

/// How a command that fails says so.
@Suite struct FailureTests {
  private func shown(_ error: PortError, _ words: [String] = []) throws -> (screen: Screen, code: Int32) {
    let screen = Screen()
    let failure = CommandFailure(error, try SharedOptions.parse(words))
    failure.report(to: screen.stream())
    return (screen, failure.code.rawValue)
  }

  @Test func `an error says where, what, why and what next`() throws {
    let (screen, code) = try shown(Samples.typo)
    #expect(
      screen.errors == """
        error: services/web/cutover.yaml:15:3: could not read the plan of web: unknown key "smok"
          next: did you mean "smoke"?

        """)
    #expect(screen.output.isEmpty)
    #expect(code == 30)
  }

  @Test func `an error without a place and a next step is one line`() throws {
    #expect(try shown(Samples.error(.unreachable)).screen.errors == "error: could not apply Deployment shop/web-green: no\n")
  }

  @Test func `a program that reads results finds the error there too`() throws {
    let (screen, _) = try shown(Samples.typo, ["--output", "json"])
    #expect(
      try Document(screen.output)
        == Document(
          #"""
          {"error": {"kind": "configuration", "attempted": "read the plan of web", "reason": "unknown key \"smok\"",
           "hint": "did you mean \"smoke\"?", "location": "services/web/cutover.yaml:15:3"}}
          """#))
    #expect(screen.errors.hasPrefix("error: "))
  }

  @Test func `a log that is JSON stays JSON to its last line`() throws {
    let (screen, _) = try shown(Samples.typo, ["--log", "json"])
    let document = try Document(screen.errors)
    #expect(document["level"] == .text("error"))
    #expect(document["message"] == .text("the command failed"))
    #expect(document["reason"] == .text("unknown key \"smok\""))
    #expect(document["location"] == .text("services/web/cutover.yaml:15:3"))
    #expect(screen.errors.split(separator: "\n").count == 1)
  }
}

/// Where secrets are found, and that nothing tells them on.
@Suite struct SecretTests {
  private let folder = Scratch()

  private func failure(_ reference: SecretReference) throws -> PortError {
    try #require(throws: PortError.self) { try Secrets.value(of: reference, for: "the Git password") }
  }

  @Test func `a file's secret ends before the line does`() throws {
    for text in ["s3cret", "s3cret\n", "s3cret\r\n", "s3cret \n\n"] {
      #expect(try Secrets.value(of: .file(try folder.write("token", text)), for: "x") == "s3cret")
    }
    #expect(try Secrets.value(of: .file(try folder.write("token", " two words\nand lines\n")), for: "x") == " two words\nand lines")
  }

  @Test func `a variable's secret and a text are taken as they are`() throws {
    #expect(try Secrets.value(of: .environment("PATH"), for: "x").contains("/bin"))
    #expect(try Secrets.value(of: .text("https://hooks.example/x"), for: "x") == "https://hooks.example/x")
  }

  @Test func `a file that is missing, empty, a folder or far too long is named, with what to do`() throws {
    let missing = try failure(.file("\(folder.path)/nosuch"))
    #expect(
      "\(missing)" == "\(folder.path)/nosuch: could not find the Git password: there is no such file; mount it, or correct the settings")
    let empty = try failure(.file(try folder.write("empty", " \n\n")))
    #expect("\(empty)" == "\(folder.path)/empty: could not find the Git password: the file is empty; put the secret there")
    #expect(try failure(.file(folder.path)).reason == "this is a folder, not a file")
    let long = try failure(.file(try folder.write("long", String(repeating: "s3cret", count: 20_000))))
    #expect(long.reason == "the file is longer than 64 KiB")
    for error in [missing, empty, long] {
      #expect(error.kind == .configuration)
      #expect(!"\(error)".contains("s3cret"))
    }
  }

  @Test func `a variable that is not set is named, with what to do`() throws {
    let error = try failure(.environment("TAGFLIP_NO_SUCH_VARIABLE"))
    #expect(
      "\(error)"
        == "could not find the Git password: the environment variable TAGFLIP_NO_SUCH_VARIABLE is not set; set it for the job, or name another in the settings"
    )
  }
}
