/// Why the API server cannot even be asked.
package struct ClusterAccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file to blame, where there is one; several, divided by commas, where what is missing is in none of them.
  package var file: String?
  package var reason: String
  package var hint: String

  package init(file: String?, reason: String, hint: String) {
    self.file = file
    self.reason = ForeignText.line(reason, longest: 600)
    self.hint = ForeignText.line(hint, longest: 600)
  }

  package var description: String { [file, reason].compactMap(\.self).joined(separator: ": ") + "; \(hint)" }
}
