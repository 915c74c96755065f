import ReleaseModel

/// What a write is, beside the records.
enum LogVerdict: Sendable, Hashable {
  /// Tagflip's, and on record.
  case matched(RolloutID)
  /// Another hand's, and a record tells of it.
  case told(RecordAddress)
  /// Nothing that moves users, or by who does so by his office.
  case passed
  /// Before the service's first plan: it was not tagflip's yet.
  case early
  /// Tagflip's, and on no record: why not.
  case unrecorded(String, isSure: Bool, RecordAddress?)
  /// Somebody else's: what is wrong with it.
  case foreign(String, Finding.Severity, RecordAddress?)
  /// Another hand's, and so close to a word of tagflip's that a time on record, which may lie a second early, does not tell which was first.
  case close(CloseHand)

  /// A write by another hand that a person accepted, or that was undone right before.
  struct CloseHand: Sendable, Hashable {
    /// When it was answered.
    var at: Timestamp
    /// What is wrong with it where no record tells of it, and the record that is near.
    var why: String
    var near: RecordAddress?
    /// When the last word on the Service was decided before what was accepted, as its record says.
    var since: Timestamp
    /// The record that tells of it where it came after that.
    var teller: RecordAddress
  }
}
