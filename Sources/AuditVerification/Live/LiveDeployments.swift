import KubernetesModel
import ReleaseModel

/// The Deployments that users are on are those that the records saw, made by the rollout on record, and nobody has changed them since.
struct LiveDeployments: LiveCheck {
  let name = "deployments"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    // What somebody made by hand before the first release is no rollout's.
    guard let release = scene.release, let rollout = release.rollout, (try? scene.deployments.get()) != nil else { return }
    let seen = scene.record.seenColors[release.color]
    for object in seen?.objects ?? [] where !scene.ownDeployments.contains(where: { name($0, scene) == object.name }) {
      log.add(.liveBypass, at: seen?.place, "Deployment \(object.name), on which users were, is gone")
    }
    for deployment in scene.ownDeployments {
      let known = seen?.objects.first { $0.name == name(deployment, scene) }
      inspect(deployment, Subject(scene: scene, rollout: rollout, known: known, place: seen?.place ?? scene.place), &log)
    }
  }

  private func name(_ deployment: JSON, _ scene: LiveScene) -> String { "\(scene.target.namespace)/\(deployment.name)" }

  private struct Subject {
    let scene: LiveScene
    let rollout: RolloutID
    let known: ObservedObject?
    let place: RecordAddress?
  }

  private func inspect(_ deployment: JSON, _ subject: Subject, _ log: inout FindingLog) {
    let title = "Deployment \(name(deployment, subject.scene))"
    guard inspectMaker(deployment, title, subject, &log) else { return }
    if let known = subject.known, let uid = deployment.uid, uid != known.uid {
      return log.add(
        .liveBypass, at: subject.place, "\(title) was deleted and made anew since: its uid is \(uid), and the record saw \(known.uid)")
    }
    if deployment["spec", "paused"]?.bool == true {
      log.add(.liveBypass, at: subject.place, "\(title) is paused: what is written to it takes no effect")
    }
    let hands = FieldHand.all(of: deployment).filter(\.isForeign)
    inspectTemplate(deployment, title, hands, subject, &log)
    for hand in hands {
      let fields = hand.names(below: "spec").filter { $0 != "template" }.map { "spec.\($0)" }
      let labels = hand.owns("metadata", "labels") ? ["labels"] : []
      guard let all = (fields + labels).nonEmpty else { continue }
      log.add(.liveBypass, at: subject.place, "\(hand.name) wrote \(all.joined(separator: ", ")) of \(title)\(hand.time)")
    }
  }

  /// Its revision rises with each change of the pod template, also with one that is undone.
  private func inspectTemplate(
    _ deployment: JSON, _ title: String, _ hands: [FieldHand], _ subject: Subject, _ log: inout FindingLog
  ) {
    let hand = hands.first { $0.owns("spec", "template") }
    let by = hand.map { "; \($0.name) wrote it\($0.time)" } ?? ""
    let planned = subject.scene.planned
    let strange = deployment.containerImages.filter { !planned.isEmpty && !planned.contains($0) }
    let revision = deployment.annotations["deployment.kubernetes.io/revision"].map { PlainText.line($0, longest: 20) }
    if let image = strange.first {
      log.add(
        .liveBypass, at: subject.place,
        "the pod template of \(title) names the image \(PlainText.line(image, longest: 120)), and its plan does not\(by)")
    } else if let known = subject.known?.revision, let revision, revision != known {
      let same = planned.isEmpty ? "" : "; it names the planned images again"
      log.add(
        .liveEdited, at: subject.place,
        "the pod template of \(title) was changed since: its revision is \(revision), and the record saw \(known)\(same)\(by)")
    } else if let hand {
      log.add(.liveEdited, at: subject.place, "\(hand.name) wrote the pod template of \(title)\(hand.time)")
    }
  }

  /// Whether the rollout that is on record made it.
  private func inspectMaker(_ deployment: JSON, _ title: String, _ subject: Subject, _ log: inout FindingLog) -> Bool {
    let label = deployment.labels[Marker.rolloutLabel]
    guard label != subject.rollout.text else { return true }
    let maker = label.map { "bears the rollout \(PlainText.line($0, longest: 40))" } ?? "bears no rollout's id"
    log.add(.liveUnrecorded, at: subject.place, "\(title) \(maker), and users were brought live by \(subject.rollout)")
    return false
  }
}

extension FieldHand {
  /// Whether it is neither the bot nor what sizes and numbers Deployments by its office.
  fileprivate var isForeign: Bool { !isBot && manager != Self.controlPlane && subresource != "status" }
}

extension JSON {
  /// What the pods of a Deployment are to run.
  fileprivate var containerImages: [String] {
    ["containers", "initContainers"].flatMap { self["spec", "template", "spec", $0]?.array ?? [] }.compactMap { $0["image"]?.string }
  }
}

extension LiveScene {
  /// The images that the plan of what users are on names.
  fileprivate var planned: [String] {
    guard let release, let made = record.made[release.color], made.release == release else { return [] }
    return made.planned
  }
}

extension Array {
  fileprivate var nonEmpty: [Element]? { isEmpty ? nil : self }
}
