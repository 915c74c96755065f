package import ReleaseModel

/// What a rollout's plan says that its color holds.
package struct PlannedHoldings: Sendable, Hashable {
  package var rollout: RolloutID
  package var objects: [CutoverPlan.PlannedObject]

  package init(rollout: RolloutID, objects: [CutoverPlan.PlannedObject]) {
    self.rollout = rollout
    self.objects = objects
  }
}

/// What a color holds, as a look at drift asks it.
package struct ColorHoldings: Sendable, Hashable {
  package var observation: ColorObservation
  /// Planned objects that are not there: `ConfigMap web-green`. Jobs are left out: one that has done its work may be gone.
  package var gone: [String]
  /// Planned objects of whose name there is one that does not carry the rollout's id.
  package var remade: [String]
  /// What carries the color's labels, or is selected with it, and no rollout's id: `ConfigMap debug`, `Pod web-green-by-hand`.
  package var strangers: [String]
  /// The Deployments that an autoscaler sizes, with the color's suffix; nil where that could not be seen.
  package var scaled: Set<String>?
  /// Who wrote a Deployment's size or images last, by the object's name; asked only for those that something was found on.
  package var hands: [String: Hands]
  /// The kinds of object that the caller may not see, so that nothing is known of them.
  package var unseen: [String]

  /// The field managers, other than the bot, that wrote a Deployment last.
  package struct Hands: Sendable, Hashable {
    package var size: String?
    /// By container.
    package var images: [String: String]

    package init(size: String? = nil, images: [String: String] = [:]) {
      self.size = size
      self.images = images
    }
  }

  package init(
    observation: ColorObservation, gone: [String] = [], remade: [String] = [], strangers: [String] = [], scaled: Set<String>? = [],
    hands: [String: Hands] = [:], unseen: [String] = []
  ) {
    self.observation = observation
    self.gone = gone
    self.remade = remade
    self.strangers = strangers
    self.scaled = scaled
    self.hands = hands
    self.unseen = unseen
  }
}
