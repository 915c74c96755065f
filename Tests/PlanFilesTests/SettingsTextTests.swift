import Digests
import ReleaseEngine
import ReleaseModel
import Testing

@testable import PlanFiles

/// The settings are on record as they are, without the secrets that somebody wrote in them.
@Suite struct SettingsTextTests {
  @Test func `settings that hold no secret are kept byte for byte`() throws {
    let settings = try MemoryFiles.settings("notices: {webhook: {file: hook}}  # ours\n")
    #expect(String(decoding: settings.text, as: UTF8.self).hasSuffix("notices: {webhook: {file: hook}}  # ours\n"))
    #expect(settings.digest == Digest(of: settings.text))
  }

  static let written = [
    "notices: {webhook: https://hooks.example/T0/secret, heartbeat: https://hooks.example/T0}\n",
    "notices:\n  heartbeat: 'https://hooks.example/T0'\n  webhook: \"https://hooks.example/T0/secret\"\n",
  ]

  @Test(arguments: written) func `an address that was written in the settings is not on record, and works all the same`(_ text: String)
    throws
  {
    let settings = try MemoryFiles.settings(text)
    #expect(settings.notices.webhook == .text("https://hooks.example/T0/secret"))
    let kept = String(decoding: settings.text, as: UTF8.self)
    #expect(!kept.contains("hooks.example") && !kept.contains("secret") && kept.contains(SettingsText.withheld))
    #expect(try SettingsFile.settings(settings.text, path: "kept").notices.webhook == .text(SettingsText.withheld), "it still reads")
  }

  @Test(arguments: [
    "notices: {webhook: \"https://hooks.example/T0/\\x73ecret\"}\n", "notices:\n  webhook: >-\n    https://hooks.example/\n    secret\n",
  ])
  func `an address in a spelling that cannot be cut out is refused`(_ text: String) throws {
    let error = try #require(throws: PortError.self) { try MemoryFiles.settings(text) }
    #expect(error.reason.contains("must stand in one line") && error.hint?.contains("file") == true, "\(error)")
  }

  @Test func `operators are read, with who must be two`() throws {
    let settings = try MemoryFiles.settings("operators: {signers: ops, revoked: gone, secondPerson: [retry, reseal]}\n")
    #expect(
      settings.operators == OperatorRules(signers: "/etc/tagflip/ops", revoked: "/etc/tagflip/gone", secondPerson: [.retry, .reseal]))
    #expect(settings.operators?.persons(for: .retry) == 2 && settings.operators?.persons(for: .override) == 1)
    #expect(try MemoryFiles.settings("").operators == nil)
  }

  @Test func `the installation's key is named by file or variable, and never written`() throws {
    let settings = try MemoryFiles.settings("", state: "{namespace: tagflip, key: {file: state-key}}")
    #expect(settings.stateKey == .file("/etc/tagflip/state-key"))
    #expect(throws: PortError.self) { try MemoryFiles.settings("", state: "{namespace: tagflip, key: hunter2hunter2hunter2}") }
  }

  static let wrong: [(String, String)] = [
    ("operators: {}\n", "operators must say who may sign"),
    ("operators: {signers: x, secondPerson: [retri]}\n", "unknown request \"retri\""),
    ("operators: {signer: x}\n", "unknown key \"signer\""),
  ]

  @Test(arguments: wrong) func `what is wrong with operators is said`(_ text: String, _ words: String) throws {
    let error = try #require(throws: PortError.self) { try MemoryFiles.settings(text) }
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test func `a name in front of an HTTP host is refused: it may be a token`() throws {
    for url in ["https://ghp_token@git.example/x.git", "https://a:b@git.example/x.git"] {
      let error = try #require(throws: PortError.self) { try MemoryFiles.settings("", url: url) }
      #expect("\(error)".contains("holds a password"))
    }
    _ = try MemoryFiles.settings("", url: "ssh://git@git.example/x.git")
  }
}
