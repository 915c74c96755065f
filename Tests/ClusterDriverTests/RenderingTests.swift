import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

@Suite struct RenderingTests {
  // Every place in a pod where one object of the environment names another, and what must stand there in green.
  struct Reference: Sendable, CustomStringConvertible {
    let path: String
    let spec: JSON
    let expected: JSON

    var description: String { path }
  }

  static let references: [Reference] = [
    Reference(
      path: "env.valueFrom.configMapKeyRef",
      spec: ["containers": [["name": "a", "env": [["name": "X", "valueFrom": ["configMapKeyRef": ["name": "web", "key": "k"]]]]]]],
      expected: [
        "containers": [["name": "a", "env": [["name": "X", "valueFrom": ["configMapKeyRef": ["name": "web-green", "key": "k"]]]]]]
      ]),
    Reference(
      path: "env.valueFrom.secretKeyRef in an init container",
      spec: ["initContainers": [["name": "a", "env": [["name": "X", "valueFrom": ["secretKeyRef": ["name": "web", "key": "k"]]]]]]],
      expected: [
        "initContainers": [["name": "a", "env": [["name": "X", "valueFrom": ["secretKeyRef": ["name": "web-green", "key": "k"]]]]]]
      ]),
    Reference(
      path: "envFrom",
      spec: ["containers": [["envFrom": [["configMapRef": ["name": "web"]], ["secretRef": ["name": "web"]]]]]],
      expected: ["containers": [["envFrom": [["configMapRef": ["name": "web-green"]], ["secretRef": ["name": "web-green"]]]]]]),
    Reference(
      path: "volumes",
      spec: ["volumes": [["name": "web", "configMap": ["name": "web"]], ["name": "s", "secret": ["secretName": "web"]]]],
      expected: ["volumes": [["name": "web", "configMap": ["name": "web-green"]], ["name": "s", "secret": ["secretName": "web-green"]]]]),
    Reference(
      path: "projected volumes",
      spec: ["volumes": [["name": "p", "projected": ["sources": [["configMap": ["name": "web"]], ["secret": ["name": "web"]]]]]]],
      expected: [
        "volumes": [["name": "p", "projected": ["sources": [["configMap": ["name": "web-green"]], ["secret": ["name": "web-green"]]]]]]
      ]),
    Reference(
      path: "csi and other volumes with a secretRef",
      spec: ["volumes": [["csi": ["nodePublishSecretRef": ["name": "web"]]], ["cephfs": ["secretRef": ["name": "web"]]]]],
      expected: ["volumes": [["csi": ["nodePublishSecretRef": ["name": "web-green"]]], ["cephfs": ["secretRef": ["name": "web-green"]]]]]),
    Reference(
      path: "imagePullSecrets", spec: ["imagePullSecrets": [["name": "web"]]], expected: ["imagePullSecrets": [["name": "web-green"]]]),
    Reference(
      path: "names that are somebody else's stay",
      spec: ["containers": [["envFrom": [["configMapRef": ["name": "shared"]]]]], "volumes": [["secret": ["secretName": "tls"]]]],
      expected: ["containers": [["envFrom": [["configMapRef": ["name": "shared"]]]]], "volumes": [["secret": ["secretName": "tls"]]]]),
    Reference(
      path: "a ServiceAccount keeps its name", spec: ["serviceAccountName": "web"], expected: ["serviceAccountName": "web"]),
    Reference(
      path: "values that look like a name stay",
      spec: ["containers": [["args": ["web"], "env": [["name": "NAME", "value": "web"]]]]],
      expected: ["containers": [["args": ["web"], "env": [["name": "NAME", "value": "web"]]]]]),
    Reference(
      path: "pod anti-affinity among its own pods",
      spec: [
        "affinity": [
          "podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [["labelSelector": ["matchLabels": ["app": "web"]]]]]
        ]
      ],
      expected: [
        "affinity": [
          "podAntiAffinity": [
            "requiredDuringSchedulingIgnoredDuringExecution": [
              ["labelSelector": ["matchLabels": ["app": "web", "tagflip.dev/color": "green"]]]
            ]
          ]
        ]
      ]),
    Reference(
      path: "preferred affinity with expressions",
      spec: [
        "affinity": [
          "podAffinity": [
            "preferredDuringSchedulingIgnoredDuringExecution": [
              [
                "weight": 1,
                "podAffinityTerm": [
                  "labelSelector": ["matchExpressions": [["key": "app", "operator": "In", "values": ["web", "api"]]]]
                ],
              ]
            ]
          ]
        ]
      ],
      expected: [
        "affinity": [
          "podAffinity": [
            "preferredDuringSchedulingIgnoredDuringExecution": [
              [
                "weight": 1,
                "podAffinityTerm": [
                  "labelSelector": [
                    "matchExpressions": [["key": "app", "operator": "In", "values": ["web", "api"]]],
                    "matchLabels": ["tagflip.dev/color": "green"],
                  ]
                ],
              ]
            ]
          ]
        ]
      ]),
    Reference(
      path: "affinity to other pods, or in other namespaces, stays",
      spec: [
        "affinity": [
          "podAffinity": [
            "requiredDuringSchedulingIgnoredDuringExecution": [
              ["labelSelector": ["matchLabels": ["app": "cache"]]],
              ["labelSelector": ["matchLabels": ["app": "web"]], "namespaces": ["elsewhere"]],
              ["labelSelector": ["matchLabels": ["app": "web"]], "namespaceSelector": [:]],
            ]
          ]
        ]
      ],
      expected: [
        "affinity": [
          "podAffinity": [
            "requiredDuringSchedulingIgnoredDuringExecution": [
              ["labelSelector": ["matchLabels": ["app": "cache"]]],
              ["labelSelector": ["matchLabels": ["app": "web"]], "namespaces": ["elsewhere"]],
              ["labelSelector": ["matchLabels": ["app": "web"]], "namespaceSelector": [:]],
            ]
          ]
        ]
      ]),
    Reference(
      path: "topology spread",
      spec: ["topologySpreadConstraints": [["maxSkew": 1, "labelSelector": ["matchLabels": ["app": "web"]]]]],
      expected: [
        "topologySpreadConstraints": [["maxSkew": 1, "labelSelector": ["matchLabels": ["app": "web", "tagflip.dev/color": "green"]]]]
      ]),
  ]

