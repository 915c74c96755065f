/// Takes a stream of bytes apart into lines, however they arrive, and never holds more than one of them.
struct LogLines: Sendable {
  /// The longest line that is read, in bytes. An event with its request is rarely a tenth of that.
  static let longest = 1 << 20

  enum Line: Sendable, Hashable {
    case whole(ArraySlice<UInt8>)
    /// A line beyond the limit, passed over.
    case tooLong
  }

  private var held: [UInt8] = []
  private var isPassingOver = false
  /// The number of the line that comes next, from 1.
  private(set) var number = 1

  /// Calls with each line that ends within the bytes, and its number.
  mutating func feed(_ bytes: some Collection<UInt8>, _ body: (Line, Int) -> Void) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      hold(rest[..<end])
      flush(body)
      rest = rest[rest.index(after: end)...]
    }
    hold(rest)
  }

  /// Calls with the last line where nothing ends it.
  mutating func finish(_ body: (Line, Int) -> Void) {
    if isPassingOver || !held.isEmpty { flush(body) }
  }

  private mutating func hold(_ piece: some Collection<UInt8>) {
    guard !isPassingOver else { return }
    guard held.count + piece.count <= Self.longest else {
      isPassingOver = true
      held.removeAll(keepingCapacity: true)
      return
    }
    held += piece
  }

  private mutating func flush(_ body: (Line, Int) -> Void) {
    body(isPassingOver ? .tooLong : .whole(held[...]), number)
    number += 1
    isPassingOver = false
    held.removeAll(keepingCapacity: true)
  }
}
