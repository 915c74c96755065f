import ArgumentParser

/// `tagflip audit`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "The audit trail: what was done, by whom, and whether any of it is missing or altered.",
    subcommands: [AuditResealCommand.self])
}
