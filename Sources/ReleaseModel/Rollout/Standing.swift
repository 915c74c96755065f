/// Where a rollout stands, as the active Service alone tells: its selector and its marker.
package enum Standing: Sendable, Hashable {
  /// Users are where they were; nothing of the rollout was seen.
  case before
  /// The first half of a cutover that is not atomic happened: users reach both colors.
  case overlapping
  /// The flip happened: users are on the new color.
  case exposed
  /// Its outcome is decided and in the marker.
  case concluded(Conclusion)
  /// The flip happened, and somebody who is not tagflip pointed the Service back.
  case returnedByForeignHand
  /// The Service is where neither this rollout nor its beginning put it.
  case departed(String, exposed: Bool)
  /// Somebody raised the fence since this run did: it is his rollout now.
  case overtaken(fence: UInt64)

  /// - Parameter fence: the fence that this run raised last; nil where it has raised none yet.
  package init(of rollout: OpenRollout, selection: Selection, marker: Marker, fence: UInt64?) {
    if let conclusion = marker.pending.first(where: { $0.event == .outcome && $0.rollout == rollout.id }) {
      self = .concluded(conclusion)
    } else if let fence, marker.fence > fence {
      self = .overtaken(fence: marker.fence)
    } else if marker.rollout == rollout.id {
      self = Standing.afterFlip(of: rollout, selection: selection)
    } else {
      self = Standing.beforeFlip(of: rollout.plan, selection: selection)
    }
  }

  private static func afterFlip(of rollout: OpenRollout, selection: Selection) -> Standing {
    let plan = rollout.plan
    return switch selection {
    case .color(plan.to): .exposed
    // Nobody but another hand widens it where the plan does not say so, or once the old color was let go.
    case .both: plan.overlaps && rollout.cutover?.overlap?.narrowedAt == nil ? .overlapping : .departed(selection.words, exposed: true)
    case .color: .returnedByForeignHand
    case .nothing: plan.from == nil ? .returnedByForeignHand : .departed(selection.words, exposed: true)
    case .uncolored, .foreign: .departed(selection.words, exposed: true)
    }
  }

  private static func beforeFlip(of plan: CutoverPlan, selection: Selection) -> Standing {
    switch selection {
    case .color(let color): color == plan.from ? .before : .departed(selection.words, exposed: false)
    case .nothing: plan.from == nil ? .before : .departed(selection.words, exposed: false)
    case .both, .uncolored, .foreign: .departed(selection.words, exposed: false)
    }
  }
}

extension Selection {
  /// The selector in words, for reasons.
  package var words: String {
    switch self {
    case .color(let color): "the Service selects \(color)"
    case .both: "the Service selects both colors, by \(Marker.serviceLabel)"
    case .nothing: "the Service selects \(Marker.colorLabel): \(Marker.noColor)"
    case .uncolored: "the Service's selector lacks \(Marker.colorLabel)"
    case .foreign(let value): "the Service selects \(Marker.colorLabel): \(value.prefix(63))"
    }
  }
}
