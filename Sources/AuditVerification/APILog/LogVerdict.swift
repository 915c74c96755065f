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
}
