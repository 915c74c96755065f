import HTTPTransport
import KubernetesModel

// How a call becomes requests.
extension KubernetesClient {
  /// The longest answer that is read, in bytes.
  static let answerLimit = 64 << 20

  /// When a call has to be over.
  var deadline: ContinuousClock.Instant { .now + limit }

  /// The answer's document.
  func json(_ call: Call, by deadline: ContinuousClock.Instant? = nil) async throws(KubernetesError) -> JSON {
    let response = try await answer(call, by: deadline ?? self.deadline)
    do {
      return try JSON(parsing: response.body)
    } catch {
      throw KubernetesError(
        .malformedAnswer, attempted: call.attempted, message: "the answer is no JSON: \(error)", status: response.status)
    }
  }

  /// An answer below 300, after as many tries as the call's kind allows.
  func answer(_ call: Call, by deadline: ContinuousClock.Instant) async throws(KubernetesError) -> HTTPResponse {
    try await retrying(isWrite: call.isWrite, attempted: call.attempted, by: deadline) { () throws(KubernetesError) in
      try await once(call, by: deadline)
    }
  }

  /// Tries something until it succeeds, fails for good or the time is up.
  func retrying<Answer>(
    isWrite: Bool, attempted: String, by deadline: ContinuousClock.Instant, _ body: () async throws(KubernetesError) -> Answer
  ) async throws(KubernetesError) -> Answer {
    // Less is left for a try that would only hide the error before it behind a timeout.
    let leastUseful = Duration.milliseconds(100)
    var retries = RetryRule()
    while true {
      do throws(KubernetesError) {
        return try await body()
      } catch {
        guard let pause = retries.pause(after: error, isWrite: isWrite), deadline - .now > pause + leastUseful else { throw error }
        do { try await Task.sleep(for: pause) } catch {
          throw KubernetesError(.cancelled, attempted: attempted, message: "cancelled")
        }
        guard deadline - .now > leastUseful else { throw error }
      }
    }
  }

  private func once(_ call: Call, by deadline: ContinuousClock.Instant) async throws(KubernetesError) -> HTTPResponse {
    let response = try await showing(call.attempted, by: deadline) { shown, left throws(KubernetesError) in
      let limits = HTTPLimits(total: left, connect: min(left, .seconds(10)), maximumBody: KubernetesClient.answerLimit)
      do throws(HTTPError) {
        let response = try await http.send(request(call, shown, limits: limits))
        return (response, response.status)
      } catch {
        throw KubernetesError(error, attempted: call.attempted, isWrite: call.isWrite)
      }
    }
    time.note(response.head)
    warnings.note(response.head)
    guard response.status < 300 else { throw KubernetesError(response.head, response.body, attempted: call.attempted) }
    return response
  }

  /// Does something with the caller's credentials, and once more with others where the server answered 401 and a plugin tells others: a
  /// request whose sender is unknown was not acted on, so that holds for writes too.
  func showing<Answer>(
    _ attempted: String, by deadline: ContinuousClock.Instant,
    _ send: (ShownCredentials, Duration) async throws(KubernetesError) -> (Answer, status: Int)
  ) async throws(KubernetesError) -> Answer {
    func left() -> Duration { max(deadline - .now, .milliseconds(1)) }
    let shown = try await credentials(for: attempted, within: left())
    let (answer, status) = try await send(shown, left())
    guard status == 401, let other = try await credentials(insteadOf: shown, for: attempted, within: left()) else { return answer }
    return try await send(other, left()).0
  }

  func request(_ call: Call, _ shown: ShownCredentials, limits: HTTPLimits) -> HTTPRequest {
    var headers = [HTTPHeader("Accept", "application/json")]
    if let contentType = call.contentType { headers.append(HTTPHeader("Content-Type", contentType)) }
    var request = HTTPRequest(
      call.method, access.server + call.target, headers: headers + shown.headers, body: call.body, limits: limits, tls: access.tls)
    if let certificate = shown.certificate {
      (request.tls.clientCertificate, request.tls.clientKey) = (certificate.certificate, certificate.key)
    }
    request.proxy = access.proxy
    return request
  }
}
