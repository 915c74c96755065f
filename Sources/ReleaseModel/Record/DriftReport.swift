package import Digests

/// What another hand changed while no rollout was open, as one look found it. Nothing that it tells of was put right by tagflip.
package struct DriftReport: Sendable, Hashable, Codable {
  /// When the first look found just this, by the API server's clock.
  package var since: Timestamp
  /// What was found; empty where what had been reported is gone.
  package var findings: [DriftFinding]
  /// How many more there are than a report holds.
  package var more: Int

  /// How many findings one report holds.
  package static let limit = 30

  package init(since: Timestamp, all findings: [DriftFinding]) {
    self.since = since
    self.findings = Array(findings.prefix(DriftReport.limit))
    more = max(0, findings.count - DriftReport.limit)
  }

  /// What tells one finding from another, whenever it was made and whoever is known to have done it; nil where nothing was found.
  /// - Parameter rollout: the one that users are on by the marker: the same words about another release are news.
  package func digest(of rollout: RolloutID?) -> Digest? {
    guard !findings.isEmpty else { return nil }
    let lines = [rollout?.text ?? "none"] + findings.map(\.briefly) + [String(more)]
    return Digest(of: Array(lines.joined(separator: "\n").utf8))
  }

  /// What stands once it is on record; nil where it ends what stood.
  package func standing(of rollout: RolloutID?) -> Standing? { digest(of: rollout).map { Standing(digest: $0, since: since) } }

  /// What a service's records say of drift: the finding that was reported last and has not been called gone since.
  package struct Standing: Sendable, Hashable, Codable {
    package var digest: Digest
    package var since: Timestamp

    package init(digest: Digest, since: Timestamp) {
      self.digest = digest
      self.since = since
    }
  }
}

/// One thing that another hand changed of what users are on, or of the warm standby.
package struct DriftFinding: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The active Service's selector is not where the marker says.
    case moved
    /// An object of the release is gone.
    case gone
    /// An object of the release does not carry its rollout's id any more.
    case remade
    /// A container of a Deployment is told to run something else.
    case image
    /// A Deployment is of another size.
    case size
    /// Something carries the color's labels that no rollout made.
    case stranger
  }

  package var kind: Kind
  /// The color that it is about; for `moved` the one that the marker says.
  package var color: Color
  /// Whether the color is the warm standby, which a rollback rests on.
  package var isStandby: Bool
  /// `Deployment web-green`.
  package var object: String
  package var container: String?
  /// What the release left; for `moved` what the marker says.
  package var left: String?
  /// What is there now.
  package var found: String?
  /// Who wrote it last, by managedFields; nil where nothing tells.
  package var hand: String?

  /// Texts from objects are made safe here: whoever names an object has a say in none of the lines.
  package init(
    _ kind: Kind, color: Color, isStandby: Bool = false, object: String, container: String? = nil, left: String? = nil,
    found: String? = nil, hand: String? = nil
  ) {
    self.kind = kind
    self.color = color
    self.isStandby = isStandby
    self.object = PlainText.line(object, longest: 200)
    self.container = container.map { PlainText.line($0, longest: 80) }
    self.left = left.map { PlainText.line($0, longest: 200) }
    self.found = found.map { PlainText.line($0, longest: 200) }
    self.hand = hand.map { PlainText.line($0, longest: 60) }
  }

  /// One line for people.
  package var words: String {
    switch kind {
    case .image, .size: briefly + (hand.map { " (last written by \($0))" } ?? "")
    case .moved, .gone, .remade, .stranger: briefly
    }
  }

  /// The same, without who it was where that can be left out.
  package var briefly: String {
    let object = isStandby ? "\(object), which a rollback rests on," : object
    switch kind {
    case .moved:
      return
        "\(found ?? ""), and the marker says \(left ?? ""): \(hand.map { "\($0) wrote the selector" } ?? "who moved them cannot be told")"
    case .gone: return isStandby ? "\(object) is gone" : "\(object), which users were on, is gone"
    case .remade: return "\(object) does not carry the rollout's id any more: somebody made it anew, or took its label"
    case .image: return "\(object) \(imageWords)"
    case .size: return "\(object) has \(pods(found)), the release left it \(left ?? "?")"
    case .stranger: return "\(color) holds what no rollout made: \(self.object)"
    }
  }

  private var imageWords: String {
    let container = container ?? ""
    switch (left, found) {
    case (let left?, let found?): return "runs \(found) in container \(container), the release left it \(left)"
    case (let left?, nil): return "lacks the container \(container), which the release left with \(left)"
    case (nil, let found): return "has a container \(container) that the release did not have, with \(found ?? "no image")"
    }
  }

  private func pods(_ count: String?) -> String { count == "1" ? "1 pod" : "\(count ?? "?") pods" }
}
