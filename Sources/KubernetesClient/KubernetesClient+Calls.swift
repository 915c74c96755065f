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
    // Less is left for a try that would only hide the error before it behind a timeout.
    let leastUseful = Duration.milliseconds(100)
    var retries = RetryRule()
    while true {
      do throws(KubernetesError) {
        return try await once(call, within: max(deadline - .now, .milliseconds(1)))
      } catch {
        guard let pause = retries.pause(after: error, isWrite: call.isWrite), deadline - .now > pause + leastUseful else { throw error }
        do { try await Task.sleep(for: pause) } catch {
          throw KubernetesError(.cancelled, attempted: call.attempted, message: "cancelled")
        }
        guard deadline - .now > leastUseful else { throw error }
      }
    }
  }

  private func once(_ call: Call, within left: Duration) async throws(KubernetesError) -> HTTPResponse {
    let limits = HTTPLimits(total: left, connect: min(left, .seconds(10)), maximumBody: KubernetesClient.answerLimit)
    let request = try request(call, limits: limits)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(request)
    } catch {
      throw KubernetesError(error, attempted: call.attempted, isWrite: call.isWrite)
    }
    time.note(response.head)
    guard response.status < 300 else { throw KubernetesError(response.head, response.body, attempted: call.attempted) }
    return response
  }

  func request(_ call: Call, limits: HTTPLimits) throws(KubernetesError) -> HTTPRequest {
    var headers = [HTTPHeader("Accept", "application/json")]
    if let contentType = call.contentType { headers.append(HTTPHeader("Content-Type", contentType)) }
    headers += try authorization(call.attempted)
    var request = HTTPRequest(
      call.method, access.server + call.target, headers: headers, body: call.body, limits: limits, tls: access.tls)
    request.proxy = access.proxy
    return request
  }

  /// The header that shows the bearer token. A token's file is read each time: projected tokens rotate.
  func authorization(_ attempted: String) throws(KubernetesError) -> [HTTPHeader] {
    switch access.token {
    case .none: return []
    case .fixed(let token): return [HTTPHeader("Authorization", "Bearer \(token)")]
    case .file(let path):
      do throws(ClusterAccessError) {
        let text = String(decoding: try FileText.read(path, because: "the bearer token", hint: "see that it is mounted"), as: UTF8.self)
        return [HTTPHeader("Authorization", "Bearer \(text.filter { !$0.isWhitespace })")]
      } catch {
        throw KubernetesError(.unauthorized, attempted: attempted, message: error.description)
      }
    }
  }
}
