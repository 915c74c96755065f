import Testing

/// One thing that clients of the API rely on: requests, and what every cluster must answer.
struct ContractCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What the embedded cluster does not model of it, in the words of its documentation; there the case demands that it says so.
  let notModelled: String?
  /// Why the case cannot be tried on a real API server; nil where it can.
  let notOnReal: String?
  /// Whether it needs a user who may next to nothing, whom a real API server has only where TAGFLIP_TEST_LIMITED_KUBECONFIG names one.
  let needsLimitedUser: Bool
  let body: @Sendable (ContractBench) async throws -> Void

  init(
    _ description: String, notModelled: String? = nil, notOnReal: String? = nil, needsLimitedUser: Bool = false,
    _ body: @escaping @Sendable (ContractBench) async throws -> Void
  ) {
    testDescription = description
    self.notModelled = notModelled
    self.notOnReal = notOnReal
    self.needsLimitedUser = needsLimitedUser
    self.body = body
  }

  static let all = discovery + reading + watching + making + changing + patching + applying + deleting + workloads + network + access
}
