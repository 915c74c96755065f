import HTTPTransport
import KubernetesClient
import KubernetesModel
import RehearsalCluster
import TestSupport
import Testing

/// One namespace of one cluster, and requests to its API as they go over the wire: nothing between a case and what the server says.
struct ContractBench: Sendable {
  /// Which cluster a case runs against.
  enum Place: Sendable {
    case embedded
    /// The API server that `TAGFLIP_TEST_KUBECONFIG` names.
    case real
  }

  /// Whose request it is.
  enum Caller: Sendable {
    case admin
    /// Known by a token or certificate, and without a right.
    case limited
    /// With a token that nobody gave out.
    case unknown
  }

  let place: Place
  let namespace: String
  /// What `kubectl` is given.
  let kubeconfig: Scratch
  private let access: ClusterAccess
  private let limited: ClusterAccess?
  private let http: HTTPClient
  private let store: ObjectStore?

  /// Runs a case in a namespace of its own, which is deleted afterwards.
  static func run(_ place: Place, _ body: @escaping @Sendable (ContractBench) async throws -> Void) async throws {
    switch place {
    case .embedded:
      var configuration = EmbeddedCluster.Configuration()
      configuration.users = ClusterUsers(tokens: ["limited": ClusterUser(name: "limited")])
      configuration.users.denials = [ClusterUsers.Denial(user: "limited", verb: "*", resource: "*")]
      try await EmbeddedCluster.run(configuration) { cluster in
        let access = ClusterAccess(server: cluster.server)
        let limited = ClusterAccess(server: cluster.server, credentials: .token("limited"))
        try await run(place, access, limited, cluster.store, Array(cluster.kubeconfig.utf8), body)
      }
    case .real:
      let path = try #require(RealCluster.kubeconfig)
      let document = try RealCluster.document(path)
      let limited = try RealCluster.limitedKubeconfig.map { path throws in
        try KubeConfig(document: JSON(parsing: RealCluster.document(path)), path: path).access()
      }
      try await run(place, try KubeConfig(document: JSON(parsing: document), path: path).access(), limited, nil, document, body)
    }
  }

  private static func run(
    _ place: Place, _ access: ClusterAccess, _ limited: ClusterAccess?, _ store: ObjectStore?, _ kubeconfig: [UInt8],
    _ body: @Sendable (ContractBench) async throws -> Void
  ) async throws {
    let name = "contract-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
    let files = try Scratch()
    try files.write("kubeconfig", bytes: kubeconfig)
    let bench = ContractBench(
      place: place, namespace: name, kubeconfig: files, access: access, limited: limited,
      http: HTTPClient(userAgent: "contract/1.0 (linux/amd64)"), store: store)
    try await bench.post("/api/v1/namespaces", #"{"metadata":{"name":"\#(name)"}}"#).expect(201)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(bench))
    } catch {
      result = .failure(error)
    }
    _ = try? await bench.delete("/api/v1/namespaces/\(name)")
    try result.get()
  }

  /// A client as the bot has it.
  var client: KubernetesClient { KubernetesClient(access: access, http: http) }

  /// Makes the cluster forget all that watches and lists could look back on. Only the embedded one can be told to.
  func compact() { store?.compact() }
}

// Requests.
extension ContractBench {
  static let groups = [
    "deployments": "apps", "replicasets": "apps", "statefulsets": "apps", "jobs": "batch", "cronjobs": "batch",
    "leases": "coordination.k8s.io", "endpointslices": "discovery.k8s.io", "poddisruptionbudgets": "policy",
  ]

  /// A path of the API: as it is where it begins with a slash; else that of a kind's plural, with all that follows, in the case's namespace.
  func path(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    let plural = path.split { $0 == "/" || $0 == "?" }.first.map(String.init) ?? ""
    if plural == "horizontalpodautoscalers" { return "/apis/autoscaling/v2/namespaces/\(namespace)/\(path)" }
    return Self.groups[plural].map { "/apis/\($0)/v1/namespaces/\(namespace)/\(path)" } ?? "/api/v1/namespaces/\(namespace)/\(path)"
  }

  func request(
    _ method: String, _ target: String, _ body: String = "", type: String? = nil, accept: String = "application/json",
    by caller: Caller = .admin, headers: [String: String] = [:], seconds: Int = 30
  ) throws -> HTTPRequest {
    let shown = caller == .limited ? try #require(limited) : access
    let limits = HTTPLimits(total: .seconds(seconds))
    var request = HTTPRequest(
      method, shown.server + path(target), headers: [HTTPHeader("Accept", accept)], body: Array(body.utf8), limits: limits, tls: shown.tls)
    if let type { request.headers.append(HTTPHeader("Content-Type", type)) }
    for (name, value) in headers { request.headers.append(HTTPHeader(name, value)) }
    switch (caller, shown.credentials) {
    case (.unknown, _):
      (request.tls.clientCertificate, request.tls.clientKey) = (nil, nil)
      request.headers.append(HTTPHeader("Authorization", "Bearer nobody-gave-this-out"))
    case (_, .token(let token)): request.headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
    case (_, .none): break
    case (_, let other): throw BenchFailure(description: "the suite shows tokens and certificates, not \(other)")
    }
    return request
  }

  /// Sends a request and answers what came, whatever its status.
  func send(
    _ method: String, _ target: String, _ body: String = "", type: String? = nil, accept: String = "application/json",
    by caller: Caller = .admin, headers: [String: String] = [:]
  ) async throws -> ContractAnswer {
    let request = try request(method, target, body, type: type, accept: accept, by: caller, headers: headers)
    return ContractAnswer(bench: self, attempted: "\(method) \(target)", response: try await http.send(request))
  }

