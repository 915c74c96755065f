import Testing

@testable import AuditVerification

/// Lines, however their bytes arrive.
@Suite struct LogLinesTests {
  @Test(arguments: [1, 2, 3, 7, 1 << 20]) func `whatever the pieces, the lines are the same`(_ size: Int) {
    let bytes = Array("a\n\nbc\r\nlast".utf8)
    var splitter = LogLines()
    var lines: [String] = []
    let note: (LogLines.Line, Int) -> Void = { line, number in
      guard case .whole(let bytes) = line else { return }
      lines.append("\(number):\(String(decoding: bytes, as: UTF8.self))")
    }
    for start in stride(from: 0, to: bytes.count, by: size) { splitter.feed(bytes[start..<min(start + size, bytes.count)], note) }
    splitter.finish(note)
    #expect(lines == ["1:a", "2:", "3:bc\r", "4:last"])
  }

  @Test func `a line of the longest size is read, one more byte is passed over, and the next line is read again`() {
    var splitter = LogLines()
    var sizes: [Int] = []
    let note: (LogLines.Line, Int) -> Void = { line, _ in
      if case .whole(let bytes) = line { sizes.append(bytes.count) } else { sizes.append(-1) }
    }
    for size in [LogLines.longest, LogLines.longest + 1, 3] { splitter.feed([UInt8](repeating: 0x78, count: size) + [0x0A], note) }
    splitter.feed([UInt8](repeating: 0x78, count: LogLines.longest + 9), note)
    splitter.finish(note)
    #expect(sizes == [LogLines.longest, -1, 3, -1])
  }
}
