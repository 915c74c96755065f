import ReleaseModel

/// What a log tells of one service, matched with its records write by write.
struct ServiceLog: Sendable {
  /// What a request's object is to the service.
  enum Role: Sendable, Hashable {
    case active
    case preview
    /// One of a color, or of both.
    case part(Color?)
    /// What holds everything.
    case namespace
    /// What no plan names, in a namespace that is released to.
    case stranger
  }

  /// How long after an outcome the last of its writes may come that the log does not describe; Git being away apart.
  static let afterwards: Duration = .seconds(600)
  /// How long before the real time one on record may lie: a `Date` header tells the beginning of a second.
  static let second: Duration = .seconds(2)
  /// How long after a decision what it calls for is still under way.
  static let tail: Duration = .seconds(60)

  let timeline: ServiceTimeline
  let episodes: [ServiceTimeline.Episode]
  let moves: [UserMove]
  /// The flips that were found in the log, each with the request that made it, and when that was answered.
  private(set) var found: [Int: (auditID: String, at: Timestamp)] = [:]

  init(_ timeline: ServiceTimeline) {
    self.timeline = timeline
    episodes = timeline.episodes.enumerated().sorted { ($0.element.begin, $0.offset) < ($1.element.begin, $1.offset) }.map(\.element)
    moves = UserMove.all(of: episodes)
  }

  /// - Parameter actors: everybody whom the trail names as who acted through tagflip.
  mutating func judge(_ request: LoggedRequest, as role: Role, actors: Set<String>) -> LogVerdict {
    // A status, a probe through the API server, a token: none of them changes the object.
    guard request.subresource.isEmpty || request.subresource == "scale" else { return .passed }
    let client = LogClient(request, actors: actors)
    if role == .stranger || isGivenBack(request.subject, at: request.answered) { return judgeStranger(request, client) }
    if client != .tagflip, isLeft(at: request.answered) { return .passed }
    guard let first = episodes.first?.begin, request.answered > first + Self.second else {
      guard client == .tagflip else { return .early }
      let isSlow = episodes.first.map { request.answered + UserMove.tolerance >= $0.begin } ?? false
      return isSlow ? explain(request, role) : .unrecorded("before the first plan of the service", isSure: true, nil)
    }
    switch client {
    case .controlPlane: return judgeControlPlane(request, role)
    case .tagflip: return explain(request, role)
    case .other(let why): return judgeOther(request, role, why)
    }
  }

  /// Whether it stood for a color once, and is its owner's again.
  private func isGivenBack(_ subject: LoggedRequest.Subject, at instant: Timestamp) -> Bool {
    timeline.adopted[subject].flatMap(\.self).map { instant > $0 + Self.tail } ?? false
  }

  /// Whether the Service was given back before: what others do to it and behind it is their own affair until it is adopted, or released to, again.
  private func isLeft(at instant: Timestamp) -> Bool {
    guard let last = episodes[..<begun(by: instant)].last, last.isLeaving, let decided = last.decided else { return false }
    return instant > decided + UserMove.tolerance
  }

  /// Tagflip makes nothing that no plan names. What it makes for itself lies in its own namespace, which is never released to.
  private func judgeStranger(_ request: LoggedRequest, _ client: LogClient) -> LogVerdict {
    let isOwnAccount = timeline.bots.contains(request.user) && request.user.hasPrefix("system:serviceaccount:")
    guard client == .tagflip || isOwnAccount else { return .passed }
    // What somebody labelled as a color's goes with what the color held.
    let near = covering(request.answered, after: UserMove.tolerance).first { $0.kind == .rollout }
    if client == .tagflip, request.verb == "delete", let near { return matched(near) }
    return .unrecorded("no plan names it", isSure: true, latest(request.answered)?.place)
  }

  // MARK: Others

