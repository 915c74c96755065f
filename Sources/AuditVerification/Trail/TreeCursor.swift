import GitStore

/// Reads a tree object entry by entry: `mode name NUL id`, in Git's order and each name once.
///
/// Folders can hold a thousand entries and differ in one. So entries are compared as the bytes they are, and only what differs becomes a ``TreeItem``.
struct TreeCursor {
  private let bytes: [UInt8]
  private let id: ObjectID
  /// The entry that comes next: where it begins, its name, its end. At the end of the tree all are its size.
  private var start = 0
  private var name = 0..<0
  private var end = 0
  private var mode: UInt32 = 0
  /// The name of the entry before.
  private var last: (name: Range<Int>, isFolder: Bool)?

  init(_ bytes: [UInt8], of id: ObjectID) throws(GitError) {
    self.bytes = bytes
    self.id = id
    try parse()
  }

  /// A cursor over no entries.
  static func empty() throws(GitError) -> TreeCursor {
    guard let none = ObjectID(bytes: [UInt8](repeating: 0, count: 20)) else { throw GitError(.invalid, "read tree", on: "nothing") }
    return try TreeCursor([], of: none)
  }

  /// The entry that comes next; nil at the end.
  var next: TreeItem? {
    guard start < bytes.count, let id = ObjectID(bytes: bytes[name.upperBound + 1..<end]) else { return nil }
    return TreeItem(name: Array(bytes[name]), kind: TreeItem.kind(mode: mode), id: id)
  }

  mutating func advance() throws(GitError) {
    guard start < bytes.count else { return }
    last = (name, isFolder)
    start = end
    try parse()
    if start < bytes.count, let last, !precedes(last.name, last.isFolder, name, isFolder) {
      throw damaged("its entries are out of order or named twice")
    }
  }

  /// Passes over the entries that both have here, byte for byte.
  ///
  /// Their order is not looked at: of two trees with a beginning in common, one was read before.
  static func skipCommon(_ left: inout TreeCursor, _ right: inout TreeCursor) throws(GitError) {
    let common = zip(left.bytes[left.start...], right.bytes[right.start...]).prefixCount
    let (limit, distance) = (left.start + common, right.start - left.start)
    while left.start < left.bytes.count, left.end <= limit {
      left.last = (left.name, left.isFolder)
      left.start = left.end
      try left.parse()
    }
    guard let last = left.last, left.start + distance != right.start else { return }
    right.last = (last.name.lowerBound + distance..<last.name.upperBound + distance, last.isFolder)
    right.start = left.start + distance
    try right.parse()
  }

  /// The entry of that name.
  func find(_ wanted: [UInt8]) throws(GitError) -> TreeItem? {
    var cursor = self
    while cursor.start < bytes.count {
      if cursor.name.count == wanted.count, bytes[cursor.name].elementsEqual(wanted) { return cursor.next }
      cursor.start = cursor.end
      try cursor.parse()
    }
    return nil
  }

  private var isFolder: Bool { mode == 0o040000 }

  private mutating func parse() throws(GitError) {
    (name, end, mode) = (start..<start, start, 0)
    guard start < bytes.count else { return }
    var index = start
    while index < bytes.count, bytes[index] != 0x20 {
      let digit = bytes[index]
      guard (0x30...0x37).contains(digit), index - start < 7 else { throw damaged("a mode is malformed") }
      mode = mode << 3 | UInt32(digit - 0x30)
      index += 1
    }
    let first = index + 1
    index = first
    while index < bytes.count, bytes[index] != 0 { index += 1 }
    guard first < index, index + 21 <= bytes.count else { throw damaged("it ends in the middle of an entry") }
    (name, end) = (first..<index, index + 21)
  }

  /// Whether a name comes before another; a folder's as if it ended in a slash.
  private func precedes(_ left: Range<Int>, _ leftIsFolder: Bool, _ right: Range<Int>, _ rightIsFolder: Bool) -> Bool {
    func byte(_ range: Range<Int>, _ isFolder: Bool, _ offset: Int) -> UInt8 {
      offset < range.count ? bytes[range.lowerBound + offset] : offset == range.count && isFolder ? UInt8(ascii: "/") : 0
    }
    for offset in 0...max(left.count, right.count) {
      let (mine, theirs) = (byte(left, leftIsFolder, offset), byte(right, rightIsFolder, offset))
      if mine != theirs { return mine < theirs }
    }
    return false
  }

  private func damaged(_ cause: String) -> GitError { GitError(.corrupt, "read tree", on: id.hex, cause: cause) }
}

extension Zip2Sequence where Sequence1 == ArraySlice<UInt8>, Sequence2 == ArraySlice<UInt8> {
  /// How many pairs at the beginning are equal.
  fileprivate var prefixCount: Int {
    var count = 0
    for (left, right) in self {
      guard left == right else { break }
      count += 1
    }
    return count
  }
}
