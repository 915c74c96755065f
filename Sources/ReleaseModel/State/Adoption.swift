/// A Deployment that served users before tagflip came, and stands for a color until that color is built anew.
///
/// Its pods cannot be given a label without a restart, so that the Service is narrowed to them instead: to the labels that its present pods have and that
/// those of no other color can have (`pod-template-hash`). The adopted color then is whatever that selector matches.
package struct Adoption: Sendable, Hashable, Codable {
  package var color: Color
  /// The Deployment's name, which has no color's suffix.
  package var deployment: String
  package var uid: String
  /// The Service's selector before.
  package var selector: [String: String]
  /// What was added to it.
  package var narrowing: [String: String]

  package init(color: Color, deployment: String, uid: String, selector: [String: String], narrowing: [String: String]) {
    self.color = color
    self.deployment = deployment
    self.uid = uid
    self.selector = selector
    self.narrowing = narrowing
  }

  /// The selector that reaches its pods and no others.
  package var narrowed: [String: String] { selector.merging(narrowing) { _, own in own } }
}