  /// Controllers keep what the API promises. None of them moves users.
  private func judgeControlPlane(_ request: LoggedRequest, _ role: Role) -> LogVerdict {
    guard role == .active else { return .passed }
    switch LoggedChange(request) {
    case .unknown, .elsewhere: return .passed
    case .whole(let color, let edit) where color == selected(at: request.answered) && edit.rollouts.isSubset(of: timeline.rollouts):
      return .passed
    case .selector, .widened, .marker, .whole, .deleted: return judgeOther(request, role, "no controller has business there")
    }
  }

  private func judgeOther(_ request: LoggedRequest, _ role: Role, _ why: String) -> LogVerdict {
    let at = request.answered
    let near = covering(at).first { $0.tells(of: at) } ?? latest(at)
    switch role {
    case .active:
      switch LoggedChange(request) {
      case .elsewhere: return .passed
      case .selector, .widened, .unknown, .whole: return judgeHand(at, why, near)
      case .marker, .deleted: return .foreign(why, .error, near?.place)
      }
    case .namespace, .stranger: return .foreign(why, .error, near?.place)
    case .preview: return .foreign(why, .warning, near?.place)
    case .part(let color):
      let isLive = color.map { serves($0, at: at) } ?? true
      return .foreign(isLive ? "\(why), and users were on it" : why, isLive ? .error : .warning, near?.place)
    }
  }

  /// Whether a record tells of what another hand made of the selector: of the rollout that was under way, or of what a person accepted later, which
  /// is among the next few that began.
  private func judgeHand(_ at: Timestamp, _ why: String, _ near: ServiceTimeline.Episode?) -> LogVerdict {
    let accepted = episodes[begun(by: at)...].prefix(4).filter { $0.handSince != nil }
    for episode in covering(at, after: UserMove.tolerance) + accepted where episode.isForeign {
      if let since = episode.handSince, since <= at + UserMove.tolerance, at <= since + UserMove.tolerance {
        return .close(.init(at: at, why: why, near: near?.place, since: since, teller: episode.place))
      }
      if episode.tells(of: at) { return .told(episode.place) }
    }
    return .foreign(why, .error, near?.place)
  }

  /// Which of the two it was: the log's own times say whether the hand came after the last word, once its write was found. Without it the record
  /// must do.
  func resolve(_ hand: LogVerdict.CloseHand) -> LogVerdict {
    let word = moves.indices.last { episodes[moves[$0].episode].decided == hand.since && found[$0] != nil }
    let since = word.flatMap { found[$0]?.at } ?? hand.since
    return hand.at >= since ? .told(hand.teller) : .foreign(hand.why, .error, hand.near)
  }

  // MARK: Tagflip's own

  private mutating func explain(_ request: LoggedRequest, _ role: Role) -> LogVerdict {
    let at = request.answered
    switch role {
    case .active: return explainService(request)
    case .preview: return matched(latest(at))
    case .namespace, .stranger: return .unrecorded("tagflip never touches it", isSure: true, nil)
    case .part(let color):
      if request.subject.resource == "horizontalpodautoscalers", request.verb == "patch" { return matched(latest(at)) }
      if request.subresource == "scale" { return explainScale(color, at) }
      if request.verb == "delete" { return explainDelete(color, at) }
      guard request.verb == "patch", timeline.runners.contains(request.subject) else { return explainApply(color, at) }
      if let near = handOver(color, request) { return matched(near) }
      let verdict = explainApply(color, at)
      // It may have been handed over late, as the records do not say when.
      guard request.body == nil, case .unrecorded = verdict else { return verdict }
      return .unrecorded("no record has tagflip write then, and the log does not say what it wrote", isSure: false, latest(at)?.place)
    }
  }

