/// What a Service's selector says about colors.
package enum Selection: Sendable, Hashable {
  case color(Color)
  /// Both colors' pods, by the service's label in place of the color's: the overlap of a cutover that is not atomic.
  case both
  /// Nothing was released yet: the selector's color is `none`.
  case nothing
  /// The selector lacks the color key: the Service is not blue-green.
  case uncolored
  /// The color key holds something that is no color, or the color of what was adopted, whose pods have no such label.
  case foreign(String)
}

extension Selection {
  /// - Parameters:
  ///   - adoption: the Deployment that stands for a color, if the Service's marker names one.
  ///   - service: whose pods both colors are; nil where it is not known, so that any service's label counts.
  package init(selector: [String: String], adoption: Adoption?, service: ServiceName? = nil) {
    if let adoption, selector == adoption.narrowed {
      self = .color(adoption.color)
      return
    }
    // Its pods carry no color's label: a selector that asks for one reaches none of them.
    if let adoption, selector[Marker.colorLabel] == adoption.color.rawValue {
      self = .foreign(adoption.color.rawValue)
      return
    }
    self =
      switch selector[Marker.colorLabel] {
      case nil: Selection.reachesBoth(selector, service) ? .both : .uncolored
      case Marker.noColor: .nothing
      case let value?: Color(rawValue: value).map { .color($0) } ?? .foreign(value)
      }
  }

  private static func reachesBoth(_ selector: [String: String], _ service: ServiceName?) -> Bool {
    guard let owner = selector[Marker.serviceLabel] else { return false }
    return service.map { $0.text == owner } ?? true
  }

  /// What a selector asks of the pods of either color: without the color, without what lets it reach both, and without what narrows it to an
  /// adopted one.
  ///
  /// Of a selector that would ask for nothing then the service's label stays: by its color alone a Service would reach every service's pods.
  package static func common(of selector: [String: String], adoption: Adoption?) -> [String: String] {
    if let adoption, selector == adoption.narrowed { return adoption.selector }
    var common = selector
    if common.removeValue(forKey: Marker.colorLabel) == nil, common.count > 1 { common[Marker.serviceLabel] = nil }
    return common
  }

  /// The selector that reaches both colors of a service, made from one that reaches one of them.
  package static func widened(_ selector: [String: String], adoption: Adoption?, to service: ServiceName) -> [String: String] {
    common(of: selector, adoption: adoption).merging([Marker.serviceLabel: service.text]) { _, own in own }
  }

  /// Whether the selector matches pods of a color, or may: without the color's key it matches those of both.
  package func mayReach(_ color: Color) -> Bool {
    switch self {
    case .color(let selected): selected == color
    case .both, .uncolored: true
    case .nothing, .foreign: false
    }
  }
}
