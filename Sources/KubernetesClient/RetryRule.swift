import HTTPTransport

/// Whether a failed call is tried again, and after how long. One per call.
struct RetryRule {
  /// How often a call is repeated that no server asked to repeat: after 0.1, 0.2, 0.4, 0.8 and 1.6 s.
  static let repetitions = 5

  private var repeated = 0
  private var backoff = Duration.milliseconds(100)

  /// How long to wait before the next try; nil where there is to be none.
  mutating func pause(after error: KubernetesError, isWrite: Bool) -> Duration? {
    switch error.kind {
    // The server has not acted and says so; it may say so for as long as the call's limit allows.
    case .tooManyRequests: return error.wish ?? nextBackoff()
    // `unreachable` is only said of a write when it never left; what left comes as `lostAnswer`.
    case .unreachable: return error.mayPass && repeated < RetryRule.repetitions ? nextBackoff() : nil
    case .serverError:
      guard !isWrite, [502, 503, 504].contains(error.status), repeated < RetryRule.repetitions else { return nil }
      let pause = nextBackoff()
      return error.wish ?? pause
    case .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .gone, .invalid, .lostAnswer,
      .malformedAnswer, .cancelled:
      return nil
    }
  }

  private mutating func nextBackoff() -> Duration {
    defer {
      repeated += 1
      backoff = min(backoff * 2, .seconds(2))
    }
    return backoff
  }
}

extension KubernetesError {
  /// How long the server wishes to be left alone. "At once" is not taken at its word: it would be asked without a pause until the limit.
  fileprivate var wish: Duration? { retryAfter.map { max($0, .milliseconds(50)) } }

  /// Whether what kept the server from being reached may be over soon, unlike a wrong certificate.
  fileprivate var mayPass: Bool {
    switch transport?.kind {
    case .cannotResolve, .cannotConnect, .connectionBroken, .timedOut: true
    case .untrusted, .tls, .bodyTooLarge, .addressRefused, .cancelled, .tooManyRedirects, .malformed, .proxy, .other, nil: false
    }
  }
}
