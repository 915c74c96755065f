/// What a Service's selector says about colors.
package enum Selection: Sendable, Hashable {
  case color(Color)
  /// Nothing was released yet: the selector's color is `none`.
  case nothing
  /// The selector lacks the color key: the Service is not blue-green.
  case uncolored
  /// The color key holds something that is no color.
  case foreign(String)
}