  private mutating func explainService(_ request: LoggedRequest) -> LogVerdict {
    let at = request.answered
    switch LoggedChange(request) {
    case .selector(let color, let edit):
      if let edit, let why = doubt(edit) { return .unrecorded(why, isSure: true, latest(at)?.place) }
      let open = episodes.last { $0.decided == nil && name(of: $0.to) == color && $0.begin <= at + UserMove.tolerance }
      if claim(at, color: color, edit: edit, request.auditID) != nil || open != nil { return matched(covering(at).first ?? open) }
      return .unrecorded(
        "no record moves users to \(color.map { PlainText.line($0, longest: 40) } ?? "that") then", isSure: true, latest(at)?.place)
    case .widened(let edit):
      if let edit, let why = doubt(edit) { return .unrecorded(why, isSure: true, latest(at)?.place) }
      let open = episodes.last { $0.decided == nil && $0.mayOverlap && $0.begin <= at + UserMove.tolerance }
      if claim(at, color: nil, isBoth: true, edit: edit, request.auditID) != nil || open != nil {
        return matched(covering(at).first ?? open)
      }
      return .unrecorded("no record lets users reach both colors then", isSure: true, latest(at)?.place)
    case .marker(let edit):
      if let why = doubt(edit) { return .unrecorded(why, isSure: true, latest(at)?.place) }
      return matched(latest(at))
    case .unknown:
      if claim(at, color: nil, edit: nil, request.auditID) != nil { return matched(covering(at).first ?? latest(at)) }
      if let near = covering(at, after: Self.afterwards).first { return matched(near) }
      return .unrecorded("no record has tagflip write then, and the log does not say what it wrote", isSure: false, latest(at)?.place)
    case .whole, .deleted: return .unrecorded("tagflip never makes, replaces or deletes an active Service", isSure: true, latest(at)?.place)
    case .elsewhere: return .unrecorded("tagflip writes nothing there but selector and marker", isSure: true, latest(at)?.place)
    }
  }

  /// Why a write to the marker is none that the records tell of; nil where they do.
  private func doubt(_ edit: MarkerEdit) -> String? {
    if let oddity = edit.oddity { return oddity }
    if let stranger = edit.rollouts.subtracting(timeline.rollouts).min(by: { $0.text < $1.text }) {
      return "no record speaks of \(stranger)"
    }
    let missing = edit.pending.first { !timeline.decisions.contains(ServiceTimeline.Decision($0)) }
    return missing.map { "no record says \($0.outcome?.rawValue ?? $0.event.rawValue) of \($0.rollout), decided at \($0.decidedAt)" }
  }

  private func explainApply(_ color: Color?, _ at: Timestamp) -> LogVerdict {
    let near = covering(at, after: UserMove.tolerance).first { $0.kind == .rollout && (color == nil || $0.to == color) }
    return near.map { matched($0) }
      ?? .unrecorded("no rollout on record builds \(color.map(\.rawValue) ?? "it") then", isSure: true, latest(at)?.place)
  }

  /// What a hand-over belongs to: the flip, the return or the person's word that users followed last. Where a pod does not end it may come hours
  /// later; a log that does not have what was written, or has more than a hand-over writes, tells of none then.
  private func handOver(_ color: Color?, _ request: LoggedRequest) -> ServiceTimeline.Episode? {
    let at = request.answered
    let isPlain = request.isHandOver
    return episodes[..<begun(by: at)].suffix(16).last { episode in
      guard isPlain || covers(episode, at, after: Self.afterwards) else { return false }
      guard episode.from == color || episode.to == color else { return false }
      return episode.kind != .rollout || episode.to == color
        || (episode.isExposed && at + UserMove.early >= episode.exposedAt ?? episode.begin)
    }
  }

  private func explainDelete(_ color: Color?, _ at: Timestamp) -> LogVerdict {
    if let near = covering(at, after: UserMove.tolerance).first(where: { $0.kind == .rollout && $0.to == color }) { return matched(near) }
    // What a killed run left behind is taken away whenever it is found.
    if let color, !serves(color, at: at) { return matched(latest(at)) }
    return .unrecorded("users were on it", isSure: true, latest(at)?.place)
  }

  private func explainScale(_ color: Color?, _ at: Timestamp) -> LogVerdict {
    guard let color else { return .unrecorded("tagflip sizes nothing that both colors share", isSure: true, nil) }
    if let near = covering(at).first(where: { $0.kind == .rollout && ($0.to == color || $0.leaves(color, before: at)) }) {
      return matched(near)
    }
    let hasJustMoved = moves[near(at)].contains { $0.color == color && $0.at <= at && at <= $0.at + Self.tail }
    if !serves(color, at: at) || hasJustMoved { return matched(latest(at)) }
    return .unrecorded("users were on it", isSure: true, latest(at)?.place)
  }

