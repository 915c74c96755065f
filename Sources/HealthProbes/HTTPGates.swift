package import HTTPTransport
package import ReleaseEngine
package import ReleaseModel

/// Through the API server to a Service, for installations that see the cluster only from outside.
package protocol APIServerRoute: Sendable {
  /// Sends a request to a Service through the API server and answers what the Service answered.
  func send(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits
  ) async throws(HTTPError) -> HTTPResponse
}

/// The gates' port, in HTTP terms: each check on new connections, by the route that the plan names.
///
/// Smoke checks say that they are checks (`X-Smoke`, and tagflip's own user agent), so that a service can tell them from use; checks of the
/// active color do not, since they stand for users.
package struct HTTPGates: Gates {
  /// How many checks of a gate run side by side.
  private static let parallel = 8

  let http: any HTTPSending
  let api: any APIServerRoute
  let addresses: ProbeAddresses
  private let version: String

  package init(http: any HTTPSending, policy: Policy, api: any APIServerRoute, version: String) {
    self.http = http
    self.api = api
    self.version = version
    addresses = ProbeAddresses(hosts: policy.hosts)
  }

  package func check(_ checks: [HTTPCheck], at place: ProbePlace, within limit: Duration) async -> [CheckResult] {
    let deadline = ContinuousClock.now + limit
    return await withTaskGroup(of: (Int, CheckResult).self) { tasks in
      var results = [CheckResult?](repeating: nil, count: checks.count)
      var next = 0
      while next < min(Self.parallel, checks.count) {
        let (index, check) = (next, checks[next])
        tasks.addTask { (index, await run(check, at: place, until: deadline)) }
        next += 1
      }
      for await (index, result) in tasks {
        results[index] = result
        guard next < checks.count else { continue }
        let (following, check) = (next, checks[next])
        tasks.addTask { (following, await run(check, at: place, until: deadline)) }
        next += 1
      }
      return results.compactMap(\.self)
    }
  }

  /// One check, as many times in a row as it asks for; the first that does not pass ends it.
  private func run(_ check: HTTPCheck, at place: ProbePlace, until deadline: ContinuousClock.Instant) async -> CheckResult {
    let probe = Probe(check: check, place: place, headers: headers(check, place))
    var slowest = 0
    for time in 1...max(1, check.times) {
      let left = deadline - .now
      guard left > .zero, !Task.isCancelled else {
        return probe.result(.unknown, "the gate's limit was reached before request \(time)", slowest, time - 1, answered: false)
      }
      let judged = await send(probe, within: min(left, .milliseconds(check.timeoutMs)))
      slowest = max(slowest, judged.ms)
      guard judged.verdict == .passed else {
        return probe.result(judged.verdict, judged.detail, slowest, time, answered: judged.answered)
      }
    }
    let times = check.times > 1 ? " \(check.times) times" : ""
    return probe.result(.passed, "passed\(times), slowest \(slowest) ms", slowest, max(1, check.times), answered: true)
  }

  private func headers(_ check: HTTPCheck, _ place: ProbePlace) -> [HTTPHeader] {
    var headers = check.headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
    switch place.role {
    case .preview:
      headers.append(HTTPHeader("X-Smoke", "tagflip"))
      headers.append(HTTPHeader("User-Agent", "tagflip/\(version)"))
    case .active: headers.append(HTTPHeader("User-Agent", "bluegreen-probe/1"))
    }
    return headers
  }

  private func send(_ probe: Probe, within limit: Duration) async -> Judgement {
    let start = ContinuousClock.now
    do throws(HTTPError) {
      let response = try await answer(probe, within: limit)
      let ms = (ContinuousClock.now - start).milliseconds
      return CheckJudge(check: probe.check).judge(response, ms: ms)
    } catch {
      let ms = (ContinuousClock.now - start).milliseconds
      return Judgement(error, route: probe.place.rules.route, ms: ms)
    }
  }

  private func answer(_ probe: Probe, within limit: Duration) async throws(HTTPError) -> HTTPResponse {
    let limits = HTTPLimits(total: limit, connect: limit, maximumBody: 1 << 20)
    let service = probe.place.service
    switch try probe.address() {
    case .api(let port):
      return try await api.send(
        probe.check.method, namespace: service.namespace, service: service.name, port: port, path: probe.check.path, headers: probe.headers,
        limits: limits)
    case .url(let url):
      return try await http.send(
        HTTPRequest(
          probe.check.method, url, headers: probe.headers, limits: limits, connection: .fresh, addresses: addresses.policy(for: url)))
    case .service(let url, let ip):
      return try await http.send(
        HTTPRequest(
          probe.check.method, url, headers: probe.headers, limits: limits, connection: .fresh, addresses: addresses.only(ip)))
    }
  }
}
