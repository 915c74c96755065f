import Glibc

/// Instants as ssh-keygen(1) writes them in ALLOWED SIGNERS, and as people read them.
enum SignerTime {
  /// Seconds since 1970 of `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`; nil where that is no time after 1970.
  ///
  /// With `Z` at the end it is UTC, else it is in this machine's time zone, as for `ssh-keygen`.
  static func parse(_ text: String) -> Int64? {
    let isUTC = text.last == "Z" || text.last == "z"
    let digits = Array((isUTC ? text.dropLast() : text[...]).utf8)
    guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    func number(_ start: Int, _ count: Int) -> CInt {
      start < digits.count ? digits[start..<start + count].reduce(0) { $0 * 10 + CInt($1 - 0x30) } : 0
    }
    let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2))
    let (hour, minute, second) = (number(8, 2), number(10, 2), number(12, 2))
    guard year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
    var time = unsafe tm()
    unsafe (time.tm_year, time.tm_mon, time.tm_mday) = (year - 1900, month - 1, day)
    unsafe (time.tm_hour, time.tm_min, time.tm_sec, time.tm_isdst) = (hour, minute, second, -1)
    let seconds = unsafe isUTC ? timegm(&time) : mktime(&time)
    // A day that its month does not have became one of the next.
    guard seconds > 0, unsafe time.tm_mday == day || second == 60 else { return nil }
    return Int64(seconds)
  }

  /// `2026-01-02T03:04:05Z`; what no calendar has is told in seconds.
  static func text(_ seconds: Int64) -> String {
    var time = unsafe tm()
    var value = time_t(seconds)
    guard (0...253_402_300_799).contains(seconds), unsafe gmtime_r(&value, &time) != nil else { return "second \(seconds)" }
    func padded(_ value: CInt, _ width: Int = 2) -> String {
      let digits = "\(value)"
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return unsafe "\(padded(time.tm_year + 1900, 4))-\(padded(time.tm_mon + 1))-\(padded(time.tm_mday))"
      + "T\(padded(time.tm_hour)):\(padded(time.tm_min)):\(padded(time.tm_sec))Z"
  }
}
