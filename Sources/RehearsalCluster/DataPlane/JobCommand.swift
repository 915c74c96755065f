import KubernetesModel

/// What a container that is to end does: one of a few built-in commands, or what the knobs say.
enum JobCommand: Hashable {
  /// Ends with this code after so long, with a last word for the log.
  case wait(Duration, code: Int, says: String?)
  /// GETs a URL so many times and expects the status each time.
  case check(url: String, status: Int, times: Int)

  init(container: JSON?, behaviour: PodBehaviour) {
    let words = ["command", "args"].flatMap { container?[$0]?.array?.compactMap(\.string) ?? [] }
    let argument = { (index: Int) in words.dropFirst(index + 1).first }
    let seconds = { (index: Int) in argument(index).flatMap { KnobValue.duration($0, unit: .seconds(1)) } ?? .milliseconds(200) }
    switch words.first {
    case "succeed", "sleep": self = .wait(seconds(0), code: 0, says: nil)
    case "fail": self = .wait(seconds(1), code: argument(0).flatMap { Int($0) } ?? 1, says: "failing as told")
    case "echo": self = .wait(.zero, code: 0, says: words.dropFirst().joined(separator: " "))
    case "http-check" where words.count > 1:
      self = .check(
        url: words[1], status: argument(1).flatMap { Int($0) } ?? 200, times: max(1, argument(2).flatMap { Int($0) } ?? 1))
    default: self = .wait(behaviour.succeedAfter, code: behaviour.exitCodeIsGiven ? behaviour.exitCode : 0, says: nil)
    }
  }

  /// The host, port and path of an `http` URL; nil for anything else.
  static func target(of url: String) -> (host: String, port: Int, path: String)? {
    guard url.hasPrefix("http://") else { return nil }
    let rest = url.dropFirst("http://".count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let parts = authority.split(separator: ":", maxSplits: 1)
    guard let host = parts.first, let port = parts.count > 1 ? Int(parts[1]) : 80 else { return nil }
    let path = rest.dropFirst(authority.count)
    return (String(host), port, path.hasPrefix("/") ? String(path) : "/\(path)")
  }
}
