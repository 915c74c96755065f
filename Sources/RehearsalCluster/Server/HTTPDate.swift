import FoundationEssentials

/// The `Date` header (RFC 9110 §5.6.7, IMF-fixdate).
enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  static func text(_ date: Date) -> String {
    // 2026-11-24T13:52:26Z
    let parts = date.ISO8601Format().split { $0 == "-" || $0 == "T" || $0 == "Z" }
    let day = Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) % 7
    let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
    return "\(days[day]), \(parts[2]) \(month) \(parts[0]) \(parts[3]) GMT"
  }
}
