/// Why the API server cannot even be asked.
package struct ClusterAccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file to blame, where there is one; several, divided by commas, where what is missing is in none of them.
  package var file: String?
  /// Where in the file, from 1; nil where nobody knows.
  package var line: Int?
  package var column: Int?
  package var reason: String
  package var hint: String

  package init(file: String?, line: Int? = nil, column: Int? = nil, reason: String, hint: String) {
    self.file = file
    self.line = line
    self.column = column
    self.reason = ForeignText.line(reason, longest: 600)
    self.hint = ForeignText.line(hint, longest: 600)
  }

  package var description: String {
    let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
    return "\(place.isEmpty ? "" : "\(place): ")\(reason); \(hint)"
  }
}
