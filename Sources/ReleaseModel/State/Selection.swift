/// What a Service's selector says about colors.
package enum Selection: Sendable, Hashable {
  case color(Color)
  /// Nothing was released yet: the selector's color is `none`.
  case nothing
  /// The selector lacks the color key: the Service is not blue-green.
  case uncolored
  /// The color key holds something that is no color, or the color of what was adopted, whose pods have no such label.
  case foreign(String)
}

extension Selection {
  /// - Parameter adoption: the Deployment that stands for a color, if the Service's marker names one.
  package init(selector: [String: String], adoption: Adoption?) {
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
      case nil: .uncolored
      case Marker.noColor: .nothing
      case let value?: Color(rawValue: value).map { .color($0) } ?? .foreign(value)
      }
  }
}
