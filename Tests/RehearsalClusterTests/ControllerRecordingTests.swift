import FoundationEssentials
import KubernetesModel
import Testing

@testable import RehearsalCluster

/// A watcher of a Deployment sees what a watcher of a real one was recorded seeing.
@Suite struct ControllerRecordingTests {
  private static func recorded(_ name: String) throws -> [JSON] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let fixture = try Data(contentsOf: folder.appending(path: "Fixtures/deployment-statuses.json"))
    return try #require(try JSON(parsing: fixture)[name]?.array)
  }

  /// The statuses in the order they were written, without times and with a fixed name for the new ReplicaSet.
  private static func seen(_ bench: ControllerBench, from start: Int, replicaSet: String) -> [JSON] {
    let statuses = bench.objects.deploymentHistory.dropFirst(start).map { clean($0["status"] ?? [:], replicaSet: replicaSet) }
    return statuses.enumerated().filter { $0.offset == 0 || $0.element != statuses[$0.offset - 1] }.map(\.element)
  }

  private static func clean(_ status: JSON, replicaSet: String) -> JSON {
    var cleaned = status
    let conditions = (status["conditions"]?.array ?? []).map { condition in
      var condition = condition
      condition["lastUpdateTime"] = nil
      condition["lastTransitionTime"] = nil
      condition["message"] = condition["message"]?.string.map { .string($0.replacing(replicaSet, with: "REPLICASET")) }
      return condition
    }
    if !conditions.isEmpty { cleaned["conditions"] = .array(conditions) }
    return cleaned
  }

  @Test("A Deployment that never gets ready goes through the recorded statuses, up to its deadline")
  func neverReady() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(
      .deployments, ControllerBench.deployment(replicas: 2, extra: ["progressDeadlineSeconds": 3]), by: "test")
    bench.settle()
    bench.wait(.seconds(4))
    let name = try #require(bench.replicaSets.first).name
    #expect(Self.seen(bench, from: 0, replicaSet: name) == (try Self.recorded("creationThatNeverGetsReady")))
  }

  @Test("Every status of a rolling update was recorded of a real one, from the first to the last")
  func rollingUpdate() throws {
    var bench = ControllerBench()
    _ = try bench.objects.create(.deployments, ControllerBench.deployment(replicas: 3), by: "test")
    bench.settle()
    try bench.setPods(ready: true)
    bench.settle()
    for pod in bench.pods { try bench.objects.bind(pod, toNode: "n", by: "test") }
    let start = bench.objects.deploymentHistory.count
    try bench.changeDeployment { $0["spec", "template", "spec", "containers"] = [["name": "app", "image": "app:2"]] }
    for _ in 0..<12 {
      bench.settle()  // as many ticks as it takes until only a kubelet can bring it on
      if bench.pods.contains(where: \.isDeleting) { try bench.reap() } else { try bench.setPods(ready: true) }
    }
    let name = try #require(bench.replicaSets.first { $0["spec", "replicas"] == 3 }).name
    let old = try #require(bench.replicaSets.first { $0["spec", "replicas"] == 0 }).name
    let seen = Self.seen(bench, from: start, replicaSet: name).map { JSONText.replacing(old, with: "OLD", in: $0) }
    let recorded = try Self.recorded("rollingUpdateOfThree")
    #expect(seen.first == recorded.first)
    #expect(seen.last == recorded.last)
    for status in seen { #expect(recorded.contains(status), "\(status.text)") }
  }
}

private enum JSONText {
  static func replacing(_ text: String, with other: String, in json: JSON) -> JSON {
    (try? JSON(parsing: json.text.replacing(text, with: other))) ?? json
  }
}
