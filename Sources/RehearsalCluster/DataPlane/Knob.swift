/// One thing that a pod's app can be told to do, by the name it has in image tags, in the environment and in annotations.
package enum Knob: String, CaseIterable, Sendable {
  case version, color, service
  case pending
  case imagePullError = "image-pull-error"
  case startDelay = "start-delay-ms"
  case readyDelay = "ready-delay-ms"
  case neverReady = "never-ready"
  case badAfter = "bad-after-s"
  case badAfterRequests = "bad-after-requests"
  case badAfterRealRequests = "bad-after-real-requests"
  case errorRate = "error-rate"
  case errorStatus = "error-status"
  case resetRate = "reset-rate"
  case latency = "latency-ms"
  case unready
  case crash
  case crashloop
  case oomAfter = "oom-after-s"
  case backoff = "backoff-s"
  case terminationDelay = "term-delay-ms"
  case ignoreTermination = "ignore-term"
  case succeedAfter = "succeed-after-ms"
  case exitCode = "exit-code"
  case smokeAgent = "smoke-agent"

  /// The knobs that take effect only once the app has gone bad.
  package static let faults: Set<Knob> = [.errorRate, .resetRate, .latency, .unready, .crash]
}

/// How a knob's text becomes a value; each answers nil where the text does not fit.
enum KnobValue {
  /// `true`, `1`, `yes`, `false`, `0` or `no`, in any case of letters.
  static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1", "yes": true
    case "false", "0", "no": false
    default: nil
    }
  }

  /// A number that is finite and not negative.
  static func number(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite, value >= 0 else { return nil }
    return value
  }

  /// A share from 0 to 1: `0.5`, `50%`, or a number above 1, which is read as percent.
  static func share(_ text: String) -> Double? {
    let bare = String(text.reversed().drop { $0 == "%" }.reversed())
    guard let value = number(bare) else { return nil }
    let share = value > 1 || bare.count < text.count ? value / 100 : value
    return min(share, 1)
  }

  /// A whole number, such as a count or an exit code; `3.0` counts.
  static func count(_ text: String) -> Int? {
    number(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }
  }

  /// An HTTP status from 100 to 599.
  static func status(_ text: String) -> Int? {
    count(text).flatMap { (100...599).contains($0) ? $0 : nil }
  }

  /// A length of time given in seconds or, with `unit`, in parts of one; at most a year, so that sums cannot overflow.
  static func duration(_ text: String, unit: Duration) -> Duration? {
    guard let value = number(text), unit * value < .seconds(31_536_000) else { return nil }
    return unit * value
  }

  /// A regular expression, kept as text.
  static func pattern(_ text: String) -> String? {
    (try? Regex(text)) == nil ? nil : text
  }
}
