/// Which of a service's two environments.
package enum Color: String, Sendable, Hashable, Codable, CaseIterable {
  case blue
  case green

  /// The other color.
  package var other: Color {
    switch self {
    case .blue: .green
    case .green: .blue
    }
  }
}

extension Color: CustomStringConvertible {
  package var description: String { rawValue }
}
