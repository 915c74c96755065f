/// Takes an answer as it comes. Called on the transfers' thread, so it must not wait: `begin` once at most, then `take`, then `end` once.
protocol AnswerSink: Sendable {
  /// The final answer's header is there.
  func begin(_ head: HTTPHead)

  /// Takes body bytes. False takes nothing: the transfer pauses and offers the same bytes again once it is resumed.
  func take(_ bytes: UnsafeRawBufferPointer) -> Bool

  func end(_ outcome: Result<TransferSummary, HTTPError>)
}

/// What is known of a transfer that ended well.
struct TransferSummary: Sendable {
  var timing: HTTPTiming
  var remoteAddress: String
}
