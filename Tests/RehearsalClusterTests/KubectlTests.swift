import FoundationEssentials
import KubernetesModel
import TestSupport
import Testing

@testable import RehearsalCluster

/// The embedded cluster judged by the real `kubectl`, where it is installed.
///
/// Waiting for a process blocks a thread, and the cluster that the process waits for wants one too: neither takes one of the few that all
/// tests share.
@Suite("kubectl on the embedded cluster", .enabled(if: Kubectl.path != nil, "kubectl is not installed"), .serialized, .onOwnThread)
struct KubectlTests {
  static let web = """
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
     "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
      "template": {"metadata": {"labels": {"app": "web"}},
       "spec": {"containers": [{"name": "web", "image": "registry.example/web:1.0.0", "ports": [{"containerPort": 8080}]}]}}}}
    """

  @Test("gets, applies, patches, scales, waits and follows rollouts")
  func everyday() async throws {
    try await EmbeddedCluster.run { cluster in
      let kubectl = try Kubectl(cluster)
      defer { kubectl.cleanUp() }
      #expect(try kubectl("create", "-f", kubectl.namespace("shop")).contains("namespace/shop created"))
      let file = try kubectl.file("web.json", Self.web)
      #expect(try kubectl("apply", "--server-side", "-f", file).contains("deployment.apps/web serverside-applied"))
      #expect(try kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=30s").contains("successfully rolled out"))
      #expect(try kubectl("-n", "shop", "wait", "--for=condition=Available", "deployment/web", "--timeout=30s").contains("condition met"))
      let table = try kubectl("-n", "shop", "get", "deployments")
      #expect(table.contains("READY") && table.contains("2/2"))
      #expect(try kubectl("-n", "shop", "get", "pods", "-o", "name").split(separator: "\n").count == 2)
      #expect(try kubectl("-n", "shop", "scale", "deployment/web", "--replicas=3").contains("scaled"))
      #expect(try kubectl("-n", "shop", "get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "3")
      let merge = #"{"metadata":{"labels":{"team":"a"}}}"#
      #expect(try kubectl("-n", "shop", "patch", "deployment", "web", "--type=merge", "-p", merge).contains("patched"))
      let strategic = #"{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}"#
      #expect(try kubectl("-n", "shop", "patch", "deployment", "web", "-p", strategic).contains("patched"))
      #expect(
        try kubectl("-n", "shop", "get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
          == "registry.example/web:1.0.0")
      #expect(try kubectl("-n", "shop", "set", "image", "deployment/web", "web=registry.example/web:1.1.0").contains("image updated"))
      #expect(try kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=60s").contains("successfully rolled out"))
      #expect(try kubectl("-n", "shop", "rollout", "history", "deployment/web").contains("REVISION"))
      #expect(try kubectl("-n", "shop", "rollout", "undo", "deployment/web").contains("rolled back"))
      #expect(try kubectl("-n", "shop", "rollout", "restart", "deployment/web").contains("restarted"))
      #expect(try kubectl("-n", "shop", "annotate", "deployment/web", "note=x").contains("annotated"))
      #expect(try kubectl("-n", "shop", "label", "deployment/web", "tier=front").contains("labeled"))
      #expect(try kubectl("-n", "shop", "describe", "deployment", "web").contains("RollingUpdateStrategy"))
      #expect(try kubectl("api-resources").contains("deployments"))
      #expect(try kubectl("version").contains("v1.36.2"))
      #expect(try kubectl("-n", "shop", "delete", "deployment", "web", "--timeout=60s").contains("deleted"))
    }
  }

  @Test("server-side apply reports conflicts, and takes over by force")
  func conflicts() async throws {
    try await EmbeddedCluster.run { cluster in
      let kubectl = try Kubectl(cluster)
      defer { kubectl.cleanUp() }
      _ = try kubectl("create", "-f", kubectl.namespace("shop"))
      let first = try kubectl.file("web.json", Self.web)
      let second = try kubectl.file("other.json", Self.web.replacing("\"replicas\": 2", with: "\"replicas\": 5"))
      _ = try kubectl("apply", "--server-side", "--field-manager=a", "-f", first)
      let refusal = kubectl.run("apply", "--server-side", "--field-manager=b", "-f", second)
      #expect(refusal.status != 0)
      #expect(refusal.output.contains("conflict with \"a\": .spec.replicas"))
      #expect(try kubectl("apply", "--server-side", "--field-manager=b", "--force-conflicts", "-f", second).contains("serverside-applied"))
      #expect(try kubectl("-n", "shop", "get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "5")
    }
  }

  @Test("client-side apply, logs, services and deletion work")
  func more() async throws {
    try await EmbeddedCluster.run { cluster in
      let kubectl = try Kubectl(cluster)
      defer { kubectl.cleanUp() }
      _ = try kubectl("create", "-f", kubectl.namespace("shop"))
      let file = try kubectl.file("web.json", Self.web)
      #expect(try kubectl("apply", "-f", file).contains("created"))
      #expect(try kubectl("apply", "-f", file).contains("unchanged"))
      _ = try kubectl("-n", "shop", "rollout", "status", "deployment/web", "--timeout=30s")
      #expect(try kubectl("-n", "shop", "expose", "deployment", "web", "--port=80", "--target-port=8080").contains("exposed"))
      #expect(try kubectl("-n", "shop", "describe", "service", "web").contains("Endpoints"))
      let pod = try kubectl("-n", "shop", "get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
      _ = try kubectl("-n", "shop", "logs", pod)
      #expect(try kubectl("-n", "shop", "describe", "pod", pod).contains("web"))
      #expect(try kubectl("-n", "shop", "get", "cm,svc,ep,rs", "-o", "wide").contains("configmap/kube-root-ca.crt"))
      #expect(try kubectl("delete", "namespace", "shop", "--timeout=60s").contains("deleted"))
      #expect(kubectl.run("-n", "shop", "get", "pods").output.contains("No resources found"))
    }
  }
}
