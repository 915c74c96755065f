/// An amount of CPU, memory or things, as Kubernetes writes it: `200m`, `1`, `512Mi`, `2k`.
package struct Quantity: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The amount in thousandths, rounded up as the API server does for finer ones.
  private var thousandths: Int128
  /// Whether it was written with a power of 1024, and so is to be written.
  private var isBinary: Bool

  package static let zero = Quantity(0)

  package init(_ whole: Int) {
    thousandths = Int128(whole) * 1000
    isBinary = false
  }

  /// The largest amount there is, 2^63 - 1 as in Kubernetes: larger ones are taken for it, so that sums of what anybody may write never
  /// overflow.
  private static let largest = Int128(Int64.max) * 1000

  /// The amount that a text spells; nil when it spells none.
  package init?(_ text: String) {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "-" || $0 == "+" }
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? parts[1] : ""
    guard digits.utf8.count <= 30, let mantissa = Int128(String(parts[0] + fraction)), let scale = Self.scale(text.dropFirst(digits.count))
    else { return nil }
    isBinary = scale.factor > 1
    let power = 3 + scale.power - fraction.count
    // Beyond these powers any digits make too large a number, or none.
    let (whole, overflow) = mantissa.multipliedReportingOverflow(by: scale.factor * Self.powerOfTen(min(max(0, power), 30)))
    guard !overflow, power <= 30 || mantissa == 0 else {
      thousandths = mantissa < 0 ? -Self.largest : Self.largest
      return
    }
    let divisor = Self.powerOfTen(min(max(0, -power), 38))
    let rounded = whole / divisor + (whole % divisor > 0 ? 1 : 0)
    thousandths = min(max(rounded, -Self.largest), Self.largest)
  }

  private static func powerOfTen(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

  /// What a suffix multiplies with: a factor that is a power of 1024, and a power of ten.
  private static func scale(_ suffix: Substring) -> (factor: Int128, power: Int)? {
    if suffix.isEmpty { return (1, 0) }
    if let index = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: suffix) { return (1 << (10 * (index + 1)), 0) }
    if let index = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].firstIndex(of: suffix) { return (1, 3 * index - 9) }
    guard suffix.first == "e" || suffix.first == "E", suffix.utf8.count <= 10, let power = Int(suffix.dropFirst()) else { return nil }
    return (1, power)
  }

  package static func < (left: Quantity, right: Quantity) -> Bool { left.thousandths < right.thousandths }
  package static func == (left: Quantity, right: Quantity) -> Bool { left.thousandths == right.thousandths }
  package func hash(into hasher: inout Hasher) { hasher.combine(thousandths) }

  package static func + (left: Quantity, right: Quantity) -> Quantity {
    var sum = left.thousandths == 0 ? right : left  // zero has no format of its own
    sum.thousandths = left.thousandths + right.thousandths
    return sum
  }

  package static func += (left: inout Quantity, right: Quantity) { left = left + right }

  package static func - (left: Quantity, right: Quantity) -> Quantity {
    var difference = left
    difference.thousandths = left.thousandths - right.thousandths
    return difference
  }

  /// The amount in thousandths, `Int.max` where it is beyond.
  package var milli: Int { Int(clamping: thousandths) }

  /// The amount, rounded up.
  package var whole: Int { Int(clamping: (thousandths + 999) / 1000) }

  /// The canonical text: the largest suffix that leaves a whole number.
  package var description: String {
    guard thousandths % 1000 == 0 else { return "\(thousandths)m" }
    var whole = thousandths / 1000
    let base: Int128 = isBinary ? 1024 : 1000
    let suffixes = isBinary ? ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] : ["", "k", "M", "G", "T", "P", "E"]
    var power = 0
    while whole != 0, whole % base == 0, power < suffixes.count - 1 {
      whole /= base
      power += 1
    }
    return "\(whole)\(suffixes[power])"
  }
}
