/// One HTTP request and what its answer must be.
package struct HTTPCheck: Sendable, Hashable, Codable {
  /// How the check is called in output; its method and path where the plan gives no name.
  package var name: String
  package var method: String
  /// Path and query, beginning with `/`.
  package var path: String
  package var headers: [String: String]
  /// The status codes that pass.
  package var status: [Int]
  /// Answer headers and the regular expressions that they must match somewhere.
  package var header: [String: String]
  /// A regular expression that the body must match somewhere.
  package var body: String?
  /// JSON pointers (RFC 6901) into the body and the values expected there, as text.
  package var json: [String: String]
  /// The longest time until the whole answer is there, in milliseconds; slower fails.
  package var latencyMs: Int?
  /// When a request is given up, in milliseconds.
  package var timeoutMs: Int
  /// How many times in a row the request must pass.
  package var times: Int

  package init(
    name: String? = nil, method: String = "GET", path: String = "/", headers: [String: String] = [:], status: [Int] = [200],
    header: [String: String] = [:], body: String? = nil, json: [String: String] = [:], latencyMs: Int? = nil, timeoutMs: Int = 5000,
    times: Int = 1
  ) {
    self.name = name ?? "\(method) \(path)"
    self.method = method
    self.path = path
    self.headers = headers
    self.status = status
    self.header = header
    self.body = body
    self.json = json
    self.latencyMs = latencyMs
    self.timeoutMs = timeoutMs
    self.times = times
  }
}

/// What one check found.
package struct CheckResult: Sendable, Hashable, Codable {
  package enum Verdict: String, Sendable, Hashable, Codable {
    case passed
    case failed
    /// The prober could not judge: the name did not resolve, the API server could not be reached, the gate's time was over. Never a pass.
    /// What users would see as well (a refused or broken connection, no answer in time) is `failed`.
    case unknown
  }

  package var name: String
  package var verdict: Verdict
  /// What was seen, for people: `HTTP 500, expected 200`. Already bounded and free of control characters.
  package var detail: String
  /// The slowest of the requests, in milliseconds.
  package var latencyMs: Int
  /// How many requests were made.
  package var requests: Int
  package var route: ProbeRules.Route
  /// Whether the last request got an HTTP answer at all. A check that failed without one may be repeated before exposure, while the data
  /// plane learns of a new Service.
  package var answered: Bool

  package init(
    name: String, verdict: Verdict, detail: String, latencyMs: Int, requests: Int, route: ProbeRules.Route, answered: Bool = true
  ) {
    self.name = name
    self.verdict = verdict
    self.detail = detail
    self.latencyMs = latencyMs
    self.requests = requests
    self.route = route
    self.answered = answered
  }
}
