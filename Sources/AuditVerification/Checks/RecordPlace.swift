import AuditTrail
import GitStore
import ReleaseModel

/// A record lies under the service it speaks of, and that is a service's name: no look-alike.
struct RecordPlace: TrailCheck {
  let name = "record-place"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    var seen: Set<String> = []
    for service in commit.changes.compactMap({ TrailPath($0.path).service })
    where ServiceName(service) == nil && seen.insert(service).inserted {
      let bytes = service.unicodeScalars.map { $0.isASCII ? String($0) : "<U+\(String($0.value, radix: 16, uppercase: true))>" }.joined()
      log.add(.serviceNameInvalid, in: commit, "services/\(bytes) is no service's name")
    }
    guard let entry = commit.record, let record = entry.record else { return }
    guard record.service.text.utf8.elementsEqual(entry.folder.utf8) else {
      return log.add(.serviceMismatch, in: commit, "it speaks of \(record.service) and lies under \(entry.folder)")
    }
  }
}
