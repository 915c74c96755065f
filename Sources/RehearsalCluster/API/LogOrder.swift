import FoundationEssentials
import KubernetesModel

/// Which lines of a log are wanted, and how.
struct LogOrder: Sendable {
  private let tail: Int?
  /// Lines said before it are left out; as ``PodLog/Line/timestamp`` spells it.
  private let since: String?
  private let bytes: Int?
  private let hasTimestamps: Bool

  init(_ request: APIRequest, now: Date) {
    tail = request.query["tailLines"].flatMap { Int($0) }
    bytes = request.query["limitBytes"].flatMap { Int($0) }
    hasTimestamps = request.flag("timestamps")
    let ago = request.query["sinceSeconds"].flatMap { Double($0) }.map { now.addingTimeInterval(-$0).ISO8601Format() }
    since = ago ?? request.query["sinceTime"]
  }

  func text(of lines: [PodLog.Line]) -> String {
    var lines = lines
    // Texts of one format and zone are in the order of their times; a second without its fraction comes before those with one.
    if let since { lines.removeAll { $0.timestamp < since.dropLast() } }
    if let tail { lines = Array(lines.suffix(tail)) }
    let text = lines.map { (hasTimestamps ? "\($0.timestamp) " : "") + $0.text + "\n" }.joined()
    guard let bytes else { return text }
    return String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
  }

  /// Lines that came after the first answer.
  func laterText(of lines: [PodLog.Line]) -> String { lines.map { (hasTimestamps ? "\($0.timestamp) " : "") + $0.text + "\n" }.joined() }
}

/// A log that a client follows until its pod has ended.
struct FollowedLog: Sendable {
  let log: PodLog
  let order: LogOrder
  /// Whether more may be said.
  let isOpen: @Sendable () -> Bool
}
