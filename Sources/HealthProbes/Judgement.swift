import HTTPTransport
import ReleaseModel

/// What one answer, or none, means.
struct Judgement: Sendable {
  var verdict: CheckResult.Verdict
  var detail: String
  var ms: Int
  /// Whether any HTTP answer came.
  var answered: Bool

  init(_ verdict: CheckResult.Verdict, _ detail: String, ms: Int, answered: Bool = true) {
    self.verdict = verdict
    self.detail = detail
    self.ms = ms
    self.answered = answered
  }

  /// A request without a whole answer. What a user would meet too is a failure; what only keeps the prober from judging is unknown.
  init(_ error: HTTPError, route: ProbeRules.Route, ms: Int) {
    let usersMeetIt =
      switch error.kind {
      case .cannotConnect, .connectionBroken, .timedOut, .tls, .untrusted: route != .api
      // No HTTP at all is what users get as well; a request that was never sent is the plan's fault.
      case .malformed: route != .api && error.mayHaveActed
      case .bodyTooLarge, .tooManyRedirects, .cannotResolve, .addressRefused, .cancelled, .proxy, .other: false
      }
    let hint = error.kind == .bodyTooLarge ? "; let the check ask for something shorter" : ""
    self.init(usersMeetIt ? .failed : .unknown, error.reason + hint, ms: ms, answered: false)
  }
}
