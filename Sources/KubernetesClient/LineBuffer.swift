/// Cuts a stream into lines wherever its chunks are cut. Blank lines are left out.
struct LineBuffer: Sendable {
  enum Next: Hashable {
    case line(ArraySlice<UInt8>)
    /// More has to come first.
    case more
    case tooLong
  }

  private let longest: Int
  private var bytes: [UInt8] = []
  /// Where the first line that was not handed out begins.
  private var start = 0
  /// Up to where no line end was found.
  private var searched = 0

  init(longest: Int) { self.longest = longest }

  mutating func append(_ chunk: [UInt8]) {
    if start > 0 {
      bytes.removeFirst(start)
      searched -= start
      start = 0
    }
    bytes += chunk
  }

  mutating func next() -> Next {
    while let end = bytes[searched...].firstIndex(of: 0x0A) {
      let line = bytes[start..<end]
      start = end + 1
      searched = start
      if line.count > longest { return .tooLong }
      if !LineBuffer.isBlank(line) { return .line(line) }
    }
    searched = bytes.count
    return searched - start > longest ? .tooLong : .more
  }

  /// What is left after the last line end; nil where it is blank.
  mutating func takeRest() -> ArraySlice<UInt8>? {
    defer { (bytes, start, searched) = ([], 0, 0) }
    let rest = bytes[start...]
    return LineBuffer.isBlank(rest) ? nil : rest
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
}
