import KubernetesModel

/// Whether a running pod is ready, as its readiness probe finds; a value that says when to probe and is told what came of it.
struct Readiness {
  /// What a probe does.
  enum Check: Equatable {
    case http(path: String, port: Int)
    case tcp(port: Int)
    /// Without a probe, and for kinds that cannot be carried out here, a pod that runs is ready.
    case none
  }

  let check: Check
  /// Paths that the probe asks for, which the app must answer by health; `/` only to the kubelet.
  let probePaths: Set<String>
  let timeout: Duration
  private let period: Duration
  private let initialDelay: Duration
  private let successThreshold: Int
  private let failureThreshold: Int
  private(set) var isReady = false
  /// The uptime of the next probe; nil when none is to come.
  private(set) var nextProbe: Duration?
  private var last: Bool?
  private var row = 0

  init(pod: JSON) {
    let probe = pod["spec", "containers"]?[0]?["readinessProbe"]
    check = Self.check(of: probe, pod: pod)
    if case .http(let path, _) = check, path != "/" { probePaths = [String(path.prefix { $0 != "?" })] } else { probePaths = [] }
    timeout = .seconds(probe?["timeoutSeconds"]?.int ?? 1)
    period = .seconds(probe?["periodSeconds"]?.int ?? 10)
    initialDelay = .seconds(probe?["initialDelaySeconds"]?.int ?? 0)
    successThreshold = probe?["successThreshold"]?.int ?? 1
    failureThreshold = probe?["failureThreshold"]?.int ?? 3
  }

  private static func check(of probe: JSON?, pod: JSON) -> Check {
    let named = (pod["spec", "containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
    let number = { (port: JSON?) -> Int in
      port?.int ?? named.first { $0["name"] == port }?["containerPort"]?.int ?? port?.string.flatMap { Int($0) } ?? 0
    }
    if let http = probe?["httpGet"] { return .http(path: http["path"]?.string ?? "/", port: number(http["port"])) }
    if let tcp = probe?["tcpSocket"] { return .tcp(port: number(tcp["port"])) }
    return .none
  }

  /// The container runs: the first probe comes once the app says that it is up.
  mutating func started(at now: Duration, readyDelay: Duration) {
    (isReady, last, row) = (false, nil, 0)
    nextProbe = now + max(readyDelay, initialDelay)
  }

  /// The container does not run any more.
  mutating func stopped() {
    (isReady, nextProbe) = (false, nil)
  }

  /// A probe came back; enough of the same in a row change the readiness.
  mutating func probed(passed: Bool, at now: Duration) {
    row = passed == last ? row + 1 : 1
    last = passed
    if passed != isReady, row >= (passed ? successThreshold : failureThreshold) { isReady = passed }
    nextProbe = check == .none && passed ? nil : now + period
  }

  /// No further probe is due until the one under way comes back.
  mutating func probing() { nextProbe = nil }
}
