import Synchronization

/// Cuts a stream into lines wherever its chunks are cut.
final class LineBuffer: Sendable {
  private let longest: Int
  private let state = Mutex((bytes: [UInt8](), searched: 0))

  init(longest: Int) { self.longest = longest }

  func append(_ chunk: [UInt8]) { state.withLock { $0.bytes += chunk } }

  /// The next whole line without its end, blank ones left out; nil where more has to come.
  func next(_ attempted: String) throws(KubernetesError) -> [UInt8]? {
    let (line, isTooLong) = state.withLock { state -> ([UInt8]?, Bool) in
      while let end = state.bytes[state.searched...].firstIndex(of: 0x0A) {
        let line = Array(state.bytes[..<end])
        state.bytes.removeFirst(end + 1)
        state.searched = 0
        if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { return (line, false) }
      }
      state.searched = state.bytes.count
      return (nil, state.bytes.count > longest)
    }
    guard !isTooLong else {
      throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a watch event is longer than \(longest) bytes")
    }
    return line
  }
}
