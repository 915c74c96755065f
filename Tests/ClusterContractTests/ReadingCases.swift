import KubernetesModel
import Testing

// GET: one object and lists.
extension ContractCase {
  static let reading: [ContractCase] = [
    ContractCase("A missing object is 404 and named, also in a namespace that is missing too") { bench in
      let details: JSON = ["name": "nosuch", "kind": "services"]
      for path in ["services/nosuch", "/api/v1/namespaces/nosuchns/services/nosuch"] {
        try await bench.get(path).expect(404, "NotFound", "services \"nosuch\" not found", details: details)
      }
      try await bench.get("deployments/x").expect(
        404, "NotFound", "deployments.apps \"x\" not found", details: ["name": "x", "group": "apps", "kind": "deployments"])
      try await bench.get("/api/v1/namespaces/nosuchns").expect(404, "NotFound", "namespaces \"nosuchns\" not found")
    },
    ContractCase("A list in a missing namespace is empty and no error") { bench in
      let list = try await bench.get("/api/v1/namespaces/nosuchns/services").expect(200).expect("items", is: [])
      #expect(!list.version.isEmpty)
    },
    ContractCase("Items of a list do not say what they are; the list does") { bench in
      try await bench.post("services", Objects.service()).expect(201)
      let list = try await bench.get("services").expect("kind", is: "ServiceList").expect("apiVersion", is: "v1").json
      let item = try #require(list["items"]?[0])
      #expect(item["kind"] == nil && item["apiVersion"] == nil && item.name == "flip")
    },
    ContractCase("Pages of a list show one version of it, whatever is made and deleted meanwhile") { bench in
      for name in ["p1", "p2", "p3", "p4"] {
        try await bench.post("configmaps", Objects.configMap(name, metadata: #","labels":{"p":"y"}"#))
      }
      let first = try await bench.get("configmaps?labelSelector=p&limit=2").expect(200)
      #expect(first.json["items"]?.array?.map(\.name) == ["p1", "p2"])
      _ = try await bench.delete("configmaps/p1").expect(200)
      _ = try await bench.delete("configmaps/p4").expect(200)
      try await bench.post("configmaps", Objects.configMap("p0", metadata: #","labels":{"p":"y"}"#)).expect(201)
      let token = try #require(first.json["metadata", "continue"]?.string)
      let second = try await bench.get("configmaps?labelSelector=p&limit=2&continue=\(token.escaped)").expect(200)
      #expect(second.json["items"]?.array?.map(\.name) == ["p3", "p4"])
      #expect(second.version == first.version && second.json["metadata", "continue"] == nil)
    },
    ContractCase("How many are left is told where nothing is selected") { bench in
      let all = try await bench.get("configmaps?limit=1").expect(200)
      for name in ["a", "b"] { try await bench.post("configmaps", Objects.configMap(name)).expect(201) }
      let first = try await bench.get("configmaps?limit=1").expect(200)
      let before = all.json["metadata", "remainingItemCount"]?.int ?? 0
      #expect(first.json["metadata", "remainingItemCount"]?.int ?? 0 >= before + 1)
      try await bench.get("configmaps?limit=1&labelSelector=nosuch").expect(200).expect("metadata", "remainingItemCount", is: nil)
    },
    ContractCase("A token that is none, or that comes with a version, is refused") { bench in
      try await bench.get("services?limit=1&continue=garbage").expect(400, "BadRequest", mentions: ["continue key is not valid"])
      for name in ["a", "b"] { try await bench.post("configmaps", Objects.configMap(name)).expect(201) }
      let token = try await bench.get("/api/v1/configmaps?limit=1").json["metadata", "continue"]?.string ?? ""
      try await bench.get("/api/v1/configmaps?limit=1&resourceVersion=1&continue=\(token.escaped)").expect(
        400, "BadRequest", "specifying resource version is not allowed when using continue")
    },
    ContractCase("A list at a version that the server still knows is that version's") { bench in
      try await bench.post("configmaps", Objects.configMap("old")).expect(201)
      let then = try await bench.get("configmaps").version
      try await bench.post("configmaps", Objects.configMap("young")).expect(201)
      let exact = try await bench.get("configmaps?resourceVersion=\(then)&resourceVersionMatch=Exact").expect(200)
      #expect(exact.version == then && exact.json["items"]?.array?.contains { $0.name == "young" } == false)
      #expect(exact.json["items"]?.array?.contains { $0.name == "old" } == true)
      let newer = try await bench.get("configmaps?resourceVersion=\(then)&resourceVersionMatch=NotOlderThan").expect(200)
      #expect((Int(newer.version) ?? 0) >= (Int(then) ?? .max))
      try await bench.get("configmaps?resourceVersion=0").expect(200)
    },
    ContractCase("Versions that make no sense are refused") { bench in
      try await bench.get("services?resourceVersion=abc").expect(
        400, "BadRequest",
        "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax")
      try await bench.get("services?resourceVersionMatch=Exact").expect(
        422, "Invalid",
        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
      )
    },
    ContractCase("A version of the future is waited for, and then 504") { bench in
      for path in ["services?resourceVersion=99999999", "services/x?resourceVersion=99999999"] {
        let answer = try await bench.get(path)
        answer.expect(504, "Timeout", mentions: ["Too large resource version: 99999999, current: "])
        #expect(answer.json["details", "causes"]?[0]?["reason"] == "ResourceVersionTooLarge")
      }
    },
    ContractCase("Label selectors of every kind select, and one that cannot be read is 400") { bench in
      for (name, labels) in [("a", #"{"t":"x","u":"1"}"#), ("b", #"{"t":"y"}"#), ("c", #"{"v":"1"}"#)] {
        try await bench.post("configmaps", Objects.configMap(name, metadata: #","labels":\#(labels)"#)).expect(201)
      }
      func found(_ selector: String) async throws -> [String] {
        let items = try await bench.get("configmaps?labelSelector=\(selector.escaped)").expect(200).json["items"]?.array ?? []
        return items.map(\.name).filter { $0 != "kube-root-ca.crt" }
      }
      #expect(try await found("t=x") == ["a"])
      #expect(try await found("t==x,u") == ["a"])
      #expect(try await found("t!=x") == ["b", "c"])
      #expect(try await found("t in (x, y)") == ["a", "b"])
      #expect(try await found("t notin (x),t") == ["b"])
      #expect(try await found("!t") == ["c"])
      #expect(try await found("v") == ["c"])
      try await bench.get("configmaps?labelSelector=a%20in%20b").expect(
        400, "BadRequest", "unable to parse requirement: found 'b' expected: '('")
      for bad in ["=x", "t=a b", "t in (x", "t,,u", "bad key=1", "t=-x"] {
        try await bench.get("configmaps?labelSelector=\(bad.escaped)").expect(400, "BadRequest")
      }
    },
    ContractCase("Field selectors know a kind's few fields and no others") { bench in
      try await bench.post("configmaps", Objects.configMap("a")).expect(201)
      try await bench.post("pods", Objects.pod("p", #""nodeName":"nowhere","#)).expect(201)
      try await bench.post("secrets", #"{"metadata":{"name":"s"},"stringData":{"a":"b"}}"#).expect(201)
      func found(_ path: String) async throws -> [String] {
        (try await bench.get(path).expect(200).json["items"]?.array ?? []).map(\.name)
      }
      #expect(try await found("configmaps?fieldSelector=metadata.name%3Da") == ["a"])
      // A controller makes it, some time after the namespace.
      try await bench.eventually("configmaps/kube-root-ca.crt") { _ in true }
      #expect(try await found("configmaps?fieldSelector=metadata.name!%3Da") == ["kube-root-ca.crt"])
      try await bench.post("pods", Objects.pod("q", #""schedulerName":"nobody","#)).expect(201)
      #expect(try await found("pods?fieldSelector=spec.nodeName%3Dnowhere") == ["p"])
      #expect(try await found("pods?fieldSelector=spec.nodeName%3D,status.phase%3DPending") == ["q"])
      #expect(try await found("secrets?fieldSelector=type%3DOpaque") == ["s"])
      #expect(try await found("/api/v1/configmaps?fieldSelector=metadata.namespace%3D\(bench.namespace),metadata.name%3Da") == ["a"])
      try await bench.get("deployments?fieldSelector=spec.replicas%3D1").expect(
        400, "BadRequest",
        #""spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace""#)
      try await bench.get("pods?fieldSelector=spec.hostname%3Dx").expect(
        400, "BadRequest", mentions: ["field label not supported: spec.hostname"])
    },
    ContractCase("Queries that nobody knows are passed over") { bench in
      try await bench.get("services?nosuch=1&pretty=true").expect(200).expect("kind", is: "ServiceList")
    },
    ContractCase("What a list no longer knows is 410", notOnReal: "nobody can ask an API server to compact its storage") { bench in
      for name in ["a", "b"] { try await bench.post("configmaps", Objects.configMap(name)).expect(201) }
      let first = try await bench.get("configmaps?limit=1")
      let token = first.json["metadata", "continue"]?.string ?? ""
      try await bench.post("configmaps", Objects.configMap("c")).expect(201)
      bench.compact()
      try await bench.get("configmaps?limit=1&continue=\(token.escaped)").expect(
        410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."
      )
      try await bench.get("configmaps?resourceVersion=\(first.version)&resourceVersionMatch=Exact").expect(
        410, "Expired", "The resourceVersion for the provided list is too old.")
    },
  ]
}

extension String {
  /// As a value of a query.
  var escaped: String {
    utf8.map { byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
      let hex = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0" : "") + hex
    }.joined()
  }
}
