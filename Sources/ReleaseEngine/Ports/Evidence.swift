package import ReleaseModel

/// What records rest on.
package protocol ExhibitSource: Sendable {
  /// What a record that is about to be appended rests on: the tag as Git stores it, the settings, the files of keys by which it was judged.
  /// What cannot be had is left out; the record then says nothing of it.
  func exhibits(for record: AuditRecord) async -> [Exhibit]
}

/// Whose requests count.
package protocol OperatorJudge: Sendable {
  /// Who signed a request.
  ///
  /// - Parameter now: the API server's time: keys must be valid now.
  /// - Throws: what keeps it from being judged: a file of keys that cannot be read, a tool that is missing.
  func judge(_ request: SignedRequest, by rules: OperatorRules, at now: Timestamp) async throws(PortError) -> RequestVerdict
}

/// What the settings say of a request's signatures.
package enum RequestVerdict: Sendable, Hashable {
  /// Every signature counts; how many there must be is not asked here.
  case signed([TagSignature])
  /// One does not, in words for the record.
  case refused(String)
}

/// Without exhibits: for worlds that have no audit tree.
package struct NoExhibits: ExhibitSource {
  package init() {}

  package func exhibits(for record: AuditRecord) async -> [Exhibit] { [] }
}

/// Where nobody can judge: every signature is one too many.
package struct NoOperators: OperatorJudge {
  package init() {}

  package func judge(_ request: SignedRequest, by rules: OperatorRules, at now: Timestamp) async throws(PortError) -> RequestVerdict {
    .refused("nobody here can judge signatures")
  }
}