  func get(_ target: String, accept: String = "application/json", by caller: Caller = .admin) async throws -> ContractAnswer {
    try await send("GET", target, accept: accept, by: caller)
  }

  @discardableResult
  func post(_ target: String, _ body: String, type: String? = "application/json", by caller: Caller = .admin) async throws
    -> ContractAnswer
  { try await send("POST", target, body, type: type, by: caller) }

  @discardableResult
  func put(_ target: String, _ body: String) async throws -> ContractAnswer {
    try await send("PUT", target, body, type: "application/json")
  }

  func delete(_ target: String, _ body: String = "") async throws -> ContractAnswer {
    try await send("DELETE", target, body, type: body.isEmpty ? nil : "application/json")
  }

  enum Patch: String {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"
  }

  @discardableResult
  func patch(_ kind: Patch, _ target: String, _ body: String, by caller: Caller = .admin) async throws -> ContractAnswer {
    try await send("PATCH", target, body, type: kind.rawValue, by: caller)
  }

  /// A server-side apply.
  @discardableResult
  func apply(_ target: String, by manager: String, _ body: String, _ options: String = "") async throws -> ContractAnswer {
    try await patch(.apply, "\(target)?fieldManager=\(manager)\(options)", body)
  }
}

// What takes its time.
extension ContractBench {
  /// Asks until the answer is as wanted.
  @discardableResult
  func eventually(
    _ target: String, sourceLocation: SourceLocation = #_sourceLocation, _ isAsWanted: (JSON) -> Bool
  ) async throws -> JSON {
    let limit = ContinuousClock.now + .seconds(60)
    while true {
      let answer = try await get(target)
      if answer.status < 300, isAsWanted(answer.json) { return answer.json }
      try #require(ContinuousClock.now < limit, "\(target) is still \(answer.text)", sourceLocation: sourceLocation)
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Asks until an object is gone.
  func eventuallyGone(_ target: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let limit = ContinuousClock.now + .seconds(60)
    while try await get(target).status != 404 {
      try #require(ContinuousClock.now < limit, "\(target) is still there", sourceLocation: sourceLocation)
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The events of a watch up to one that ends it, or up to the server's end.
  /// - Parameter meanwhile: what is done once the watch is open.
  func watch(
    _ target: String, accept: String = "application/json", until isLast: @Sendable (JSON) -> Bool = { _ in false },
    meanwhile: @Sendable () async throws -> Void = {}
  ) async throws -> [JSON] {
    let stream = try await http.open(try request("GET", target, accept: accept, seconds: 90))
    try #require(stream.head.status == 200, "\(target): \(stream.head.status)")
    try await meanwhile()
    var events: [JSON] = []
    var rest: [UInt8] = []
    while let chunk = try await stream.next() {
      rest += chunk
      while let end = rest.firstIndex(of: 0x0A) {
        let event = try JSON(parsing: Array(rest[..<end]))
        rest.removeFirst(end + 1)
        events.append(event)
        if isLast(event) { return events }
      }
    }
    return events
  }
}

/// What an API server answered, with what a case demands of it.
struct ContractAnswer: Sendable {
  let bench: ContractBench
  let attempted: String
  let response: HTTPResponse

  var status: Int { response.status }
  var text: String { String(decoding: response.body, as: UTF8.self) }
  var json: JSON { (try? JSON(parsing: response.body)) ?? .null }
  var version: String { json.resourceVersion ?? "" }
  var contentType: String { response.head["Content-Type"] ?? "" }
  /// Every `Warning` header's text.
  var warnings: [String] { response.head.headers.filter { $0.name.lowercased() == "warning" }.map(\.value) }

  /// Demands a status and, of a `Status` object, its reason and message.
  /// - Parameters:
  ///   - message: the whole of it; `NS` stands for the case's namespace.
  ///   - mentions: parts of it, where the rest is how Go words what it could not read.
  @discardableResult
  func expect(
    _ status: Int, _ reason: String? = nil, _ message: String? = nil, mentions: [String] = [], details: JSON? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ContractAnswer {
    #expect(self.status == status, "\(attempted): \(text.prefix(2000))", sourceLocation: sourceLocation)
    let json = json
    if status >= 400, reason != nil || message != nil {
      #expect(json["kind"] == "Status" && json["status"] == "Failure", "\(text.prefix(500))", sourceLocation: sourceLocation)
      #expect(json["code"]?.int == status, "\(text.prefix(500))", sourceLocation: sourceLocation)
    }
    if let reason { #expect(json["reason"]?.string ?? "" == reason, "\(attempted): \(text.prefix(2000))", sourceLocation: sourceLocation) }
    if let message {
      #expect(json["message"]?.string == message.replacing("NS", with: bench.namespace), sourceLocation: sourceLocation)
    }
    for part in mentions {
      #expect(
        json["message"]?.string?.contains(part.replacing("NS", with: bench.namespace)) == true, "\(text.prefix(2000))",
        sourceLocation: sourceLocation)
    }
    if let details { #expect(json["details"] == details, sourceLocation: sourceLocation) }
    return self
  }

  /// Demands a value at a path of keys; nil where there must be none.
  @discardableResult
  func expect(_ path: String..., is value: JSON?, sourceLocation: SourceLocation = #_sourceLocation) -> ContractAnswer {
    #expect(json[path: path[...]] == value, "\(attempted): \(path.joined(separator: "."))", sourceLocation: sourceLocation)
    return self
  }
}

/// Why a case could not be tried.
struct BenchFailure: Error, CustomStringConvertible {
  var description: String
}
