import HTTPTransport
import Synchronization

/// What an API server warns of in an answer (RFC 7234 §5.5): deprecated versions, unknown fields, pods that policy would refuse.
enum WarningHeader {
  /// The longest text that is passed on, in characters.
  static let longest = 500

  /// The texts of all warnings with code 299, the one that API servers use, made fit for a log. What is malformed is left out.
  static func texts(_ head: HTTPHead) -> [String] {
    head.headers.filter { $0.name.lowercased() == "warning" }.flatMap { texts($0.value) }
  }

  /// `299 agent "text"`, perhaps with a date, perhaps several divided by commas.
  static func texts(_ value: String) -> [String] {
    var rest = Substring(value)
    var texts: [String] = []
    while let warning = next(&rest) {
      let text = ForeignText.line(warning.text, longest: longest)
      if warning.code == "299", !text.isEmpty { texts.append(text) }
    }
    return texts
  }

  private static func next(_ rest: inout Substring) -> (code: Substring, text: String)? {
    rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
    let code = rest.prefix { $0 != " " }
    rest = rest.dropFirst(code.count).drop { $0 == " " }
    let agent = rest.prefix { $0 != " " }
    rest = rest.dropFirst(agent.count).drop { $0 == " " }
    guard code.count == 3, code.allSatisfy(\.isNumber), !agent.isEmpty, let text = quoted(&rest) else { return nil }
    rest = rest.drop { $0 == " " }
    // The date says nothing that the answer's own does not.
    if rest.first == "\"" { guard quoted(&rest) != nil else { return nil } }
    return (code, text)
  }

  /// A quoted string (RFC 7230 §3.2.6).
  private static func quoted(_ rest: inout Substring) -> String? {
    guard rest.first == "\"" else { return nil }
    rest.removeFirst()
    var text = ""
    while let character = rest.popFirst() {
      switch character {
      case "\"": return text
      case "\\": if let escaped = rest.popFirst() { text.append(escaped) }
      default: text.append(character)
      }
    }
    return nil
  }
}

/// Passes on what an API server warns of, each text once: it repeats itself with every answer.
final class Warnings: Sendable {
  /// How many texts are passed on in all; a server that always finds new words is not listened to for ever.
  static let most = 50

  private let told = Mutex<Set<String>>([])
  private let tell: @Sendable (String) -> Void

  init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

  func note(_ head: HTTPHead) {
    for text in WarningHeader.texts(head) {
      let isNew = told.withLock { $0.count < Warnings.most && $0.insert(text).inserted }
      if isNew { tell(text) }
    }
  }
}
