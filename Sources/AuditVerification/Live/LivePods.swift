import KubernetesModel
import ReleaseModel

/// The pods that users reach run the images that are on record.
struct RunningImages: LiveCheck {
  let name = "running-images"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    for (image, pods) in Self.strangers(scene).sorted(by: { $0.key < $1.key }).prefix(20) {
      let recorded = Self.recorded(scene)
      log.add(
        .liveBypass, at: recorded.place ?? scene.place,
        "\(pods.sorted().prefix(3).joined(separator: ", ")) run \(PlainText.line(image, longest: 120)), which the record of \(recorded.words) does not name"
      )
    }
  }

  /// Images that pods of the release report and its record does not name, each with its pods.
  static func strangers(_ scene: LiveScene) -> [String: [String]] {
    guard let rollout = scene.release?.rollout else { return [:] }
    let known = recorded(scene).images
    guard !known.isEmpty else { return [:] }
    let digests = Set(known.compactMap(\.sha256))
    let ids = Set(known.map(\.id))
    var found: [String: [String]] = [:]
    for pod in scene.reachablePods where pod.labels[Marker.rolloutLabel] == rollout.text {
      for id in pod.imageIDs where !ids.contains(id) {
        let digest = RunningImage(workload: "", id: id).sha256
        guard digest.map({ !digests.contains($0) }) ?? true else { continue }
        found[id, default: []].append(pod.name)
      }
    }
    return found
  }

  private static func recorded(_ scene: LiveScene) -> (images: [RunningImage], words: String, place: RecordAddress?) {
    guard let release = scene.release, let made = scene.record.made[release.color], made.release.rollout == release.rollout else {
      return ([], "", nil)
    }
    return (made.images, made.release.words, made.place)
  }
}

/// Every pod that the selector matches is one of the rollout's that users were brought to.
struct SelectedPods: LiveCheck {
  let name = "selected-pods"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    guard let release = scene.release, let rollout = release.rollout else { return }
    var found: [String: [String]] = [:]
    for pod in scene.reachablePods where pod.labels[Marker.rolloutLabel] != rollout.text {
      let maker = pod.labels[Marker.rolloutLabel].map { "bear the rollout \(PlainText.line($0, longest: 40))" } ?? "bear no rollout's id"
      found[maker, default: []].append(pod.name)
    }
    for (maker, pods) in found.sorted(by: { $0.key < $1.key }).prefix(20) {
      let names = pods.sorted().prefix(3).joined(separator: ", ") + (pods.count > 3 ? " and \(pods.count - 3) more" : "")
      log.add(
        .liveUnrecorded, at: scene.place,
        "\(scene.serviceName) sends users to \(names), which \(maker); they were brought to \(rollout)")
    }
  }
}

extension LiveScene {
  /// Pods that the selector matches and that have not ended.
  var reachablePods: [JSON] {
    ((try? pods.get()) ?? []).filter { pod in
      let phase = pod["status", "phase"]?.string
      return phase != "Failed" && phase != "Succeeded" && pod["metadata", "deletionTimestamp"] == nil
    }
  }
}

extension JSON {
  /// What a pod's containers report to run.
  fileprivate var imageIDs: [String] {
    ["initContainerStatuses", "containerStatuses"].flatMap { self["status", $0]?.array ?? [] }.compactMap { $0["imageID"]?.string }
      .filter { !$0.isEmpty }
  }
}
