import Testing

/// One thing that clients of the API rely on: requests, and what every cluster must answer.
struct ContractCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What the embedded cluster does not model of it, in the words of its documentation; there the case demands that it says so.
  let notModelled: String?
  /// Why the case cannot be tried on a real API server; nil where it can.
  let notOnReal: String?
  let body: @Sendable (ContractBench) async throws -> Void

  init(
    _ description: String, notModelled: String? = nil, notOnReal: String? = nil,
    _ body: @escaping @Sendable (ContractBench) async throws -> Void
  ) {
    testDescription = description
    self.notModelled = notModelled
    self.notOnReal = notOnReal
    self.body = body
  }

  static let all = discovery + reading + watching + making + changing + patching + applying + deleting + workloads + network + access
}
