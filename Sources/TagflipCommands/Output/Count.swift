/// Numbers of things in words.
enum Count {
  /// `0 tags`, `1 tag`, `2 tags`.
  static func words(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
