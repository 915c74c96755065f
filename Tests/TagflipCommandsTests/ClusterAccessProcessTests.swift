import FoundationEssentials
import Testing
import TestSupport

@testable import TagflipCommands

/// How the program finds its cluster, with the environment that a scheduler, a pod or a company's network gives it.
@Suite(.onOwnThread, .serialized) struct ClusterAccessProcessTests {
  private let folder: Scratch
  /// Stands in for an API server: it knows the caller and lets him do nothing.
  private let server: LoopbackServer
  /// Stands in for a proxy: it takes nobody on.
  private let proxy: LoopbackServer

  init() throws {
    folder = Scratch()
    server = try LoopbackServer { _, connection in
      connection.reply(
        403, ["Content-Type: application/json", "Warning: 299 - \"v1 X is deprecated\""], #"{"kind":"Status","message":"not you"}"#)
    }
    proxy = try LoopbackServer { _, connection in
      connection.reply(502)
      connection.close()
    }
    try folder.write("tagflip.yaml", "{installation: x, repository: {url: r.git}, state: {namespace: tagflip}, images: trusted}")
  }

  private func config(_ name: String, server: String, user: String = "token: t", cluster: String = "") throws {
    try folder.write(
      name,
      """
      current-context: one
      contexts: [{name: one, context: {cluster: c, user: u}}]
      clusters: [{name: c, cluster: {server: "\(server)"\(cluster)}}]
      users: [{name: u, user: {\(user)}}]
      """)
  }

  private func status(_ variables: String) async throws -> Program.Result {
    let clean =
      "env -u KUBECONFIG -u KUBERNETES_SERVICE_HOST -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u no_proxy -u NO_PROXY -u ALL_PROXY -u all_proxy"
    return try await Program.shell(
      "exec \(clean) \(variables) \"$0\" \"$@\" 2>err", [Program.path, "status", "-s", "tagflip.yaml"], in: folder)
  }

  // Kubeconfigs

  @Test func `KUBECONFIG names several files, those that are missing are passed over, and it counts in a pod too`() async throws {
    try folder.write("first", "users: [{name: u, user: {token: of-the-first}}]\n")
    try config("second", server: server.url, user: "token: of-the-second")
    let result = try await status("KUBERNETES_SERVICE_HOST=10.0.0.1 KUBERNETES_SERVICE_PORT=443 KUBECONFIG=/nosuch:first::second:first")
    #expect(server.requests.first?.header("authorization") == "Bearer of-the-first")
    #expect(result.errors.contains("not you") && result.errors.contains("the API server warns: v1 X is deprecated"))
    #expect(!result.all.contains("of-the"))
  }

  @Test func `several files of which none is there are all named`() async throws {
    let result = try await status("KUBECONFIG=/nosuch:/none")
    #expect(result.status == 30)
    #expect(
      result.errors.hasPrefix(
        "error: /nosuch, /none: could not find the cluster: none of these files is there\n  next: correct $KUBECONFIG"))
  }

  @Test func `a file that is no YAML is named with the place where it goes wrong, though another would do`() async throws {
    try config("good", server: server.url)
    try folder.write("broken", "current-context: one\nusers:\n- name: u\n  user: {token: [}\n")
    let result = try await status("KUBECONFIG=good:broken")
    #expect(result.status == 30 && server.accepted == 0)
    #expect(result.errors.hasPrefix("error: broken:4:"), "\(result.errors)")
    #expect(result.errors.contains("could not find the cluster: not valid YAML: "))
  }

  @Test func `a user that cannot be read is no anonymous one`() async throws {
    try config("numbers", server: server.url, user: "token: 4711")
    let result = try await status("KUBECONFIG=numbers")
    #expect(result.status == 30 && server.accepted == 0)
    #expect(result.errors == "error: numbers:4:33: could not find the cluster: user u: token is no text\n  next: put it into quotes\n")
  }

