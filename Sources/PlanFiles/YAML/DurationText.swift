/// Durations as people write them: `1h30m`, `5m`, `30s`, `250ms`.
enum DurationText {
  private static let units: [(name: String, ms: Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]

  private static let longest = 366 * 86_400_000

  /// Milliseconds; nil for a number without a unit, a negative one, or more than 366 days.
  static func milliseconds(_ text: String) -> Int? {
    var rest = text[...]
    var total = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard !digits.isEmpty, digits.count <= 9, let number = Int(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { $0.isLetter }
      guard let unit = units.first(where: { $0.name == letters }) else { return nil }
      rest = rest.dropFirst(letters.count)
      total += number * unit.ms
      // Before the next one is added: many large ones would overflow.
      guard total <= longest else { return nil }
    }
    return total
  }
}
