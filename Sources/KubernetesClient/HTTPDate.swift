/// The `Date` header's format (RFC 9110 §5.6.7, IMF-fixdate): `Tue, 24 Nov 2026 13:52:26 GMT`.
enum HTTPDate {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Seconds since 1970; nil where the text is no such date.
  static func seconds(_ text: String) -> Int64? {
    let parts = text.split { $0 == " " || $0 == ":" || $0 == "," }
    guard parts.count == 8, let day = Int64(parts[1]), let month = months.firstIndex(of: String(parts[2])), let year = Int64(parts[3]),
      let hour = Int64(parts[4]), let minute = Int64(parts[5]), let second = Int64(parts[6]), parts[7] == "GMT",
      (1970...9999).contains(year), (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    return days(year, Int64(month) + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"); years from 1970 on.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
