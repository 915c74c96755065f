import ReleaseModel

/// One flip that the records of a service claim.
struct UserMove: Sendable, Hashable {
  /// How long before the time on record its PATCH may have been answered: a lost answer is found by reading again.
  static let early: Duration = .seconds(60)
  /// How far the clocks of API servers, and times that a `Date` header tells to the second, may lie apart.
  static let tolerance: Duration = .seconds(5)

  var at: Timestamp
  /// Where users came to, alone or with the other color; nil where they came to nothing.
  var color: Color?
  /// Whether they reach both colors from then on.
  var isBoth = false
  /// The rollout that the marker names from then on; nil where users went back.
  var rollout: RolloutID?
  /// Whether it is the time that a record claims, and not the end of the span in which it must have been.
  var isTimed: Bool
  var isReturn: Bool
  var isForeign: Bool
  /// Whether the selector lost the color's key: the Service is not tagflip's any more.
  var isLeaving = false
  /// The episode that it is part of.
  var episode: Int

  /// All of them, in the order of time.
  static func all(of episodes: [ServiceTimeline.Episode]) -> [UserMove] {
    episodes.enumerated().flatMap { index, episode -> [UserMove] in
      var moves: [UserMove] = []
      if episode.isExposed, let to = episode.to, let at = episode.exposedAt ?? episode.decided {
        moves.append(
          UserMove(
            at: at, color: to, isBoth: episode.overlap != nil, rollout: episode.rollout, isTimed: episode.exposedAt != nil, isReturn: false,
            isForeign: false, episode: index))
        if let overlap = episode.overlap, let end = overlap.endedAt {
          moves.append(
            UserMove(
              at: end, color: to, rollout: episode.rollout, isTimed: overlap.isTimed, isReturn: false, isForeign: overlap.isForeign,
              episode: index))
        }
      }
      if episode.isReturned, let at = episode.decided {
        moves.append(
          UserMove(at: at, color: episode.from, rollout: nil, isTimed: true, isReturn: true, isForeign: episode.isForeign, episode: index))
      }
      if episode.kind == .move, let at = episode.decided {
        moves.append(
          UserMove(
            at: at, color: episode.to, rollout: nil, isTimed: true, isReturn: true, isForeign: episode.exposedAt == nil,
            isLeaving: episode.isLeaving, episode: index))
      }
      return moves
    }.sorted { $0.at < $1.at }
  }

  /// Whether a write that was answered then can be this flip. A return is decided just before it is sent.
  func fits(_ instant: Timestamp, _ episode: ServiceTimeline.Episode) -> Bool {
    guard isTimed else { return instant + Self.tolerance >= episode.begin && instant <= at + Self.tolerance }
    if isReturn { return instant + Self.tolerance >= at && instant <= at + Self.early }
    return instant + Self.early >= at && instant <= at + Self.tolerance
  }
}
