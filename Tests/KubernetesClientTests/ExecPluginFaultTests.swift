import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("An exec plugin that fails")
struct ExecPluginFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String { name }
    var name: String
    var script: String
    /// What the error ends with, after the plugin's name.
    var words: String
  }

  private static func tells(_ name: String, _ status: String, _ words: String) -> Fault {
    Fault(name: name, script: Plugin.tells("'\(status)'"), words: words)
  }

  // Nothing of its standard output is told, whatever is wrong with it.
  @Test(arguments: [
    Fault(name: "nothing", script: "true", words: "it wrote nothing"),
    Fault(
      name: "text", script: "echo s3cret-t0ken", words: "it wrote no JSON (line 1, column 1: a value cannot begin with this character)"),
    Fault(
      name: "half", script: "printf '{\"status\":{\"token\":\"s3cret-t0ken'",
      words: "it wrote no JSON (line 1, column 33: the string has no end)"),
    Fault(name: "a token alone", script: "echo '\"s3cret-t0ken\"'", words: "it wrote no ExecCredential"),
    Fault(name: "another kind", script: "echo '{\"kind\":\"s3cret-t0ken\"}'", words: "it wrote no ExecCredential"),
    Fault(
      name: "another version", script: "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"s3cret-t0ken\"}'",
      words: "it was asked to speak client.authentication.k8s.io/v1 and answered in another version"),
    Fault(
      name: "no status", script: "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'",
      words: "its ExecCredential has no status"),
    tells("an empty status", "", "it told neither a token nor a certificate"),
    tells("an empty token", #""token":"""#, "it told neither a token nor a certificate"),
    tells("a token that is a number", #""token":4711"#, "its token is no text"),
    tells("a token of two lines", #""token":"s3cret\\nX-Evil: 1""#, "its token holds what no header can"),
    tells("a key without a certificate", #""clientKeyData":"s3cret-t0ken""#, "it told a certificate or a key without the other"),
    tells("no date", #""token":"s3cret-t0ken","expirationTimestamp":"tomorrow""#, "its expirationTimestamp is no RFC 3339 time"),
    Fault(
      name: "an exit code", script: "echo '\u{1B}[31mlog in first\u{202E}' >&2; exit 3",
      words: "it ended with exit code 3; it said: [31mlog in first"),
    Fault(name: "a signal", script: "kill -9 $$", words: "it ended with signal 9"),
    Fault(
      name: "a complaint that quotes the token", script: "echo s3cret-t0ken; echo 'bad s3cret-t0ken for hunter2-hunter2' >&2; exit 1",
      words: "it ended with exit code 1; it said: bad … for …"),
    Fault(name: "too much", script: "head -c 2000000 /dev/zero", words: "it wrote too much"),
  ])
  func `says how, and nothing that it told`(fault: Fault) async throws {
    let plugin = try Plugin(fault.script)
    let env: JSON = [["name": "PASSWORD", "value": "hunter2-hunter2"]]
    let fixture = try Fixture([answer(200, "", [:])], credentials: try plugin.access(["env": env]).credentials)
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unauthorized)
    #expect(error.message == "the plugin /bin/sh of user u in \(plugin.folder.path)/config gave no credentials: \(fault.words)")
    for text in ["\(error)", String(reflecting: error)] { #expect(!text.contains("s3cret") && !text.contains("hunter2")) }
    #expect(fixture.server.accepted == 0)
  }

  // What it is given may be secret, and plugins repeat it when they complain.

  private static let arguments = ["--token=s3cret-t0ken", "-phunter2", "-w", "tr0ub4d", "ada:letme1n", "https://x/?key=0pen-sesame"]

  @Test(arguments: [
    ("cannot use $*", "cannot use --token=… … -w … … …"), ("no $1, no [$2], no '$4'", "no --token=…, no […], no '…'"),
    ("bad password letme1n for ada", "bad password … for ada"), ("0pen-sesame is stale", "… is stale"),
    ("hunter2s are many", "hunter2s are many"), ("no such option -w", "no such option -w"),
  ])
  func `never tells its arguments, however it complains of them`(says: String, shown: String) async throws {
    let plugin = try Plugin("echo \"\(says)\" >&2; exit 1")
    let args = JSON.array((["\(plugin.folder.path)/plugin.sh"] + Self.arguments).map { .string($0) })
    let fixture = try Fixture([answer(200, "", [:])], credentials: try plugin.access(["args": args]).credentials)
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.message.hasSuffix("it ended with exit code 1; it said: \(shown)"), "\(error.message)")
  }

  @Test func `whose complaint is cut in the middle of an argument tells no rest of it`() async throws {
    let plugin = try Plugin("printf '%s' \"$1\" >&2; exit 1")
    let args: JSON = [.string("\(plugin.folder.path)/plugin.sh"), .string(String(repeating: "s3cret", count: 15_000))]
    let fixture = try Fixture([answer(200, "", [:])], credentials: try plugin.access(["args": args]).credentials)
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.message.hasSuffix("it ended with exit code 1") && !error.message.contains("s3cret"))
  }

  @Test func `is asked anew by the next call`() async throws {
    let plugin = try Plugin("[ $N -gt 1 ] || exit 1; \(Plugin.token)")
    let fixture = try Fixture([answer(200, "", [:])], credentials: try plugin.access().credentials)
    #expect(try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }.kind == .unauthorized)
    _ = try await fixture.client.get(.service, namespace: "shop", name: "web")
    #expect(fixture.server.requests.first?.header("authorization") == "Bearer token-2")
  }

  @Test(arguments: ["no-such-plugin", "./no/such-plugin", "/tmp"])
  func `to be there is told with how it is installed`(command: String) async throws {
    let plugin = try Plugin("")
    let more: [String: JSON] = ["command": .string(command), "installHint": "get it:\n  brew install no-such-plugin\u{1B}[0m"]
    let fixture = try Fixture([answer(200, "", [:])], credentials: try plugin.access(more).credentials)
    let error = try await failure { _ = try await fixture.client.get(.service, namespace: "shop", name: "web") }
    #expect(error.kind == .unauthorized)
    #expect(error.message.contains("there is no such program here") && error.message.hasSuffix("; get it: brew install no-such-plugin[0m"))
    let silent = try Fixture([answer(200, "", [:])], credentials: try plugin.access(["command": .string(command)]).credentials)
    let words = try await failure { _ = try await silent.client.get(.service, namespace: "shop", name: "web") }.message
    #expect(words.hasSuffix("; install it, or correct its name"))
  }

  @Test func `to end is ended, with what it started`() async throws {
    let plugin = try Plugin("sleep 600 & echo $! > $HERE/child; wait")
    let run = try plugin.plugin()
    let result = await withCheckedContinuation { continuation in
      run.run(within: .seconds(4)) { continuation.resume(returning: $0) }
    }
    guard case .failure(let error) = result else {
      Issue.record("it told a credential")
      return
    }
    #expect(
      error.description.hasSuffix(
        "gave no credentials: it was still running after 4 s, the most that a run may take, and was ended; \(run.trial)"))
    #expect(run.trial.contains("setsid /bin/sh ARGS </dev/null): it must answer by itself within 60 s") && !run.trial.contains("plugin.sh"))
    let child = plugin.folder.read("child").filter(\.isNumber)
    let isGone = await eventually { Folder.isGone(process: child) }
    #expect(!child.isEmpty && isGone)
  }

  @Test func `or succeeds never shows what it holds`() throws {
    let plugin = try Plugin(Plugin.token)
    let env: JSON = [["name": "PASSWORD", "value": "s3cret"]]
    let access = try plugin.access(["env": env, "args": ["--password=s3cret"]])
    let output =
      #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"s3cret","clientCertificateData":"s3cret","clientKeyData":"s3cret"}}"#
    let credential = try ExecCredential(output: Array(output.utf8), version: .v1)
    let values: [Any] = [
      access, access.credentials, credential, [credential], PluginCredentials.Numbered(credential: credential, number: 1),
    ]
    for value in values {
      #expect(!"\(value)".contains("s3cret") && !String(reflecting: value).contains("s3cret"))
      var dumped = ""
      dump(value, to: &dumped)
      #expect(!dumped.contains("s3cret") && !dumped.contains("115"), "\(dumped)")
      #expect(!"\(value)".contains("115, 51"))  // the key's bytes
    }
    #expect("\(access.credentials)" == "the plugin /bin/sh of user u in \(plugin.folder.path)/config")
  }
}
