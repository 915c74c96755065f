/// How records name somebody who is not tagflip and moved a Service: `foreign:kubectl-patch`, by the manager that `managedFields` name, which a
/// client chooses itself.
package enum ForeignHand {
  private static let prefix = "foreign:"

  /// The actor of a record.
  package static func actor(_ manager: String) -> String { prefix + PlainText.line(manager, longest: 80) }

  /// The manager that an actor names; nil for one that the API server or Git vouches for.
  package static func manager(in actor: String) -> String? {
    actor.hasPrefix(prefix) ? String(actor.dropFirst(prefix.count)) : nil
  }
}
