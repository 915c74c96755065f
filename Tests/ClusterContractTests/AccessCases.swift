import KubernetesModel
import Testing

// Who asks, and what he may.
extension ContractCase {
  static let access: [ContractCase] = [
    ContractCase("A token that nobody gave out is 401") { bench in
      try await bench.get("services", by: .unknown).expect(401, "Unauthorized", "Unauthorized")
    },
    ContractCase("What a user may not do is 403, and says who, what and where", needsLimitedUser: true) { bench in
      let review = #"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#
      let user =
        try await bench.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", review, by: .limited).json[
          "status", "userInfo", "username"]?.string ?? (bench.place == .embedded ? "limited" : "")
      func words(_ what: String, _ verb: String, _ resource: String, _ group: String = "", _ place: String = "in the namespace \"NS\"")
        -> String
      {
        "\(what) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(resource)\" in API group \"\(group)\" \(place)"
      }
      try await bench.get("services", by: .limited).expect(
        403, "Forbidden", words("services", "list", "services"), details: ["kind": "services"])
      try await bench.get("deployments/x", by: .limited).expect(
        403, "Forbidden", words("deployments.apps \"x\"", "get", "deployments", "apps"),
        details: ["name": "x", "group": "apps", "kind": "deployments"])
      try await bench.patch(.merge, "services/x", "{}", by: .limited).expect(403, "Forbidden", words("services \"x\"", "patch", "services"))
      try await bench.get("deployments?watch=1", by: .limited).expect(
        403, "Forbidden", words("deployments.apps", "watch", "deployments", "apps"))
      try await bench.get("/api/v1/services", by: .limited).expect(
        403, "Forbidden", words("services", "list", "services", "", "at the cluster scope"))
      try await bench.patch(.merge, "deployments/x/scale", "{}", by: .limited).expect(
        403, "Forbidden", words("deployments.apps \"x\"", "patch", "deployments/scale", "apps"))
      try await bench.post("services", Objects.service(), by: .limited).expect(403, "Forbidden", words("services", "create", "services"))
    },
    ContractCase("A caller may ask who he is and what he may") { bench in
      let review = #"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#
      let me = try await bench.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", review).expect(201)
      #expect(me.json["status", "userInfo", "username"]?.string?.isEmpty == false)
      #expect(me.json["status", "userInfo", "groups"]?.array?.contains("system:authenticated") == true)
      func ask(_ verb: String, _ resource: String) async throws -> JSON? {
        let attributes = #"{"namespace":"\#(bench.namespace)","verb":"\#(verb)","resource":"\#(resource)"}"#
        let body =
          #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":\#(attributes)}}"#
        let answer = try await bench.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
        return answer.expect(201).json["status", "allowed"]
      }
      #expect(try await ask("patch", "services") == true)
      try await bench.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", #"{"spec":{}}"#).expect(
        422, "Invalid",
        mentions: [
          "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        ])
    },
    ContractCase("What a caller may not do is told him where he asks", needsLimitedUser: true) { bench in
      for attributes in [
        #""verb":"patch","resource":"services""#, #""verb":"update","resource":"deployments","group":"apps","subresource":"scale""#,
      ] {
        let body =
          #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"\#(bench.namespace)",\#(attributes)}}}"#
        try await bench.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body, by: .limited).expect(201)
          .expect("status", "allowed", is: false)
      }
    },
    ContractCase("An admin may act as somebody else") { bench in
      let review = #"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#
      let answer = try await bench.send(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, type: "application/json",
        headers: ["Impersonate-User": "jane", "Impersonate-Group": "developers"])
      answer.expect(201).expect("status", "userInfo", "username", is: "jane")
      #expect(answer.json["status", "userInfo", "groups"] == ["developers", "system:authenticated"])
    },
    ContractCase("A ServiceAccount's tokens are given out", notModelled: "tokens of ServiceAccounts") { bench in
      let body = #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"#
      try await bench.eventually("serviceaccounts/default") { _ in true }
      try await bench.post("serviceaccounts/default/token", body).expect(bench.place == .embedded ? 404 : 201)
    },
    ContractCase("All rights at once are told", notModelled: "lists of a caller's rights") { bench in
      let body = #"{"spec":{"namespace":"\#(bench.namespace)"}}"#
      try await bench.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body).expect(bench.place == .embedded ? 404 : 201)
    },
  ]
}
