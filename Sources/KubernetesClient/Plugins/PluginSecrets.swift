/// What may be secret of a plugin: what it told, and what the kubeconfig gives it. Plugins repeat it when they complain.
struct PluginSecrets {
  /// Shorter ones are common words, or no secrets.
  private static let shortest = 4
  /// From so many characters on a secret is hidden within a word too.
  private static let longEnough = 8

  /// The longest first: one may be part of another.
  private let secrets: [String]

  /// - Parameter output: what the plugin wrote to its standard output.
  init(of plugin: ExecPlugin, output: String) {
    let told = output.split { $0.isWhitespace || "\"',:{}".contains($0) }.map(String.init).filter { $0.count >= Self.longEnough }
    let given = (plugin.arguments.flatMap(Self.values) + plugin.environment.values).flatMap { [$0] + Self.parts($0) }
    secrets = Set(told + given.filter { $0.count >= Self.shortest }).sorted { ($0.count, $0) > ($1.count, $1) }
  }

  /// The text without them.
  func hidden(in text: String) -> String {
    secrets.reduce(text) { text, secret in
      secret.count >= Self.longEnough ? text.replacing(secret, with: "…") : Self.withoutWord(secret, text)
    }
  }

  /// What an argument says besides the name of an option: `--token=VALUE`, `-pVALUE`, `VALUE`. Whether a value stands behind one dash and
  /// one letter nobody knows, so the whole is hidden there.
  private static func values(of argument: String) -> [String] {
    guard argument.hasPrefix("-") else { return [argument] }
    let assigned = argument.firstIndex(of: "=").map { [String(argument[argument.index(after: $0)...])] } ?? []
    return argument.hasPrefix("--") ? assigned : assigned + [argument, String(argument.dropFirst(2))]
  }

  /// The parts of `ada:s3cret`, of an address, of a shell's script.
  private static func parts(_ value: String) -> [String] {
    value.split { $0.isWhitespace || "\"'`=:;,@&?|()<>".contains($0) }.map(String.init)
  }

  private static func withoutWord(_ word: String, _ text: String) -> String {
    var (result, rest) = ("", text[...])
    while let found = rest.firstRange(of: word) {
      let before = found.lowerBound == text.startIndex ? nil : text[text.index(before: found.lowerBound)]
      let after = found.upperBound == text.endIndex ? nil : text[found.upperBound]
      let isWord = ![before, after].contains { $0.map { $0.isLetter || $0.isNumber } ?? false }
      result += rest[..<found.lowerBound] + (isWord ? "…" : word[...])
      rest = rest[found.upperBound...]
    }
    return result + rest
  }
}