  @Test("A reference among the environment's own objects follows the color", arguments: references)
  func reference(_ reference: Reference) throws {
    let deployment = Fixture.deployment { json in
      for (key, value) in reference.spec.object ?? [:] { json["spec", "template", "spec", key] = value }
      // Whatever the case replaces, one container must run the plan's image.
      json["spec", "template", "spec", "containers"] = .array(
        (reference.spec["containers"]?.array ?? []) + [["name": "z", "image": "registry.example/web:0"]])
    }
    let environment = try Fixture.render([deployment, Fixture.configMap(), Fixture.secret(), Fixture.serviceAccount()])
    let spec = try environment.json("Deployment", "web-green")["spec", "template", "spec"]
    for (key, value) in reference.expected.object ?? [:] {
      let found = key == "containers" ? spec?[key]?.array.map { .array(Array($0.dropLast())) } : spec?[key]
      #expect(found == value)
    }
  }

  @Test func `The color enters names, labels and every selector over the color's pods`() throws {
    let environment = try Fixture.render([
      Fixture.deployment(), Fixture.configMap(), Fixture.autoscaler(), Fixture.budget(), Fixture.innerService(), Fixture.serviceAccount(),
    ])
    let colored: JSON = ["app": "web", "tagflip.dev/color": "green"]
    let deployment = try environment.json("Deployment", "web-green")
    #expect(deployment["spec", "selector", "matchLabels"] == colored)
    #expect(
      deployment["spec", "template", "metadata", "labels"] == ["app": "web", "tagflip.dev/color": "green", "tagflip.dev/service": "web"])
    #expect(deployment.labels == ["tagflip.dev/color": "green", "tagflip.dev/service": "web"])
    #expect(deployment.annotations == ["tagflip.dev/version": "1.4.0"])
    #expect(deployment["spec", "replicas"] == nil)
    #expect(try environment.json("PodDisruptionBudget", "web-green")["spec", "selector", "matchLabels"] == colored)
    #expect(try environment.json("Service", "web-admin-green")["spec", "selector"] == colored)
    #expect(try environment.json("HorizontalPodAutoscaler", "web-green")["spec", "scaleTargetRef", "name"] == "web-green")
    #expect(try environment.json("ConfigMap", "web-green")["data"] == ["GREETING": "hello"])
    #expect(try environment.json("ServiceAccount", "web").labels == [:])
    for manifest in environment.objects { #expect(try JSON(parsing: manifest.bytes).namespace == "shop") }
    #expect(
      environment.workloads == [
        Workload(
          name: "web", replicas: 2, autoscaled: true, images: ["registry.example/web:1.4.0"],
          containers: ["web": "registry.example/web:1.4.0"])
      ])
    #expect(environment.pullSecrets.isEmpty)
  }

  @Test func `The same blueprint gives the same bytes, in whatever order it was written`() throws {
    let objects = [Fixture.deployment(), Fixture.configMap(), Fixture.secret(), Fixture.budget()]
    #expect(try Fixture.render(objects).objects.map(\.digest) == Fixture.render(objects.reversed()).objects.map(\.digest))
    #expect(try Fixture.render(objects, .blue).objects.map(\.digest) != Fixture.render(objects, .green).objects.map(\.digest))
  }

  // name of the image in the manifest, rule, what runs
  static let images: [(String, ImageRule, String)] = [
    ("registry.example/web:0", ImageRule(name: "registry.example/web", tag: "v{version}"), "registry.example/web:v1.4.0"),
    ("registry.example/web", ImageRule(name: "registry.example/web", tag: "{version}-slim"), "registry.example/web:1.4.0-slim"),
    ("registry.example:5000/web:0", ImageRule(name: "registry.example:5000/web", tag: "{version}"), "registry.example:5000/web:1.4.0"),
    (
      "registry.example/web@sha256:\(String(repeating: "a", count: 64))",
      ImageRule(name: "registry.example/web", digest: "sha256:\(String(repeating: "b", count: 64))"),
      "registry.example/web@sha256:\(String(repeating: "b", count: 64))"
    ),
  ]

  @Test("Images are set by name, structurally", arguments: images)
  func image(_ written: String, _ rule: ImageRule, _ expected: String) throws {
    let deployment = Fixture.deployment { json in
      json["spec", "template", "spec", "containers"] = [
        ["name": "a", "image": .string(written), "args": ["registry.example/web:0"]],
        ["name": "b", "image": "registry.example/web-proxy:7"],
      ]
      json["spec", "template", "spec", "initContainers"] = [["name": "i", "image": .string(written)]]
    }
    let environment = try EnvironmentRenderer().render(try Fixture.blueprint([deployment], images: [rule]), color: .green)
    let spec = try environment.json("Deployment", "web-green")["spec", "template", "spec"]
    #expect(spec?["containers"]?[0]?["image"]?.string == expected)
    #expect(spec?["containers"]?[0]?["args"] == ["registry.example/web:0"])
    #expect(spec?["containers"]?[1]?["image"] == "registry.example/web-proxy:7")
    #expect(spec?["initContainers"]?[0]?["image"]?.string == expected)
    #expect(environment.workloads.first?.images == [expected, "registry.example/web-proxy:7"])
  }

  @Test func `What registries have resolved gets its digest, by the name that the plan's rules gave it`() throws {
    let digest = "sha256:\(String(repeating: "a", count: 64))"
    let deployment = Fixture.deployment { json in
      json["spec", "template", "spec", "containers"] = [
        ["name": "a", "image": "registry.example/web:0"], ["name": "b", "image": "registry.example/proxy"],
        ["name": "c", "image": .string("registry.example/pinned@\(digest)")],
      ]
      json["spec", "template", "spec", "initContainers"] = [["name": "i", "image": "registry.example/web:0"]]
    }
    var blueprint = try Fixture.blueprint([deployment])
    // The image as the manifest has it is not what runs, and its pin changes nothing.
    blueprint.pins = [
      "registry.example/web:1.4.0": "registry.example/web:1.4.0@\(digest)", "registry.example/proxy": "registry.example/proxy@\(digest)",
      "registry.example/web:0": "wrong",
    ]
    let environment = try EnvironmentRenderer().render(blueprint, color: .green)
    #expect(
      environment.workloads.first?.containers == [
        "a": "registry.example/web:1.4.0@\(digest)", "b": "registry.example/proxy@\(digest)", "c": "registry.example/pinned@\(digest)",
        "i": "registry.example/web:1.4.0@\(digest)",
      ])
    let spec = try environment.json("Deployment", "web-green")["spec", "template", "spec"]
    #expect(spec?["containers"]?[0]?["image"]?.string == "registry.example/web:1.4.0@\(digest)")
    // Who goes on with the rollout renders the same from the plan alone.
    let plan = CutoverPlan(
      installation: "test", cluster: "test",
      tag: ReleaseTag(service: blueprint.plan.service, version: blueprint.version, name: "web/v1.4.0", object: "x"),
      commit: "c", from: nil, fromVersion: nil, to: .green, attempt: CutoverPlan.firstAttempt, environment: environment, imageParts: [:],
      settings: blueprint.plan, sources: blueprint.sources)
    var again = try Fixture.blueprint([deployment])
    again.pins = plan.pins
    #expect(try EnvironmentRenderer().render(again, color: .green).objects.map(\.digest) == environment.objects.map(\.digest))
  }

  @Test func `Pull secrets are those of the pods, then those of their ServiceAccounts, with what the environment itself makes`() throws {
    let deployment = Fixture.deployment {
      $0["spec", "template", "spec", "imagePullSecrets"] = [["name": "made"], ["name": "outside"], ["name": "opaque"]]
    }
    var made = Fixture.secret("made")
    made["type"] = "kubernetes.io/dockerconfigjson"
    made["stringData"] = [".dockerconfigjson": "{\"auths\":{}}"]
    var coded = Fixture.secret("coded")
    coded["type"] = "kubernetes.io/dockerconfigjson"
    coded["stringData"] = nil
    coded["data"] = [".dockerconfigjson": "e30="]
    var account = Fixture.serviceAccount()
    account["imagePullSecrets"] = [["name": "outside"], ["name": "shared"]]
    let second = Fixture.deployment("worker") { json in
      json["spec", "template", "spec", "imagePullSecrets"] = [["name": "coded"], ["name": "made"]]
    }
    let environment = try Fixture.render([deployment, second, made, coded, Fixture.secret("opaque"), account])
    #expect(
      environment.pullSecrets == [
        PullSecret(name: "made-green", config: Array("{\"auths\":{}}".utf8)), PullSecret(name: "outside"),
        PullSecret(name: "opaque-green", config: []), PullSecret(name: "coded-green", config: Array("{}".utf8)), PullSecret(name: "shared"),
      ])
  }

  @Test func `What a server added to a manifest copied from a cluster is left out`() throws {
    let deployment = Fixture.deployment { json in
      json["metadata", "uid"] = "1"
      json["metadata", "resourceVersion"] = "7"
      json["metadata", "managedFields"] = []
      json["metadata", "annotations", "team"] = "shop: \"web\""
      json["status"] = ["replicas": 3]
    }
    let rendered = try Fixture.render([deployment]).json("Deployment", "web-green")
    #expect(rendered["status"] == nil)
    #expect(rendered.uid == nil && rendered.resourceVersion == nil && rendered["metadata", "managedFields"] == nil)
    #expect(rendered.annotations["team"] == "shop: \"web\"")
  }
}
