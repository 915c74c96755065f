package import ReleaseModel

/// Who is told about outcomes. Bounded, best effort, never in the way.
package protocol Notifier: Sendable {
  /// One message for one outcome. What goes wrong is returned, not thrown.
  func send(_ notice: Notice) async -> PortError?

  /// The run is alive, or has ended.
  func heartbeat() async -> PortError?
}

/// What a message about an outcome says.
package struct Notice: Sendable, Hashable {
  package var record: AuditRecord
  /// The audit branch's tip that holds the record, and how many records it has; nil where the push is still to come.
  package var auditHead: String?
  package var auditCount: Int?

  package init(record: AuditRecord, auditHead: String?, auditCount: Int?) {
    self.record = record
    self.auditHead = auditHead
    self.auditCount = auditCount
  }
}
