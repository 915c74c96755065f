/// What came of a push.
package enum PushResult: Sendable, Hashable {
  /// The remote's ref names the pushed commit, or one that descends from it.
  case updated
  /// The ref was not as expected: somebody else was first. What it names now, nil where it does not exist.
  case lostRace(current: ObjectID?)
  /// The remote refused, and the ref is as it was expected; the reason is the remote's own, in one line.
  case rejected(reason: String)
}
