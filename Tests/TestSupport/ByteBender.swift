/// Bends bytes as a seed says: bits are flipped, pieces cut out, doubled or overwritten, what means something is put in, and the end cut off.
package struct ByteBender {
  /// What decides; tests may draw from it too.
  package var random: Seeded
  private let insertions: [[UInt8]]
  private let longestPiece: Int

  /// - Parameters:
  ///   - insertions: texts that mean something to whoever reads the bytes.
  ///   - longestPiece: how many bytes are cut out or doubled at most.
  package init(_ seed: UInt64, inserting insertions: [String], longestPiece: Int = 12) {
    random = Seeded(seed)
    self.insertions = insertions.map { Array($0.utf8) }
    self.longestPiece = longestPiece
  }

  package mutating func bent(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &random)
      let piece = place..<min(bytes.count, place + Int.random(in: 1...longestPiece, using: &random))
      let insertion = insertions.randomElement(using: &random) ?? []
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 2: bytes.removeSubrange(piece)
      case 3: bytes.insert(contentsOf: bytes[piece], at: place)
      case 4: bytes.insert(contentsOf: insertion, at: place)
      case 5: bytes.replaceSubrange(piece, with: insertion)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }
}
