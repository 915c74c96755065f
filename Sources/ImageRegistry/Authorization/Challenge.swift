import HTTPTransport

/// How a registry wants to be asked: `WWW-Authenticate` (RFC 9110 §11.6.1; distribution, "Token Authentication Specification").
enum Challenge: Sendable, Hashable {
  case basic
  /// A token from this realm. Its scope is not taken from here: what is needed is known.
  case bearer(realm: String, service: String?)

  /// The way to go: a token rather than a password with each request; nil where the answer names none that is known.
  init?(_ head: HTTPHead) {
    let fields = head.headers.filter { $0.name.lowercased() == "www-authenticate" }
    let all = fields.flatMap { Challenge.schemes(in: $0.value) }
    if let bearer = all.first(where: { $0.name == "bearer" }), let realm = bearer.parameters["realm"], !realm.isEmpty {
      self = .bearer(realm: realm, service: bearer.parameters["service"])
    } else if all.contains(where: { $0.name == "basic" }) {
      self = .basic
    } else {
      return nil
    }
  }

  private typealias Scheme = (name: String, parameters: [String: String])

  /// The challenges of one field: `Bearer realm="…",service="…", Basic realm="…"`. What comes before the first scheme is passed over.
  private static func schemes(in value: String) -> [Scheme] {
    var schemes: [Scheme] = []
    for item in items(of: value) {
      var parameter = item
      // A scheme stands before its first parameter, with a space between.
      let word = item.prefix { $0 != " " && $0 != "=" && $0 != "\"" }
      let rest = item.dropFirst(word.count).drop { $0 == " " }
      if !rest.hasPrefix("=") {
        schemes.append((word.lowercased(), [:]))
        parameter = rest
      }
      guard !schemes.isEmpty, let (name, text) = pair(parameter) else { continue }
      let last = schemes.count - 1
      if schemes[last].parameters[name] == nil { schemes[last].parameters[name] = text }
    }
    return schemes
  }

  /// The parts between commas that stand in no quotes.
  private static func items(of value: String) -> [Substring] {
    var isQuoted = false
    var isEscaped = false
    return value.split { character in
      defer { isEscaped = isQuoted && !isEscaped && character == "\\" }
      if character == "\"", !isEscaped { isQuoted.toggle() }
      return character == "," && !isQuoted
    }.map { $0.drop { $0 == " " || $0 == "\t" } }
  }

  /// `name="text"` or `name=text`; quoted characters lose their backslash.
  private static func pair(_ text: Substring) -> (String, String)? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let name = text[..<equals].lowercased().filter { $0 != " " }
    var value = String(text[text.index(after: equals)...].drop { $0 == " " })
    while value.hasSuffix(" ") { value.removeLast() }
    guard value.hasPrefix("\"") else { return (name, value) }
    guard value.count >= 2, value.hasSuffix("\"") else { return nil }
    var plain = ""
    var isEscaped = false
    for character in value.dropFirst().dropLast() {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        plain.append(character)
        isEscaped = false
      }
    }
    return (name, plain)
  }
}
