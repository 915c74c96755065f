/// How many objects of a repository were read and written since it was opened: what shows that work does not grow with history, whatever machine it runs on.
package struct ObjectTally: Sendable, Hashable {
  /// How many objects' contents were asked for, by what they are.
  package private(set) var read: [CloneObjects.Kind: Int] = [:]
  /// How many objects were stored.
  package private(set) var written = 0

  /// How many objects' contents were asked for in all.
  package var reads: Int { read.values.reduce(0, +) }

  mutating func noteRead(_ kind: CloneObjects.Kind) { read[kind, default: 0] += 1 }
  mutating func noteWritten() { written += 1 }
}