  private func matched(_ episode: ServiceTimeline.Episode?) -> LogVerdict {
    episode.map { .matched($0.rollout) } ?? .unrecorded("no record is near", isSure: true, nil)
  }

  /// Takes the flip that a write can be, once; nil where there is none, or another write has taken it.
  private mutating func claim(
    _ at: Timestamp, color: String?, isBoth: Bool = false, edit: MarkerEdit?, _ auditID: String
  ) -> Int? {
    let index = near(at).first { index in
      let move = moves[index]
      guard !move.isForeign, (found[index]?.auditID ?? auditID) == auditID, move.fits(at, episodes[move.episode]) else { return false }
      guard color != nil || isBoth || edit != nil else { return true }
      let isSame = isBoth || color == (move.isLeaving ? nil : name(of: move.color))
      return move.isBoth == isBoth && isSame && (move.rollout.map { edit?.rollouts.contains($0) ?? true } ?? true)
    }
    if let index { found[index] = (auditID, at) }
    return index
  }

  // MARK: The records at an instant

  private func name(of color: Color?) -> String { color?.rawValue ?? Marker.noColor }

  /// The flip that brought users to where they were, by the records; nil before the first.
  private func last(by instant: Timestamp) -> UserMove? {
    let count = moves.prefixCount { $0.at <= instant }
    return count > 0 ? moves[count - 1] : nil
  }

  /// Whether users were on a color, alone or with the other one, by the records.
  private func serves(_ color: Color, at instant: Timestamp) -> Bool {
    last(by: instant).map { $0.isBoth || $0.color == color } ?? (episodes.first { $0.kind == .rollout }?.from == color)
  }

  /// What the selector's key of the color said, by the records; nil while users reached both.
  private func selected(at instant: Timestamp) -> String? {
    guard let last = last(by: instant) else { return name(of: episodes.first { $0.kind == .rollout }?.from) }
    return last.isBoth ? nil : name(of: last.color)
  }

  /// The few flips that a write at an instant can be, or can follow.
  private func near(_ instant: Timestamp) -> Range<Int> {
    let first = moves.prefixCount { $0.at + UserMove.early < instant }
    return first..<min(moves.count, first + 32)
  }

  /// How many episodes had begun by then.
  private func begun(by instant: Timestamp) -> Int { episodes.prefixCount { $0.begin <= instant + UserMove.tolerance } }

  /// What was under way then, or ended last. A rollout that makes a standby retire ends after it.
  private func latest(_ instant: Timestamp) -> ServiceTimeline.Episode? {
    episodes[..<begun(by: instant)].suffix(16).max { ($0.decided ?? $0.begin) < ($1.decided ?? $1.begin) }
  }

  /// The episodes that were under way then, the latest first. Few overlap: a service has one rollout at a time.
  private func covering(_ instant: Timestamp, after tail: Duration = ServiceLog.tail) -> [ServiceTimeline.Episode] {
    episodes[..<begun(by: instant)].suffix(16).reversed().filter { covers($0, instant, after: tail) }
  }

  private func covers(_ episode: ServiceTimeline.Episode, _ instant: Timestamp, after tail: Duration) -> Bool {
    instant + UserMove.tolerance >= episode.begin && episode.decided.map { instant <= $0 + tail } ?? true
  }
}

extension Array {
  /// How many elements at the beginning meet a condition that none after them meets.
  fileprivate func prefixCount(_ condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension ServiceTimeline.Episode {
  /// Whether it holds the color that it leaves at its size: after the flip, never before.
  fileprivate func leaves(_ color: Color, before instant: Timestamp) -> Bool {
    from == color && isExposed && instant + UserMove.early >= exposedAt ?? begin
  }
}
