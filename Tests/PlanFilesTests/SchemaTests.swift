import FoundationEssentials
import KubernetesModel
import PlanFiles
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// The published schemas and our own readers agree.
@Suite(.onOwnThread) struct SchemaTests {
  private func compare(_ kind: JSONSchema.Kind, _ known: [String: [String]], sameAs: [String: String] = [:]) throws {
    let schema = try JSONSchema.keys(kind)
    #expect(Set(schema.keys.map { sameAs[$0] ?? $0 }) == Set(known.keys), "the objects of \(kind)")
    for (name, all) in schema {
      for keys in all { #expect(keys == Set(known[sameAs[name] ?? name] ?? []), "the keys of \(kind) \"\(name)\"") }
    }
  }

  @Test func `every key of the settings is in their schema, and no other is`() throws {
    try compare(
      .settings, KnownKeys.settings, sameAs: ["remote": "repository", "key": "password", "webhook": "password", "heartbeat": "password"])
  }

  @Test func `every key of a plan is in its schema, and no other is`() throws { try compare(.cutover, KnownKeys.plan) }

  @Test func `every key of the catalog is in its schema, and no other is`() throws { try compare(.catalog, KnownKeys.catalog) }

  @Test(arguments: JSONSchema.Kind.allCases) func `no object of a schema lets unknown keys pass`(_ kind: JSONSchema.Kind) throws {
    func check(_ schema: JSON, _ path: String) {
      if schema["properties"] != nil { #expect(schema["additionalProperties"] == false, "\(path)") }
      for (key, inner) in schema.object ?? [:] { check(inner, "\(path)/\(key)") }
      for (index, inner) in (schema.array ?? []).enumerated() { check(inner, "\(path)/\(index)") }
    }
    check(try JSONSchema.document(kind), kind.rawValue)
  }

  @Test func `choices in the schemas are the model's`() throws {
    let plan = try JSONSchema.document(.cutover)
    func choices(_ path: String...) -> [String] {
      path.reduce(Optional(plan)) { $0?["properties", $1] }?["enum"]?.array?.compactMap(\.string) ?? []
    }
    #expect(Set(choices("first")) == Set(FirstRelease.allCases.map(\.rawValue)))
    #expect(Set(choices("headroom")) == Set(HeadroomMode.allCases.map(\.rawValue)))
    #expect(Set(choices("probes", "route")) == Set(ProbeRules.Route.allCases.map(\.rawValue)))
    #expect(Set(choices("standby", "whenWarm")) == Set(StandbyRules.WhenWarm.allCases.map(\.rawValue)))
    #expect(Set(choices("bake", "commonCause")) == Set(CommonCause.allCases.map(\.rawValue)))
  }

  // The real tool

  @Test func `every sample is valid by its schema`() async throws {
    let samples: [(JSONSchema.Kind, String)] = [
      (.settings, "config/tagflip.yaml"), (.cutover, "config/templates/standard.yaml"), (.catalog, "config/example/tagflip.yaml"),
      (.cutover, "config/example/templates/standard.yaml"), (.cutover, "config/example/services/web/cutover.yaml"),
    ]
    let verdicts = try await JSONSchema.verdicts(samples.map { ($0.0, Samples.text($0.1)) })
    #expect(verdicts == samples.map { _ in "" })
  }

  static let settings: [String] = [
    "colour: red", "installation: ''", "repository: {}", "repository: {url: x, brunch: y}", "state: {}", "state: {namespace: ''}",
    "images: checked", "images: [trusted]", "images: {config: [x]}", "images: {mirrors: []}", "images: {registries: {host: x}}",
    "images: {registries: [{}]}", "images: {registries: [{host: 'https://x'}]}", "images: {registries: [{host: x, insecure: maybe}]}",
    "images: {registries: [{host: x, password: y}]}", "cluster: {nodes: some}", "cluster: production", "policy: {namespaces: shop}",
    "policy: {hosts: [[x]]}",
    "floors: {bake: 5}", "floors: {bake: soon}", "floors: {failureRate: 2}", "floors: {failureRate: 5 %}", "floors: {gates: [smok]}",
    "freezes: {}", "freezes: [{from: '2026-12-24T12:00:00Z'}]", "notices: {webhook: {}}", "notices: {webhook: {url: x}}",
    "notices: {webhook: [x]}", "run: {deadline: 90}", "run: {deadline: -1h}", "audit: {remote: {branch: x}}", "audit: {author: {mail: x}}",
    "repository: {url: x, password: hunter2}", "repository: {url: x, password: {}}",
  ]

  @Test func `settings that the schema refuses, the reader refuses`() async throws {
    let base = [
      "installation": "test", "repository": "{url: x}", "state": "{namespace: tagflip}",
    ]
    func text(_ line: String) -> String {
      let key = String(line.prefix { $0 != ":" })
      return base.filter { $0.key != key }.map { "\($0.key): \($0.value)\n" }.sorted().joined() + line + "\n"
    }
    let missing = base.keys.sorted().map { key in base.filter { $0.key != key }.map { "\($0.key): \($0.value)\n" }.joined() }
    let texts = Self.settings.map(text) + missing
    for (text, verdict) in zip(texts, try await JSONSchema.verdicts(texts.map { (.settings, $0) })) {
      #expect(!verdict.isEmpty, "the schema accepts:\n\(text)")
      let words = await refusal { () throws(PortError) in try SettingsFile.settings(Array(text.utf8), path: "tagflip.yaml") }
      #expect(!words.isEmpty, "the reader accepts what the schema does not (\(verdict)):\n\(text)")
    }
  }

  static let plans: [String] = [
    "bakke: {}", "namespace: Shop", "namespace: [x]", "service: a.b", "preview: -x", "port: [80]", "images: {}",
    "images: [{name: registry.example/web}]", "images: [{tag: x}]", "images: [{name: r.example/w, tag: a, digest: b}]",
    "images: [{name: r.example/w, digest: 'sha256:1'}]", "images: [{name: r.example/w, tag: x, as: y}]", "imagesWait: long",
    "prereleases: maybe", "deploy: {readyWithin: 5}", "deploy: {within: 5m}", "smoke: []", "smoke: {checks: {path: /}}",
    "smoke: {checks: [{path: home}]}", "smoke: {checks: [{path: '/a b'}]}", "smoke: {checks: [{paht: /}]}",
    "smoke: {checks: [{status: 99}]}", "smoke: {checks: [{status: []}]}", "smoke: {checks: [{status: ok}]}",
    "smoke: {checks: [{method: BREW}]}", "smoke: {checks: [{times: 0}]}", "smoke: {checks: [{times: 1001}]}",
    "smoke: {checks: [{times: 1.5}]}", "smoke: {checks: [{json: {a: b}}]}", "smoke: {checks: [{json: {/a: [b]}}]}",
    "smoke: {checks: [{headers: [x]}]}", "smoke: {checks: [{header: {x: {y: z}}}]}", "smoke: {checks: [{body: [x]}]}",
    "smoke: {checks: [{latency: 20}]}", "smoke: {checks: [{timeout: 0}]}", "smoke: {checks: [{name: [x]}]}", "smoke: {checks: [text]}",
    "bake: {duration: 5}", "bake: {failureRate: -1}", "bake: {failureRate: much}", "bake: {minimumSamples: 0}",
    "bake: {consecutiveFailures: 0}", "bake: {restarts: -1}", "bake: {commonCause: jump}", "standby: {whenWarm: never}",
    "standby: {warm: 1w}", "rollback: {drain: slowly}", "rollback: {to: blue}", "first: panic", "headroom: some",
    "previewReplicas: 0", "previewReplicas: 1.5", "previewReplicas: half", "previewReplicas: [1]",
    "overlap: 30", "overlap: yes", "overlap: -5s", "overlap: [30s]", "overlap: {for: 30s}",
    "probes: {route: door}", "probes: {url: x}", "approval: {}", "runs: when-active", "extends: [x]",
    "identity: mine", "runs: [{kind: Pod, name: x, runs: when-active}]", "runs: [{kind: Deployment, runs: when-active}]",
    "runs: [{kind: Deployment, name: x, runs: always}]",
    "runs: [{kind: Deployment, name: x, runs: when-active, within: long}]", "runs: [{kind: Deployment, name: x, runs: when-active, as: y}]",
  ]

  @Test func `plans that the schema refuses, the reader refuses`() async throws {
    func text(_ line: String) -> String { (line.hasPrefix("namespace") ? "" : "namespace: shop\n") + line + "\n" }
    for (line, verdict) in zip(Self.plans, try await JSONSchema.verdicts(Self.plans.map { (.cutover, text($0)) })) {
      #expect(!verdict.isEmpty, "the schema accepts: \(line)")
      let head = line.hasPrefix("extends") ? "" : "extends: none\n"
      let words = await refusal { () async throws(PortError) in
        try await MemoryFiles(["services/web/cutover.yaml": head + text(line)]).blueprint()
      }
      #expect(!words.isEmpty, "the reader accepts what the schema does not (\(verdict)): \(line)")
    }
  }

  static let catalogs = [
    "servises: [web]", "services: web", "services: [[web]]", "groups: [web]", "groups: []", "groups: [[]]", "tagPattern: v1",
    "tagPattern: [x]", "defaults: {bakke: {}}",
  ]

  @Test func `catalogs that the schema refuses, the reader refuses`() async throws {
    for (line, verdict) in zip(Self.catalogs, try await JSONSchema.verdicts(Self.catalogs.map { (.catalog, $0) })) {
      #expect(!verdict.isEmpty, "the schema accepts: \(line)")
      // Defaults are a layer of each plan, and read with it.
      let words = await refusal { () async throws(PortError) in try await MemoryFiles(["tagflip.yaml": line + "\n"]).blueprint() }
      #expect(!words.isEmpty, "the reader accepts what the schema does not (\(verdict)): \(line)")
    }
  }
}
