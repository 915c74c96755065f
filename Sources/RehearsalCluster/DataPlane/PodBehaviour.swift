package import KubernetesModel

/// What a pod's app is told to do, so that bad releases can be had on demand.
///
/// Knobs are read from the image tag of the first container, then from its environment (`FAKE_ERROR_RATE`), then from the pod's
/// annotations (`fake/error-rate`); the later ones win. Faults begin when all `bad-after-…` conditions hold, at once if there are none.
package struct PodBehaviour: Sendable, Hashable {
  /// What the app calls itself in its answers.
  package private(set) var version = ""
  package private(set) var color = ""
  package private(set) var service = ""
  /// Whether the pod stays Pending in ContainerCreating.
  package private(set) var pending = false
  /// Whether the image cannot be pulled.
  package private(set) var imagePullError = false
  /// From scheduling until the container runs, as a slow image pull.
  package private(set) var startDelay = Duration.zero
  /// From the container's start until the app answers its probe paths with 200.
  package private(set) var readyDelay = Duration.milliseconds(200)
  /// Whether the probe paths answer 503 for good.
  package private(set) var neverReady = false
  /// The faults begin so long after the container's start.
  package private(set) var badAfter = Duration.zero
  /// The faults begin once so many requests were served, probes not counted.
  package private(set) var badAfterRequests = 0
  /// The faults begin once so many requests were served that are not smoke tests.
  package private(set) var badAfterRealRequests = 0
  /// The share of requests, 0 to 1, that a bad app answers with `errorStatus`.
  package private(set) var errorRate = 0.0
  /// The status of a bad app's errors.
  package private(set) var errorStatus = 500
  /// The share of requests, 0 to 1, whose connection a bad app resets without an answer.
  package private(set) var resetRate = 0.0
  /// How long a bad app delays every answer.
  package private(set) var latency = Duration.zero
  /// Whether a bad app answers its probe paths with 503.
  package private(set) var unready = false
  /// Whether the container exits when the app goes bad, again after each restart.
  package private(set) var crash = false
  /// Whether the container exits 0.3 s after each start.
  package private(set) var crashloop = false
  /// The container is OOMKilled so long after each start; nil for never.
  package private(set) var oomAfter: Duration?
  /// The restart back-off after the second exit; it doubles with each further one.
  package private(set) var backoff = Duration.seconds(2)
  /// From SIGTERM until the app stops accepting connections.
  package private(set) var terminationDelay = Duration.milliseconds(100)
  /// Whether the app serves until its grace period is over and it is killed.
  package private(set) var ignoreTermination = false
  /// How long a container that is to end, of a Job, runs without a built-in command.
  package private(set) var succeedAfter = Duration.milliseconds(300)
  /// The exit code of crashes; `exitCodeIsGiven` tells whether a Job's container exits with it too.
  package private(set) var exitCode = 1
  /// A regular expression: a request whose User-Agent has a match is a smoke test.
  package private(set) var smokeAgent = "(?i)tagflip|smoke"

  /// The knobs that were turned with a value that fits.
  package private(set) var given: Set<Knob> = []
  /// Knobs that do not exist and values that do not fit, as `name=value`, sorted; they have no effect.
  package private(set) var problems: [String] = []

  /// Whether a fault was asked for.
  package var hasFaults: Bool { !given.isDisjoint(with: Knob.faults) }
  /// Whether `exit-code` was given rather than being the default.
  package var exitCodeIsGiven: Bool { given.contains(.exitCode) }

  /// The behaviour of a pod whose first container has this environment.
  package init(pod: JSON, environment: [String: String]) {
    let tag = ImageTag(reference: pod["spec", "containers"]?[0]?["image"]?.string ?? "")
    var wanted = tag.knobs
    for (name, value) in environment where name.hasPrefix("FAKE_") { wanted[Self.knobName(ofVariable: name)] = value }
    for (name, value) in pod["metadata", "annotations"]?.object ?? [:] where name.hasPrefix("fake/") {
      wanted[String(name.dropFirst("fake/".count))] = value.string ?? ""
    }
    for (name, value) in wanted { turn(name, to: value) }
    problems.sort()
    let labels = pod["metadata", "labels"]
    let label = { (names: [String]) in names.lazy.compactMap { labels?[$0]?.string }.first }
    version = [version, environment["VERSION"] ?? ""].first { !$0.isEmpty } ?? tag.text
    color = [color, environment["COLOR"] ?? ""].first { !$0.isEmpty } ?? label(["tagflip.dev/color", "color"]) ?? ""
    service = [service, environment["SERVICE"] ?? ""].first { !$0.isEmpty } ?? label(["app.kubernetes.io/name", "app"]) ?? ""
  }

  private static func knobName(ofVariable name: String) -> String {
    String(name.dropFirst("FAKE_".count).lowercased().map { $0 == "_" ? "-" : $0 })
  }

  private mutating func turn(_ name: String, to value: String) {
    guard let knob = Knob(rawValue: name), set(knob, to: value) else {
      problems.append("\(name)=\(value)")
      return
    }
    given.insert(knob)
  }

  /// Whether the value fits the knob; if not, nothing changes.
  private mutating func set(_ knob: Knob, to text: String) -> Bool {
    let second = Duration.seconds(1)
    let millisecond = Duration.milliseconds(1)
    switch knob {
    case .version: version = text
    case .color: color = text
    case .service: service = text
    case .pending: return assign(\.pending, KnobValue.flag(text))
    case .imagePullError: return assign(\.imagePullError, KnobValue.flag(text))
    case .startDelay: return assign(\.startDelay, KnobValue.duration(text, unit: millisecond))
    case .readyDelay: return assign(\.readyDelay, KnobValue.duration(text, unit: millisecond))
    case .neverReady: return assign(\.neverReady, KnobValue.flag(text))
    case .badAfter: return assign(\.badAfter, KnobValue.duration(text, unit: second))
    case .badAfterRequests: return assign(\.badAfterRequests, KnobValue.count(text))
    case .badAfterRealRequests: return assign(\.badAfterRealRequests, KnobValue.count(text))
    case .errorRate: return assign(\.errorRate, KnobValue.share(text))
    case .errorStatus: return assign(\.errorStatus, KnobValue.status(text))
    case .resetRate: return assign(\.resetRate, KnobValue.share(text))
    case .latency: return assign(\.latency, KnobValue.duration(text, unit: millisecond))
    case .unready: return assign(\.unready, KnobValue.flag(text))
    case .crash: return assign(\.crash, KnobValue.flag(text))
    case .crashloop: return assign(\.crashloop, KnobValue.flag(text))
    case .oomAfter: return assign(\.oomAfter, KnobValue.duration(text, unit: second).map { $0 == .zero ? nil : $0 })
    case .backoff: return assign(\.backoff, KnobValue.duration(text, unit: second))
    case .terminationDelay: return assign(\.terminationDelay, KnobValue.duration(text, unit: millisecond))
    case .ignoreTermination: return assign(\.ignoreTermination, KnobValue.flag(text))
    case .succeedAfter: return assign(\.succeedAfter, KnobValue.duration(text, unit: millisecond))
    case .exitCode: return assign(\.exitCode, KnobValue.count(text).flatMap { (0...255).contains($0) ? $0 : nil })
    case .smokeAgent: return assign(\.smokeAgent, KnobValue.pattern(text))
    }
    return true
  }

  private mutating func assign<Value>(_ property: WritableKeyPath<PodBehaviour, Value>, _ value: Value?) -> Bool {
    guard let value else { return false }
    self[keyPath: property] = value
    return true
  }
}
