#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, narration to standard error; each line at once, so that two streams keep their order.
struct TextOutput: Sendable {
  /// Whether a person looks at standard error.
  static let isTerminal = isatty(2) == 1 && getenv("NO_COLOR") == nil

  func result(_ text: String) { write(text + "\n", to: 1) }

  func narrate(_ text: String) { write(text + "\n", to: 2) }

  /// Text without an end of line, for a line that is written over.
  func narrateRaw(_ text: String) { write(text, to: 2) }

  private func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // A reader that went away takes nothing any more; the work goes on.
      guard written > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(0, written))
    }
  }
}
