import ArgumentParser

/// `tagflip audit`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "The audit trail: what was done, by whom, and whether any of it is missing or altered.",
    discussion: "All but reseal read a clone, offline, and need no settings (verify --cluster apart): git clone -b tagflip/audit URL",
    subcommands: [
      AuditLogCommand.self, AuditShowCommand.self, AuditWhoCommand.self, AuditVerifyCommand.self, AuditExportCommand.self,
      AuditResealCommand.self,
    ])
}
