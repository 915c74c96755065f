import Digests
import ReleaseModel

/// Which digests a color's containers may report, where registries were asked for them.
///
/// A kubelet reports an index's digest or that of the manifest that it chose from it, some runtimes the configuration's; each names the same
/// image. What was injected into the pods on their way is not the plan's and not judged.
struct PlannedImages: Sendable {
  private struct Container: Sendable {
    var workload: String
    var name: String
    var image: String
    var accepted: Set<String>
  }

  private let containers: [Container]

  /// - Parameter parts: ``CutoverPlan/imageParts``; nil judges nothing.
  init(of environment: Environment, parts: [String: [Digest]]?) {
    guard let parts else {
      containers = []
      return
    }
    containers = environment.served.flatMap { workload in
      workload.containers.sorted { $0.key < $1.key }.map { name, image in
        let digest = ImageReference(image)?.digest
        let accepted = digest.map { [$0] + (parts[$0] ?? []).map(\.description) } ?? []
        return Container(workload: workload.name, name: name, image: image, accepted: Set(accepted))
      }
    }
  }

  enum Report: Sendable, Hashable {
    case same
    /// So many containers do not say yet what they run.
    case untold(Int)
    case other(String)

    /// What is still missing of a color that is ready otherwise.
    func missing(_ color: ColorObservation) -> String? {
      guard case .untold(let count) = self, color.isFullyReady, color.readyPods > 0 else { return nil }
      return "\(color.progress), and \(count == 1 ? "one container reports" : "\(count) containers report") no image digest"
    }
  }

  /// What a color's pods say of themselves. One that runs something else decides; silence is neither.
  func report(on color: ColorObservation) -> Report {
    var untold = 0
    for container in containers {
      guard let workload = color.workloads.first(where: { $0.name == container.workload }), workload.desired > 0 else { continue }
      let reported = workload.containers.filter { $0.container == container.name }.map(\.imageID)
      let digests = reported.compactMap(PlannedImages.digest)
      if let other = digests.first(where: { !container.accepted.contains($0) }) {
        return .other("container \(container.name) of \(container.workload) runs \(other), and the plan has \(container.image)")
      }
      if digests.isEmpty || digests.count < reported.count { untold += 1 }
    }
    return untold == 0 ? .same : .untold(untold)
  }

  /// The digest in an image id: `registry.example/web@sha256:…`, `docker-pullable://…@sha256:…`, `docker://sha256:…`, `sha256:…`.
  private static func digest(_ imageID: String) -> String? {
    let text = String(imageID.suffix(71))
    return ImageReference.isDigest(text) ? text : nil
  }
}
