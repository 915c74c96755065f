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

  private let http: any HTTPSending
  private let api: any APIServerRoute
  private let apiServer: APIServerPlace?
  private let addresses: ProbeAddresses
  private let version: String

  /// - Parameter apiServer: the API server's URL, which no plan may make a probe of; nil where there is none to protect.
  package init(http: any HTTPSending, policy: Policy, api: any APIServerRoute, apiServer: String? = nil, version: String) {
    self.http = http
    self.api = api
    self.apiServer = apiServer.flatMap { APIServerPlace(url: $0, http: http) }
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
      let own = Duration.milliseconds(check.timeoutMs)
      let judged = await send(probe, within: min(left, own), isCutShort: left < own / 2)
      slowest = max(slowest, judged.ms)
      guard judged.verdict == .passed else {
        return probe.result(judged.verdict, judged.detail, slowest, time, answered: judged.answered)
      }
    }
    let times = check.times > 1 ? " \(check.times) times" : ""
    return probe.result(.passed, "passed\(times), slowest \(slowest) ms", slowest, max(1, check.times), answered: true)
  }

  private func headers(_ check: HTTPCheck, _ place: ProbePlace) -> [HTTPHeader] {
    let own =
      switch place.role {
      case .preview: [HTTPHeader("X-Smoke", "tagflip"), HTTPHeader("User-Agent", "tagflip/\(version)")]
      case .active, .control, .alone: [HTTPHeader("User-Agent", "bluegreen-probe/1")]
      }
    let plan = check.headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
    // What the plan says itself is not said twice.
    return plan + own.filter { header in !plan.contains { $0.name.lowercased() == header.name.lowercased() } }
  }

  /// - Parameter isCutShort: whether the gate's own limit leaves so little time that running out of it says nothing about the service.
  private func send(_ probe: Probe, within limit: Duration, isCutShort: Bool) async -> Judgement {
    let start = ContinuousClock.now
    do throws(HTTPError) {
      let response = try await answer(probe, within: limit)
      // As the transport's own thread has measured it: that this process was busy is not the service's slowness.
      let ms = (response.timing.total > .zero ? response.timing.total : ContinuousClock.now - start).milliseconds
      // A head that was cut short in its middle has no status.
      guard (100...999).contains(response.status) else {
        return Judgement(probe.route == .api ? .unknown : .failed, "the answer is no HTTP", ms: ms, answered: false)
      }
      return CheckJudge(check: probe.check).judge(response, ms: ms)
    } catch {
      let ms = (ContinuousClock.now - start).milliseconds
      if error.kind == .timedOut, isCutShort { return Judgement(.unknown, "the gate's limit was reached", ms: ms, answered: false) }
      return Judgement(error, route: probe.route, ms: ms)
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
      return try await send(probe, to: url, limits, await addresses.policy(for: url, apiServer: apiServer))
    case .service(let url, let ip): return try await send(probe, to: url, limits, addresses.only(ip))
    }
  }

  /// Never through a proxy: the policy would see the proxy's address instead of the target's.
  private func send(
    _ probe: Probe, to url: String, _ limits: HTTPLimits, _ policy: AddressPolicy
  ) async throws(HTTPError) -> HTTPResponse {
    try await http.send(
      HTTPRequest(
        probe.check.method, url, headers: probe.headers, limits: limits, connection: .fresh, addresses: policy, mayUseProxy: false))
  }
}