  @Test(arguments: ["token: \"s3cret\\nX-Evil: 1\"", "token: t, as: ada, as-groups: [\"s3cret\\n\"]"])
  func `what cannot be a header is refused with its line and column`(user: String) async throws {
    try config("odd", server: server.url, user: user)
    let result = try await status("KUBECONFIG=odd")
    #expect(result.status == 30 && server.accepted == 0)
    let column = user.contains("groups") ? 57 : 33
    #expect(result.errors.hasPrefix("error: odd:4:\(column): could not find the cluster: user u: "), "\(result.errors)")
    #expect(result.errors.contains("holds a line break or another control character") && !result.all.contains("s3cret"))
  }

  @Test func `a cluster whose certificate is not verified is warned of`() async throws {
    try config("insecure", server: server.url, cluster: ", insecure-skip-tls-verify: true")
    let result = try await status("KUBECONFIG=insecure")
    #expect(result.errors.contains("cluster c: the API server's certificate is not verified (insecure-skip-tls-verify in insecure)"))
  }

  @Test func `a plugin is asked, and what it told appears nowhere`() async throws {
    let tells = #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"s3cret-t0ken"}}'"#
    try folder.write("tell.sh", "echo 'about to tell s3cret-t0ken' >&2; \(tells)\n")
    let exec =
      "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: sh, args: [\"\(folder.path)/tell.sh\"]}"
    try config("plugin", server: server.url, user: exec)
    let result = try await status("KUBECONFIG=plugin")
    #expect(server.requests.first?.header("authorization") == "Bearer s3cret-t0ken")
    #expect(!result.all.contains("s3cret"))
    try folder.write("tell.sh", "echo 'no session' >&2; exit 1\n")
    let failed = try await status("KUBECONFIG=plugin")
    #expect(
      failed.errors.contains("the plugin sh of user u in plugin gave no credentials: it ended with exit code 1; it said: no session"),
      "\(failed.errors)")
  }

  // Proxies

  @Test(arguments: ["HTTPS_PROXY", "https_proxy"]) func `a proxy of the environment is used`(variable: String) async throws {
    try config("far", server: "https://cluster.invalid:6443")
    let result = try await status("KUBECONFIG=far \(variable)=\(proxy.url)")
    #expect(result.status != 0)
    #expect(proxy.requests.first.map { "\($0.method) \($0.target)" } == "CONNECT cluster.invalid:6443")
    #expect(proxy.requests.first?.header("authorization") == nil)
  }

  @Test(arguments: ["NO_PROXY", "no_proxy"]) func `a proxy of the environment is not used for what it is not for`(variable: String)
    async throws
  {
    try config("far", server: "https://cluster.invalid:6443")
    _ = try await status("KUBECONFIG=far HTTPS_PROXY=\(proxy.url) \(variable)=other,.invalid")
    #expect(proxy.accepted == 0)
  }

  @Test func `no proxy of the environment is used for this host`() async throws {
    try config("near", server: server.url)
    _ = try await status("KUBECONFIG=near HTTPS_PROXY=\(proxy.url) HTTP_PROXY=\(proxy.url) http_proxy=\(proxy.url) ALL_PROXY=\(proxy.url)")
    #expect(server.accepted > 0 && proxy.accepted == 0)
  }

  @Test func `the proxy that a kubeconfig names stands above the environment's exceptions`() async throws {
    try config("far", server: "https://cluster.invalid:6443", cluster: ", proxy-url: \"\(proxy.url)\"")
    _ = try await status("KUBECONFIG=far NO_PROXY='*' HTTPS_PROXY=http://127.0.0.1:1")
    #expect(proxy.requests.first.map { "\($0.method) \($0.target)" } == "CONNECT cluster.invalid:6443")
  }

  @Test(arguments: [(".invalid", false), ("kubernetes", true)])
  func `exceptions are those of the server's host, not of the name in its certificate`(exception: String, isProxied: Bool) async throws {
    try config("named", server: "https://cluster.invalid:6443", cluster: ", tls-server-name: kubernetes")
    _ = try await status("KUBECONFIG=named HTTPS_PROXY=\(proxy.url) NO_PROXY=\(exception)")
    #expect(proxy.requests.first.map { "\($0.method) \($0.target)" } == (isProxied ? "CONNECT cluster.invalid:6443" : nil))
  }
}
