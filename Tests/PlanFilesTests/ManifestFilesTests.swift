import FoundationEssentials
import PlanFiles
import ReleaseEngine
import ReleaseModel
import Testing

/// The manifests of an environment.
@Suite struct ManifestFilesTests {
  private static let head = MemoryFiles.deployment + "---\n"

  @Test func `several files, documents and lists are read, with their places`() async throws {
    let blueprint = try await MemoryFiles([
      "services/web/manifests/more.yaml": """
      # A list, as kubectl prints it.
      apiVersion: v1
      kind: List
      items:
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {a: "1"}}
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
      ---
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: three}, stringData: {a: b}}
      """,
      "services/web/manifests/z.json": #"{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "four"}}"#,
      "services/web/manifests/README.md": "not one",
    ]).blueprint()
    #expect(blueprint.manifests.map(\.name).sorted() == ["four", "one", "three", "two", "web"])
    #expect(blueprint.manifests.first { $0.name == "three" }?.source?.line == 9)
  }

  static let bad: [(String, String)] = [
    ("{apiVersion: batch/v1, kind: CronJob, metadata: {name: x}}", "CronJob x acts without the Service"),
    ("{apiVersion: batch/v1, kind: Job, metadata: {name: x}}", "Job x acts without the Service"),
    ("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: x}}", "StatefulSet x acts without the Service"),
    ("{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: x}}", "DaemonSet x acts without the Service"),
    ("{apiVersion: v1, kind: Pod, metadata: {name: x}}", "Pod x acts without the Service"),
    ("{apiVersion: v1, kind: Namespace, metadata: {name: x}}", "Namespace x belongs to the whole cluster"),
    (
      "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: x}}",
      "Ingress x of networking.k8s.io/v1 cannot be part of an environment"
    ),
    ("{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: x}}", "Deployment x of extensions/v1beta1"),
    (
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: other}}",
      "ConfigMap x is for the namespace other, the plan's is shop"
    ),
    ("{apiVersion: v1, kind: ConfigMap, metadata: {}}", "ConfigMap has no metadata.name"), ("{a: b}", "this is no Kubernetes object"),
    ("[1, 2]", "this is no Kubernetes object"),
    ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x, uid: abc}}", "carries metadata.uid"),
    ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x, resourceVersion: \"1\"}}", "carries metadata.resourceVersion"),
    ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {a: 1}}", "data.a must be a text, not 1"),
    ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x, labels: {on: yes}}}", "metadata.labels."),
    ("{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, status: {replicas: 1}}", "carries a status"),
    ("{kind: ConfigMap", "not valid YAML"),
  ]

  @Test(arguments: bad) func `what cannot be part of an environment is refused by name and place`(_ object: String, _ says: String) async {
    let words = await refusal { () async throws(PortError) in
      try await MemoryFiles(["services/web/manifests/web.yaml": Self.head + object + "\n"]).blueprint()
    }
    #expect(words.contains(says), "\(words)")
    #expect(words.hasPrefix("services/web/manifests/web.yaml:6:") || words.contains("not valid YAML"), "\(words)")
  }

  static let uses: [(String, String)] = [
    ("serviceAccountName: admin", "the ServiceAccount admin"), ("imagePullSecrets: [{name: pull}]", "the Secret pull"),
    ("volumes: [{name: v, secret: {secretName: files}}]", "the Secret files"),
    ("volumes: [{name: v, projected: {sources: [{secret: {name: parts}}]}}]", "the Secret parts"),
    ("initContainers: [{name: i, image: x, envFrom: [{secretRef: {name: init}}]}]", "the Secret init"),
    ("initContainers: [{name: i, image: x, env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: k}}}]}]", "the Secret key"),
  ]

  @Test(arguments: uses) func `what a pod uses outside of its environment must be allowed`(_ use: String, _ says: String) async throws {
    let deployment = MemoryFiles.deployment.replacing("spec: {containers", with: "spec: {\(use), containers")
    let files = MemoryFiles(["services/web/manifests/web.yaml": deployment])
    let words = await refusal { () async throws(PortError) in try await files.blueprint() }
    #expect(words.contains(says) && words.contains("neither in the manifests nor allowed"), "\(words)")
    let allowed = "policy: {serviceAccounts: [admin], secrets: [pull, files, parts, init, key]}\n"
    #expect(try await files.blueprint(allowed).manifests.count == 1)
  }

  @Test func `no manifests at all are refused`() async {
    let words = await refusal { () async throws(PortError) in try await MemoryFiles(["services/web/manifests/web.yaml": nil]).blueprint() }
    #expect(words.contains("services/web/manifests: there are none"), "\(words)")
  }
}
