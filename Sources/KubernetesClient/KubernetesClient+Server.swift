import HTTPTransport
import KubernetesModel

/// Who the server says the caller is.
package struct CallerIdentity: Sendable, Hashable {
  package var name: String
  package var groups: [String]
}

/// Which Kubernetes the server says it is.
package struct ServerVersion: Sendable, Hashable {
  /// Digits; some vendors add a `+` to the minor, which is left out.
  package var major: Int
  package var minor: Int
  /// As the server spells it: `v1.36.2`.
  package var text: String
}

// Questions about the server and the caller, and a pod's words.
extension KubernetesClient {
  /// Who the server says the caller is: the user name.
  package func whoAmI() async throws(KubernetesError) -> String { try await identity().name }

  /// Who the server says the caller is (SelfSubjectReview, Kubernetes 1.28).
  package func identity() async throws(KubernetesError) -> CallerIdentity {
    let review: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
    let call = try Call(
      "POST", "create", .selfSubjectReview, namespace: nil, contentType: "application/json", body: review.bytes, isWrite: false)
    let user = try await json(call)["status", "userInfo"]
    guard let name = user?["username"]?.string, !name.isEmpty else {
      throw KubernetesError(.malformedAnswer, attempted: call.attempted, message: "the answer names no user")
    }
    return CallerIdentity(name: name, groups: (user?["groups"]?.array ?? []).compactMap(\.string))
  }

  /// The server's version.
  package func version() async throws(KubernetesError) -> ServerVersion {
    let call = Call(reading: "/version", attempted: "get /version")
    let answer = try await json(call)
    func number(_ key: String) -> Int? { (answer[key]?.string).flatMap { Int($0.prefix { ("0"..."9").contains($0) }) } }
    guard let major = number("major"), let minor = number("minor") else {
      throw KubernetesError(.malformedAnswer, attempted: call.attempted, message: "the answer names no version")
    }
    return ServerVersion(major: major, minor: minor, text: answer["gitVersion"]?.string ?? "v\(major).\(minor)")
  }

  /// The last lines that a container wrote, as text; whatever is no UTF-8 in them is replaced.
  /// - Parameters:
  ///   - container: may only be nil where the pod has one.
  ///   - lines: how many at most.
  ///   - previous: of the container's run before its last restart.
  ///   - limit: how many bytes at most; the last ones count.
  package func podLog(
    namespace: String, name: String, container: String? = nil, lines: Int = 20, previous: Bool = false, limit: Int = 16 << 10
  ) async throws(KubernetesError) -> String {
    var query = [("tailLines", String(max(1, lines)))]
    if let container { query.append(("container", container)) }
    if previous { query.append(("previous", "true")) }
    let call = try Call("GET", "get", .pod, namespace: namespace, name: name, subresource: "log", query: query)
    let answer = try await answer(call, by: deadline)
    return String(decoding: answer.body.suffix(limit), as: UTF8.self)
  }
}
