import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, narration to standard error; each line at once, so that two streams keep their order.
struct TextOutput: Sendable {
  enum Stream: Int32 {
    case output = 1
    case errors = 2
  }

  /// The columns of the terminal on which a person watches standard error; nil where nobody does.
  let columns: @Sendable () -> Int?
  private let sink: @Sendable (String, Stream) -> Void

  /// - Parameters:
  ///   - columns: is asked for each line that is written over, since windows change their size.
  ///   - sink: takes what is written.
  init(columns: @escaping @Sendable () -> Int?, sink: @escaping @Sendable (String, Stream) -> Void) {
    self.columns = columns
    self.sink = sink
  }

  /// The process' own streams.
  static let standard = TextOutput(columns: { isWatched ? width : nil }, sink: write)

  func result(_ text: String) { sink(text + "\n", .output) }

  /// Text with line ends of its own.
  func resultRaw(_ text: String) { sink(text, .output) }

  func narrate(_ text: String) { sink(text + "\n", .errors) }

  /// Text without an end of line, for a line that is written over.
  func narrateRaw(_ text: String) { sink(text, .errors) }

  private static let isWatched = isatty(2) == 1 && !isSet("NO_COLOR") && getenv("TERM").map { String(cString: $0) } != "dumb"

  private static func isSet(_ name: String) -> Bool { getenv(name).map { $0.pointee != 0 } ?? false }

  private static var width: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private static func write(_ text: String, to stream: Stream) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
      // A reader that went away takes nothing any more; the work goes on.
      guard written > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(0, written))
    }
  }
}
