import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite("A broken kubeconfig")
struct KubeConfigFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String { name }
    var name: String
    var document: JSON
    var context: String?
    var words: String

    init(_ name: String, _ document: JSON, context: String? = nil, _ words: String) {
      (self.name, self.document, self.context, self.words) = (name, document, context, words)
    }
  }

  private static func user(_ user: JSON) -> JSON { KubeConfigTests.document(user: user) }
  private static func cluster(_ cluster: JSON) -> JSON { KubeConfigTests.document(cluster: cluster) }
  private static func exec(_ exec: JSON) -> JSON { user(["exec": exec]) }

  private static func check(_ fault: Fault) {
    let error = #expect(throws: ClusterAccessError.self) {
      try KubeConfig(document: fault.document, path: "/c").access(context: fault.context)
    }
    #expect(error?.description == fault.words)
  }

  // The document and its lists

  @Test(arguments: [
    Fault("empty", [:], "/c: names no current-context; name one in the settings: cluster.context"),
    Fault("a text", "text", "/c: is no kubeconfig: it holds no mapping; name another file"),
    Fault("another kind", ["kind": "Pod", "apiVersion": "v1"], "/c: is no kubeconfig: its kind is Pod, not Config; name another file"),
    Fault(
      "another version", ["kind": "Config", "apiVersion": "v2"], "/c: is no kubeconfig: its apiVersion is v2, not v1; name another file"),
    Fault("clusters as a mapping", ["clusters": ["c": [:]]], "/c: clusters is no list; write it as: clusters: [{name: …, cluster: {…}}]"),
    Fault("an entry that is a text", ["users": ["u"]], "/c: users holds what is no mapping; write each as: {name: …, user: {…}}"),
    Fault("a name that is a number", ["users": [["name": 7]]], "/c: users: a name is no text; put it into quotes"),
    Fault(
      "a name that stands twice", ["clusters": [["name": "c"], ["name": "c"]]],
      "/c: clusters: the name \"c\" stands twice; rename or remove one of them"),
    Fault("a current-context that is a boolean", ["current-context": true], "/c: current-context is no text; put it into quotes"),
    Fault("an unknown context", KubeConfigTests.document(), context: "three", "/c: has no context \"three\"; it has: one, two"),
    Fault("no contexts", ["current-context": "one"], "/c: has no context \"one\"; it has none at all"),
    Fault(
      "a context without content", ["current-context": "one", "contexts": [["name": "one"]]],
      "/c: context one is empty; write what belongs to it under context:"),
    Fault(
      "a context without a cluster", ["current-context": "one", "contexts": [["name": "one", "context": ["user": "u"]]]],
      "/c: context one names no cluster; add it"),
    Fault(
      "an unknown cluster", ["current-context": "one", "contexts": [["name": "one", "context": ["cluster": "c"]]], "clusters": []],
      "/c: has no cluster \"c\"; it has none at all"),
    Fault(
      "an unknown user",
      [
        "current-context": "one", "contexts": [["name": "one", "context": ["cluster": "c", "user": "u"]]],
        "clusters": [["name": "c", "cluster": ["server": "https://h"]]],
      ], "/c: has no user \"u\"; it has none at all"),
    Fault(
      "a namespace that is a boolean",
      [
        "current-context": "one", "contexts": [["name": "one", "context": ["cluster": "c", "namespace": false]]],
        "clusters": [["name": "c", "cluster": ["server": "https://h"]]],
      ], "/c: context one: namespace is no text; put it into quotes"),
  ])
  func `says what is wrong with the document, where and what to do`(fault: Fault) { Self.check(fault) }

  // A cluster

  @Test(arguments: [
    Fault("no server", cluster([:]), "/c: cluster c names no server; add it"),
    Fault(
      "another scheme", cluster(["server": "ssh://ada:pw@h"]),
      "/c: cluster c: server \"ssh://h\" is no http or https URL; correct it"),
    Fault(
      "nothing but a scheme", cluster(["server": "https://"]), "/c: cluster c: server \"https://\" is no http or https URL; correct it"),
    Fault(
      "a line break in the server", cluster(["server": "https://h\nX-Evil: 1"]),
      "/c: cluster c: server \"https://h X-Evil: 1\" is no http or https URL; correct it"),
    Fault(
      "a password in the server", cluster(["server": "https://ada:pw@h"]),
      "/c: cluster c: server \"https://h\" holds a name or a password; name them in the user: username and password"),
    Fault(
      "a query in the server", cluster(["server": "https://h/k8s?token=pw"]),
      "/c: cluster c: server \"https://h/k8s\" has a query; leave that out: paths of the API are put behind it"),
    Fault(
      "a fragment in the server", cluster(["server": "https://h/#pw"]),
      "/c: cluster c: server \"https://h/\" has a fragment; leave that out: paths of the API are put behind it"),
    Fault(
      "authority that is not base64", cluster(["server": "https://h", "certificate-authority-data": "%%"]),
      "/c: cluster c: certificate-authority-data is not base64; correct it"),
    Fault(
      "an authority's file that is missing", cluster(["server": "https://h", "certificate-authority": "ca.crt"]),
      "/ca.crt: could not be read for certificate-authority of cluster c in /c: there is no such file; correct the path, or use certificate-authority-data"
    ),
    Fault(
      "an authority's file below a file", cluster(["server": "https://h", "certificate-authority": "/etc/passwd/ca.crt"]),
      "/etc/passwd/ca.crt: could not be read for certificate-authority of cluster c in /c: Not a directory; correct the path, or use certificate-authority-data"
    ),
    Fault(
      "an authority's file that is a folder", cluster(["server": "https://h", "certificate-authority": "/tmp"]),
      "/tmp: could not be read for certificate-authority of cluster c in /c: this is a folder; correct the path, or use certificate-authority-data"
    ),
    Fault(
      "an authority's file that never ends", cluster(["server": "https://h", "certificate-authority": "/dev/zero"]),
      "/dev/zero: could not be read for certificate-authority of cluster c in /c: this is no regular file; correct the path, or use certificate-authority-data"
    ),
    Fault(
      "verified and not", cluster(["server": "https://h", "insecure-skip-tls-verify": true, "certificate-authority": "/nosuch"]),
      "/c: cluster c has both insecure-skip-tls-verify and certificate-authority; remove the first: the certificate is then verified"),
    Fault(
      "a flag in quotes", cluster(["server": "https://h", "insecure-skip-tls-verify": "false"]),
      "/c: cluster c: insecure-skip-tls-verify is neither true nor false; write true or false, without quotes"),
    Fault(
      "a proxy of another kind", cluster(["server": "https://h", "proxy-url": "ftp://ada:pw@p"]),
      "/c: cluster c: proxy-url \"ftp://p\" is no http, https or socks5 URL; correct it"),
    Fault(
      "a proxy without a scheme", cluster(["server": "https://h", "proxy-url": "p:3128"]),
      "/c: cluster c: proxy-url \"p:3128\" is no http, https or socks5 URL; correct it"),
  ])
  func `says what is wrong with a cluster, where and what to do`(fault: Fault) { Self.check(fault) }

  // A user: what is not understood never makes the caller anonymous, nor gives it other rights than were meant.

  @Test(arguments: [
    Fault("a token that is a number", user(["token": 4711]), "/c: user u: token is no text; put it into quotes"),
    Fault(
      "a certificate without a key", user(["client-certificate-data": "QQ=="]),
      "/c: user u has a client certificate or a key without the other; give both"),
    Fault(
      "a token and a username", user(["token": "t", "username": "ada", "password": "pw"]),
      "/c: user u has both a username and a token; remove one: only one of them can be shown"),
    Fault("a password of nobody", user(["password": "pw"]), "/c: user u has a password without a username; give both"),
    Fault(
      "groups without a user to act as", user(["token": "t", "as-groups": ["ops"]]),
      "/c: user u says as which uid, groups or extra to act and not as whom; add the user: as"),
    Fault(
      "groups as a text", user(["as": "ada", "as-groups": "ops"]),
      "/c: user u: as-groups is no list of texts; write it as a list, numbers in quotes"),
    Fault(
      "an auth-provider", user(["auth-provider": ["name": "oidc"]]),
      "/c: user u authenticates by auth-provider, which is not supported; use its successor, an exec plugin, or a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate"
    ),
  ])
  func `says what is wrong with a user, where and what to do`(fault: Fault) { Self.check(fault) }

  // What becomes a header must not become two.

  private static let control =
    "holds a line break or another control character, which no header can; "
    + "write it in one line; a block text (|) ends in a line break, one with |- does not"

  @Test(arguments: [
    Fault("a token that ends in a line break", user(["token": "s3cret\n"]), "/c: user u: token \(control)"),
    Fault("a token with a header behind it", user(["token": "s3cret\r\nX-Evil: 1"]), "/c: user u: token \(control)"),
    Fault("a user to act as", user(["token": "t", "as": "ada\u{0}"]), "/c: user u: as \(control)"),
    Fault("a uid to act as", user(["token": "t", "as": "ada", "as-uid": "7\u{7F}"]), "/c: user u: as-uid \(control)"),
    Fault(
      "a group to act in", user(["token": "t", "as": "ada", "as-groups": ["ops", "dev\u{9B}1m"]]), "/c: user u: as-groups \(control)"),
    Fault(
      "more about whom to act as", user(["token": "t", "as": "ada", "as-user-extra": ["scopes": ["a", "b\nX-Evil: 1"]]]),
      "/c: user u: as-user-extra: scopes \(control)"),
  ])
  func `says what cannot be a header, and not what it is`(fault: Fault) { Self.check(fault) }

  @Test(arguments: [
    (user(["token": "s3cret\n"]), "users/0/user/token"), (user(["as": "ada", "as-groups": ["a", "b\n"]]), "users/0/user/as-groups/1"),
    (user(["as": "ada", "as-user-extra": ["a": ["b\n"]]]), "users/0/user/as-user-extra/a/0"), (user(["token": 1]), "users/0/user/token"),
    (cluster(["server": "ssh://h"]), "clusters/0/cluster/server"),
    (exec(["apiVersion": "v1", "command": "x"]), "users/0/user/exec/apiVersion"),
    (
      exec([
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "x",
        "env": [["name": "A"], ["name": "B", "value": 1]],
      ]), "users/0/user/exec/env/1/value"
    ), (exec(["command": "x"]), "users/0/user/exec"),
  ])
  func `says in which line and column, where whoever read the file knows`(document: JSON, place: String) {
    let file = KubeConfigFile(document: document, path: "/c") { $0.joined(separator: "/") == place ? (12, 7) : nil }
    let error = #expect(throws: ClusterAccessError.self) { try KubeConfig(files: [file]).access() }
    #expect(error?.description.hasPrefix("/c:12:7: ") == true, "\(String(describing: error))")
  }

  // A plugin

  private static let v1: JSON = "client.authentication.k8s.io/v1"

  @Test(arguments: [
    Fault("no mapping", exec("aws"), "/c: user u: exec is no mapping; give its apiVersion, command and interactiveMode"),
    Fault("no command", exec(["apiVersion": v1, "interactiveMode": "Never"]), "/c: user u: exec names no command; add it"),
    Fault(
      "no version", exec(["command": "aws"]),
      "/c: user u: exec names no apiVersion; write client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1, as the plugin's documentation says"
    ),
    Fault(
      "the version that was withdrawn", exec(["command": "aws", "apiVersion": "client.authentication.k8s.io/v1alpha1"]),
      "/c: user u: exec: the apiVersion client.authentication.k8s.io/v1alpha1 is not supported; have the plugin speak client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1: newer releases of it do"
    ),
    Fault(
      "no mode", exec(["command": "aws", "apiVersion": v1]),
      "/c: user u: exec names no interactiveMode, which client.authentication.k8s.io/v1 demands; write Never or IfAvailable"),
    Fault(
      "a mode that nobody knows", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Sometimes"]),
      "/c: user u: exec: the interactiveMode Sometimes is not known; write Never or IfAvailable"),
    Fault(
      "a mode that insists on a person", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Always"]),
      "/c: user u: exec insists on a person (interactiveMode: Always), and nobody sits at a scheduled job; give the job an account of its own: a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate"
    ),
    Fault(
      "arguments that are numbers", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Never", "args": [1]]),
      "/c: user u: exec: args is no list of texts; write it as a list, numbers in quotes"),
    Fault(
      "an environment that is a mapping", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Never", "env": ["A": "b"]]),
      "/c: user u: exec: env is no list; write it as: [{name: …, value: …}]"),
    Fault(
      "a variable without a name", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Never", "env": [["value": "s3cret"]]]),
      "/c: user u: exec: env has a variable without a name, or with one that holds =; write each as: {name: …, value: …}"),
    Fault(
      "a NUL in an argument", exec(["command": "aws", "apiVersion": v1, "interactiveMode": "Never", "args": ["a\u{0}b"]]),
      "/c: user u: exec holds a NUL, which no program can be given; remove it"),
  ])
  func `says what is wrong with a plugin, where and what to do`(fault: Fault) { Self.check(fault) }

  @Test func `cannot write to a terminal through its message`() {
    let document: JSON = ["current-context": "x\u{1B}[2J\u{202E}\ny"]
    let error = #expect(throws: ClusterAccessError.self) { try KubeConfig(document: document, path: "/c").access() }
    #expect(error?.description == "/c: has no context \"x[2J y\"; it has none at all")
  }
}
