package import ReleaseModel

/// What was asked of logs of the API server, and how much of it was matched.
package struct APILogReport: Sendable, Hashable {
  /// The span that one log tells of.
  package struct Span: Sendable, Hashable {
    package var from: Timestamp
    package var to: Timestamp

    func covers(_ instant: Timestamp) -> Bool { from + UserMove.tolerance <= instant && instant + UserMove.tolerance <= to }

    mutating func take(_ instant: Timestamp) {
      from = min(from, instant)
      to = max(to, instant)
    }
  }

  package var lines = 0
  package var events = 0
  /// The lines that could not be read.
  package var unread = 0
  /// Each log's span, in the order in which they were read.
  package var spans: [Span] = []
  /// Writes of tagflip that are on record, and the rollouts that they are of.
  package var matched = 0
  package var rollouts = 0
  /// Writes of others that a record tells of.
  package var told = 0
  /// Findings: writes by others, and tagflip's that are on no record.
  package var foreign = 0
  package var unrecorded = 0
  /// Flips on record within the spans, and how many of them were found.
  package var flips = 0
  package var flipsFound = 0

  package init() {}
}
