import Digests
import ReleaseEngine

/// What was pushed without an answer: found on the branch later, it is this very append's and nobody else's, who would tell of it.
struct UnsettledEntries {
  private var entries: [Digest: AppendResult.Entry] = [:]
  /// Why the last of these pushes is in doubt; nil where there is none.
  private(set) var doubt: PortError?

  mutating func add(_ draft: AuditDraft, because error: PortError) {
    for entry in draft.entries where !entry.wasThere { entries[entry.digest] = entry }
    doubt = error
  }

  /// The result with its own entries told as such.
  func settled(_ result: AppendResult) -> AppendResult {
    var result = result
    // Equal digests are equal records at the same place of the chain.
    result.entries = result.entries.map { entry in entry.wasThere ? entries[entry.digest] ?? entry : entry }
    return result
  }
}
