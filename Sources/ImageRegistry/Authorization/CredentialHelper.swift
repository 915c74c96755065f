import ChildProcesses
import FoundationEssentials
import ReleaseEngine
import ReleaseModel

/// A program that keeps credentials, asked as Docker asks it: the registry on standard input, JSON on standard output
/// (https://github.com/docker/docker-credential-helpers).
struct CredentialHelper: Sendable {
  /// How long it may take.
  static let limit: Duration = .seconds(10)

  let helper: DockerConfig.Helper
  /// The environment that it runs in.
  let environment: [String: String]

  /// The credentials, or nil where it has none for the registry.
  /// - Throws: `configuration` where it cannot be run, says no, or answers what is none. What it wrote is not shown: it may be a secret.
  func credential() async throws(PortError) -> Credential? {
    // The name comes from a file of the settings; it still is part of a program's.
    guard helper.name.utf8.allSatisfy(CredentialHelper.isWord), !helper.name.isEmpty else {
      throw failure(
        "\"\(PlainText.line(helper.name, longest: 40))\" is no name of a helper",
        "correct \(helper.setting): it says NAME of a program docker-credential-NAME, in letters, digits, \"-\", \"_\" and \".\"")
    }
    guard let path else {
      let places = folders.isEmpty ? "PATH is empty" : "it is looked for in \(folders.joined(separator: ", "))"
      throw failure(
        "there is no such program on the bot's path",
        "\(PlainText.line(places, longest: 300)): install \(program) there, or correct \(helper.setting)")
    }
    let command = Command([path, "get"], environment: environment)
    let completion: Command.Completion
    do throws(ChildProcessError) {
      completion = try await command.runOnOwnThread(
        input: Array("\(helper.server)\n".utf8), limits: Command.Limits(output: 1 << 16, errors: 0), within: Self.limit)
    } catch {
      throw failure(error.description, trial(path))
    }
    guard completion.status == .code(0) else {
      // The protocol's own words for "none", on standard output and with a failure's exit code.
      if completion.outputText.contains("credentials not found") { return nil }
      throw failure("it ended with \(completion.status)", trial(path))
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(completion.output)) else {
      throw failure("its answer is no JSON with Username and Secret", trial(path))
    }
    let place = program
    // Docker's convention for a token that is no password.
    if answer.username == "<token>" { return Credential(kind: .identityToken(answer.secret), place: place) }
    return Credential(kind: .password(user: answer.username, answer.secret), place: place)
  }

  private var program: String { "docker-credential-\(PlainText.line(helper.name, longest: 40))" }

  /// Where it is looked for.
  private var folders: [String] { (environment["PATH"] ?? "").split(separator: ":").map(String.init) }

  /// Where it lies, on the path that it will run with.
  private var path: String? {
    folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// How a person sees what it says. What it wrote is not shown here, since it may be the secret.
  private func trial(_ path: String) -> String {
    let server = PlainText.line(helper.server, longest: 200).replacing("'", with: "")
    return "try it by hand as the account that tagflip runs under: echo '\(server)' | \(path) get; it must answer by itself within "
      + "\(Self.limit.components.seconds) s, or correct \(helper.setting), which names it"
  }

  private func failure(_ reason: String, _ hint: String) -> PortError {
    PortError(
      .configuration, attempted: "ask \(program) for the credentials of \(PlainText.line(helper.server, longest: 200))", reason: reason,
      hint: hint)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }

  private struct Answer: Decodable {
    var username: String
    var secret: String

    enum CodingKeys: String, CodingKey {
      case username = "Username"
      case secret = "Secret"
    }
  }
}
