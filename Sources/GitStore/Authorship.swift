import CLibgit2

/// Who made a commit or tag, and when they say it was.
package struct Authorship: Sendable, Hashable {
  package var name: String
  package var email: String
  /// Seconds since 1970, UTC.
  package var seconds: Int64
  /// The writer's offset from UTC in minutes.
  package var offsetMinutes: Int

  /// An authorship of these parts.
  package init(name: String, email: String, seconds: Int64, offsetMinutes: Int = 0) {
    self.name = name
    self.email = email
    self.seconds = seconds
    self.offsetMinutes = offsetMinutes
  }
}

extension Authorship {
  /// Copies it out of libgit2's memory; nil for a null pointer.
  init?(_ pointer: UnsafePointer<git_signature>?) {
    guard let signature = unsafe pointer?.pointee else { return nil }
    unsafe self.init(
      name: String(cString: signature.name), email: String(cString: signature.email), seconds: signature.when.time,
      offsetMinutes: Int(signature.when.offset))
  }
}
