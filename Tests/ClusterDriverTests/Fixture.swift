import Digests
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

/// What the tests release: a service `web` in a namespace, with objects written as JSON.
enum Fixture {
  static let rollout = RolloutID(random: 0x1122_3344_5566_7788)
  static let otherRollout = RolloutID(random: 0x99)
  static let image = "registry.example/web"

  static func version(_ text: String = "1.4.0") throws -> Version { try #require(Version(text)) }

  static func target(_ namespace: String = "shop") throws -> ServiceTarget {
    ServiceTarget(
      service: try #require(ServiceName("web")), cluster: "test", namespace: namespace, activeService: "web", previewService: "web-preview")
  }

  static func blueprint(
    _ objects: [JSON], namespace: String = "shop", images: [ImageRule] = [ImageRule(name: image, tag: "{version}")],
    version: String = "1.4.0", runs: [RunRule]? = nil, identity: PodIdentity? = nil
  ) throws -> Blueprint {
    let manifests = objects.enumerated().map { index, json in
      Manifest(
        kind: "\(json["apiVersion"]?.string ?? "")/\(json["kind"]?.string ?? "")", name: json.name, bytes: json.bytes,
        source: SourceLocation(file: "services/web/manifests/all.yaml", line: index * 10 + 1))
    }
    let plan = ServicePlan(
      service: try #require(ServiceName("web")), namespace: namespace, activeService: "web", previewService: "web-preview", images: images,
      runs: runs,
      identity: identity)
    let digest = Digest(of: [])
    return Blueprint(
      plan: plan, version: try self.version(version), manifests: manifests,
      sources: SourceDigests(settings: digest, template: nil, plan: digest))
  }

  static func render(
    _ objects: [JSON], _ color: Color = .green, namespace: String = "shop", version: String = "1.4.0", runs: [RunRule]? = nil,
    identity: PodIdentity? = nil
  ) throws -> Environment {
    try EnvironmentRenderer().render(
      try blueprint(objects, namespace: namespace, version: version, runs: runs, identity: identity), color: color)
  }

  static func changed(_ json: JSON, _ change: (inout JSON) -> Void) -> JSON {
    var json = json
    change(&json)
    return json
  }

  // What acts without the Service.
  static let worker = deployment("worker", replicas: 2)
  static let nightly: JSON = [
    "apiVersion": "batch/v1", "kind": "CronJob", "metadata": ["name": "nightly"],
    "spec": [
      "schedule": "0 3 * * *",
      "jobTemplate": [
        "spec": [
          "template": [
            "metadata": ["labels": ["app": "nightly"]],
            "spec": [
              "restartPolicy": "Never", "serviceAccountName": "web",
              "containers": [["name": "nightly", "image": .string("\(image):0"), "envFrom": [["configMapRef": ["name": "web"]]]]],
            ],
          ]
        ]
      ],
    ],
  ]
  static func migration(_ command: String = "succeed") -> JSON {
    [
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "migrate"],
      "spec": [
        "backoffLimit": 0,
        "template": [
          "metadata": ["labels": ["app": "migrate"]],
          "spec": [
            "restartPolicy": "Never",
            "containers": [["name": "migrate", "image": .string("\(image):0"), "command": [.string(command)]]],
          ],
        ],
      ],
    ]
  }
  static let runs = [
    RunRule(kind: .deployment, name: "worker", runs: .whenActive), RunRule(kind: .cronJob, name: "nightly", runs: .whenActive),
    RunRule(kind: .job, name: "migrate", runs: .beforeCutover),
  ]

  /// A Deployment whose pods serve on a port named http.
  static func deployment(_ name: String = "web", replicas: Int? = 2, edit: (inout JSON) -> Void = { _ in }) -> JSON {
    let container: JSON = [
      "name": "web", "image": .string("\(image):0"), "ports": [["name": "http", "containerPort": 8080]],
      "readinessProbe": ["httpGet": ["path": "/readyz", "port": "http"], "periodSeconds": 1],
    ]
    var json: JSON = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "selector": ["matchLabels": ["app": .string(name)]],
        "template": ["metadata": ["labels": ["app": .string(name)]], "spec": ["containers": [container]]],
      ],
    ]
    if let replicas { json["spec", "replicas"] = JSON(replicas) }
    edit(&json)
    return json
  }

  static func configMap(_ name: String = "web", data: [String: String] = ["GREETING": "hello"]) -> JSON {
    ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": JSON(data)]
  }

  static func secret(_ name: String = "web", password: String = "correct horse") -> JSON {
    ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name)], "stringData": ["password": .string(password)]]
  }

  static func autoscaler(_ target: String = "web", minimum: Int = 2, maximum: Int = 5) -> JSON {
    [
      "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "web"],
      "spec": [
        "minReplicas": JSON(minimum), "maxReplicas": JSON(maximum),
        "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": .string(target)],
      ],
    ]
  }

  static func budget(selecting labels: [String: String] = ["app": "web"]) -> JSON {
    [
      "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": "web"],
      "spec": ["maxUnavailable": 1, "selector": ["matchLabels": JSON(labels)]],
    ]
  }

  static func innerService(_ name: String = "web-admin") -> JSON {
    [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name)],
      "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]],
    ]
  }

  static func serviceAccount(_ name: String = "web") -> JSON {
    ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": .string(name)]]
  }

  /// The Service that users reach.
  static func activeService(_ color: String = "none") -> JSON {
    [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
      "spec": [
        "selector": ["app": "web", Label.color: .string(color)], "ports": [["name": "http", "port": 80, "targetPort": "http"]],
      ],
    ]
  }
}

extension Environment {
  /// The rendered object of a kind and name.
  func json(_ kind: String, _ name: String) throws -> JSON {
    let manifest = try #require(objects.first { $0.kind.hasSuffix("/\(kind)") && $0.name == name })
    return try JSON(parsing: manifest.bytes)
  }
}

/// A clock that goes by itself.
struct RealClock: RunClock {
  private let start = ContinuousClock().now

  var isStopping: Bool { false }

  var elapsed: Duration { ContinuousClock().now - start }

  func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }
}
