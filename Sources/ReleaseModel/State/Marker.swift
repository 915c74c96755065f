/// The bot's annotations on the active Service: with the selector, the truth about what users are on.
///
/// Markers are carried over many suspension points: what is large in one is behind a reference (see `Indirect`).
///
/// Invariant: it changes only together with a raised ``fence``, in one conditional PATCH that also holds the selector.
package struct Marker: Sendable, Hashable {
  /// Only rises. Whoever finds a higher one than his own stops.
  package var fence: UInt64
  /// The run that wrote it last, so that whoever gets no answer can tell his own write from a rival's.
  package var run: String?
  /// The fence of the PATCH that moved users last; nil before any did. What follows users is told apart by it: they may come back to where they were.
  package var moved: UInt64?
  /// The rollout that brought the active color live; nil before the first flip.
  package var rollout: RolloutID?
  /// The version that users are on.
  package var version: Version?
  @Indirect package var standby: Standby?
  /// The Deployment that stands for a color, where one was adopted and its color was not built since.
  @Indirect package var adoption: Adoption?
  /// Decided and not yet in Git, oldest first.
  package var pending: [Conclusion]

  package init(
    fence: UInt64 = 0, run: String? = nil, moved: UInt64? = nil, rollout: RolloutID? = nil, version: Version? = nil,
    standby: Standby? = nil,
    adoption: Adoption? = nil, pending: [Conclusion] = []
  ) {
    self.fence = fence
    self.run = run
    self.moved = moved
    self.rollout = rollout
    self.version = version
    self.standby = standby
    self.adoption = adoption
    self.pending = pending
  }

  /// The color that was active before, kept for rollback.
  package struct Standby: Sendable, Hashable, Codable {
    package enum Temperature: String, Sendable, Hashable, Codable {
      /// Its pods run.
      case warm
      /// Its pods are being started for a rollback.
      case warming
      /// Scaled to 0, its objects kept.
      case cold
    }

    package var color: Color
    package var version: Version?
    /// The rollout that brought it live, which the marker names again when users go back; nil where somebody made it by hand.
    package var rollout: RolloutID?
    package var temperature: Temperature
    /// When its warm window ends; nil while a bake is on, and for a cold one.
    package var warmUntil: Timestamp?
    /// Until when its pods stay whatever becomes of it, for load balancers that may still send to them; nil where there are none, or they
    /// are known to have followed the flip.
    package var heldUntil: Timestamp?

    package init(
      color: Color, version: Version?, rollout: RolloutID? = nil, temperature: Temperature, warmUntil: Timestamp? = nil,
      heldUntil: Timestamp? = nil
    ) {
      self.color = color
      self.version = version
      self.rollout = rollout
      self.temperature = temperature
      self.warmUntil = warmUntil
      self.heldUntil = heldUntil
    }
  }
}

extension Marker {
  /// Raises the fence for one PATCH.
  /// - Parameter users: whether it sets the selector.
  package mutating func raiseFence(moving users: Bool) {
    fence += 1
    if users { moved = fence }
  }
}

extension Marker {
  /// The annotations' common prefix.
  package static let prefix = "tagflip.dev/"
  /// The label, and selector key, that names an object's color.
  package static let colorLabel = "tagflip.dev/color"
  /// The label that names the rollout that created an object.
  package static let rolloutLabel = "tagflip.dev/rollout"
  /// The label that names the service that an object belongs to; a selector key only while users reach both colors.
  package static let serviceLabel = "tagflip.dev/service"
  /// The value of ``colorLabel`` in the selector of a Service that nothing was released to yet.
  package static let noColor = "none"

  private enum Key {
    static let fence = Marker.prefix + "fence"
    static let run = Marker.prefix + "run"
    static let moved = Marker.prefix + "moved"
    static let rollout = Marker.prefix + "rollout"
    static let version = Marker.prefix + "version"
    static let standby = Marker.prefix + "standby"
    static let adoption = Marker.prefix + "adopted"
    static let pending = Marker.prefix + "pending"
    static let all = [fence, run, moved, rollout, version, standby, adoption, pending]
  }

  /// Why annotations are no marker: somebody edited them.
  package struct Unreadable: Error, Hashable, CustomStringConvertible {
    package var annotation: String
    package var value: String

    package var description: String { "annotation \(annotation) holds \"\(value)\", which tagflip did not write" }
  }

  /// The marker in a Service's annotations; an empty one where there are none of the bot's.
  /// - Throws: ``Unreadable`` naming the annotation that holds something else.
  package init(annotations: [String: String]) throws(Unreadable) {
    self.init()
    if let text = annotations[Key.fence] { fence = try Marker.parsed(UInt64(text), Key.fence, text) }
    run = annotations[Key.run]
    if let text = annotations[Key.moved] { moved = try Marker.parsed(UInt64(text), Key.moved, text) }
    if let text = annotations[Key.rollout] { rollout = try Marker.parsed(RolloutID(text), Key.rollout, text) }
    if let text = annotations[Key.version] { version = try Marker.parsed(Version(text), Key.version, text) }
    if let text = annotations[Key.standby] {
      standby = try Marker.parsed(try? CanonicalJSON.value(Standby.self, from: text.utf8), Key.standby, text)
    }
    if let text = annotations[Key.adoption] {
      adoption = try Marker.parsed(try? CanonicalJSON.value(Adoption.self, from: text.utf8), Key.adoption, text)
    }
    if let text = annotations[Key.pending] {
      pending = try Marker.parsed(try? CanonicalJSON.value([Conclusion].self, from: text.utf8), Key.pending, text)
    }
  }

  private static func parsed<Value>(_ value: Value?, _ annotation: String, _ text: String) throws(Unreadable) -> Value {
    guard let value else { throw Unreadable(annotation: annotation, value: String(text.prefix(80))) }
    return value
  }

  /// All of the marker's annotations; nil for one that must not be there.
  package var annotations: [String: String?] {
    get throws {
      var result = Dictionary(uniqueKeysWithValues: Key.all.map { ($0, String?.none) })
      result.updateValue(String(fence), forKey: Key.fence)
      result.updateValue(run, forKey: Key.run)
      result.updateValue(moved.map { String($0) }, forKey: Key.moved)
      result.updateValue(rollout?.text, forKey: Key.rollout)
      result.updateValue(version?.text, forKey: Key.version)
      result.updateValue(try standby.map { try CanonicalJSON.text(of: $0) }, forKey: Key.standby)
      result.updateValue(try adoption.map { try CanonicalJSON.text(of: $0) }, forKey: Key.adoption)
      result.updateValue(pending.isEmpty ? nil : try CanonicalJSON.text(of: pending), forKey: Key.pending)
      return result
    }
  }
}
