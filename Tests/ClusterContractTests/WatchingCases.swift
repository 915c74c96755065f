import KubernetesModel
import Testing

// Watches. A ConfigMap named `end` ends those that would go on.
extension ContractCase {
  private static let end = #","labels":{"w":"y"}"#

  private static func isEnd(_ event: JSON) -> Bool { event["object"]?.name == "end" }
  private static func told(_ events: [JSON]) -> [String] { events.map { "\($0["type"]?.string ?? "") \($0["object"]?.name ?? "")" } }

  static let watching: [ContractCase] = [
    ContractCase("A watch without a version, or from 0, begins with what is there; one from a version with what came after") { bench in
      try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      let version = try await bench.get("configmaps?labelSelector=w").version
      for start in ["", "&resourceVersion=0"] {
        let events = try await bench.watch("configmaps?watch=1&labelSelector=w&timeoutSeconds=1\(start)")
        #expect(told(events) == ["ADDED a"])
        #expect(events[0]["object", "kind"] == "ConfigMap" && events[0]["object", "apiVersion"] == "v1")
      }
      let events = try await bench.watch("configmaps?watch=true&labelSelector=w&timeoutSeconds=30&resourceVersion=\(version)", until: isEnd)
      {
        try await bench.post("configmaps", Objects.configMap("end", metadata: end)).expect(201)
      }
      #expect(told(events) == ["ADDED end"])
    },
    ContractCase("What leaves a selector is DELETED as it was, at the version of the change; what enters is ADDED") { bench in
      try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      let version = try await bench.get("configmaps?labelSelector=w").version
      var left = ""
      let answer = try await bench.patch(.merge, "configmaps/a", #"{"metadata":{"labels":{"w":null}},"data":{"a":"2"}}"#).expect(200)
      left = answer.version
      try await bench.patch(.merge, "configmaps/a", #"{"metadata":{"labels":{"w":"y"}}}"#).expect(200)
      try await bench.patch(.merge, "configmaps/a", #"{"data":{"a":"3"}}"#).expect(200)
      try await bench.post("configmaps", Objects.configMap("end", metadata: end)).expect(201)
      let events = try await bench.watch("configmaps?watch=1&labelSelector=w&timeoutSeconds=30&resourceVersion=\(version)", until: isEnd)
      #expect(told(events) == ["DELETED a", "ADDED a", "MODIFIED a", "ADDED end"])
      #expect(events[0]["object", "data", "a"] == "1" && events[0]["object"]?.resourceVersion == left)
      #expect(events[0]["object"]?.labels == ["w": "y"])
    },
    ContractCase("A write that changes nothing keeps the version, and no event follows") { bench in
      let made = try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      let again = try await bench.patch(.merge, "configmaps/a", #"{"data":{"a":"1"}}"#).expect(200)
      #expect(again.version == made.version)
      try await bench.post("configmaps", Objects.configMap("end", metadata: end)).expect(201)
      let events = try await bench.watch(
        "configmaps?watch=1&labelSelector=w&timeoutSeconds=30&resourceVersion=\(made.version)", until: isEnd)
      #expect(told(events) == ["ADDED end"])
    },
    ContractCase("A deleted object's last event is its last state at the version of its deletion") { bench in
      let made = try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      _ = try await bench.delete("configmaps/a").expect(200)
      try await bench.post("configmaps", Objects.configMap("end", metadata: end)).expect(201)
      let events = try await bench.watch(
        "configmaps?watch=1&labelSelector=w&timeoutSeconds=30&resourceVersion=\(made.version)", until: isEnd)
      #expect(told(events) == ["DELETED a", "ADDED end"])
      #expect(events[0]["object", "data"] == ["a": "1"])
      #expect((Int(events[0]["object"]?.resourceVersion ?? "") ?? 0) > (Int(made.version) ?? .max))
    },
    ContractCase("Bookmarks come only to who wants them, the last just before the end") { bench in
      let version = try await bench.get("configmaps?labelSelector=w").version
      let marked = try await bench.watch(
        "configmaps?watch=1&labelSelector=w&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion=\(version)")
      let mark = try #require(marked.last)
      #expect(marked.allSatisfy { $0["type"] == "BOOKMARK" } && mark["object", "kind"] == "ConfigMap")
      #expect(mark["object"]?.resourceVersion?.isEmpty == false && mark["object", "data"] == nil)
      #expect(try await bench.watch("configmaps?watch=1&labelSelector=w&timeoutSeconds=1&resourceVersion=\(version)").isEmpty)
    },
    ContractCase("A watch that begins with a list marks that list's end") { bench in
      try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      let options = "watch=1&labelSelector=w&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
      let events = try await bench.watch("configmaps?\(options)&timeoutSeconds=30") { $0["type"] == "BOOKMARK" }
      #expect(events.map { $0["type"] } == ["ADDED", "BOOKMARK"])
      #expect(events.last?["object"]?.annotations["k8s.io/initial-events-end"] == "true")
      try await bench.get("configmaps?watch=1&sendInitialEvents=true&allowWatchBookmarks=true").expect(
        422, "Invalid",
        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
      )
    },
    ContractCase("A watch from the future says nothing") { bench in
      let events = try await bench.watch("configmaps?watch=1&resourceVersion=99999999&timeoutSeconds=1")
      #expect(events.isEmpty)
    },
    ContractCase("Rows for people are watched as rows") { bench in
      try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      let events = try await bench.watch(
        "configmaps?watch=1&labelSelector=w&timeoutSeconds=1", accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
      #expect(events.count == 1 && events[0]["type"] == "ADDED" && events[0]["object", "kind"] == "Table")
      #expect(events[0]["object", "rows"]?[0]?["cells"]?[0] == "a")
    },
    ContractCase("One object is watched by its name as a field") { bench in
      try await bench.post("configmaps", Objects.configMap("a", metadata: end)).expect(201)
      try await bench.post("configmaps", Objects.configMap("b", metadata: end)).expect(201)
      let events = try await bench.watch("configmaps?watch=1&fieldSelector=metadata.name%3Db&timeoutSeconds=1")
      #expect(told(events) == ["ADDED b"])
    },
    ContractCase(
      "A watch from what is forgotten is 200 and one ERROR event, 410", notOnReal: "nobody can ask an API server to compact its storage"
    ) { bench in
      let version = try await bench.post("configmaps", Objects.configMap("a")).version
      try await bench.post("configmaps", Objects.configMap("b")).expect(201)
      bench.compact()
      let events = try await bench.watch("configmaps?watch=1&resourceVersion=\(version)&timeoutSeconds=5")
      #expect(events.count == 1 && events[0]["type"] == "ERROR")
      #expect(events[0]["object", "kind"] == "Status" && events[0]["object", "code"] == 410 && events[0]["object", "reason"] == "Expired")
      #expect(events[0]["object", "message"]?.string?.hasPrefix("too old resource version: ") == true)
    },
  ]
}
