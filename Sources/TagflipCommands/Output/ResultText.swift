import KubernetesModel

/// What a command has to say on standard output, for people and for programs.
protocol ResultText {
  var text: String { get }
  var json: JSON { get }
}

extension TextOutput {
  /// Prints one result.
  func result(_ one: some ResultText, as format: OutputFormat) {
    switch format {
    case .text: result(one.text)
    case .json: result(one.json.text)
    }
  }

  /// Prints several: texts with a blank line between them, or one JSON array.
  func result(_ several: [some ResultText], as format: OutputFormat) {
    switch format {
    case .text: result(several.map(\.text).joined(separator: "\n\n"))
    case .json: result(JSON.array(several.map(\.json)).text)
    }
  }
}
