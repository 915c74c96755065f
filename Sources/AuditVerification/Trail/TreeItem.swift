package import GitStore

/// One entry of a Git tree, as its bytes spell it.
package struct TreeItem: Sendable, Hashable {
  /// What an entry is; the raw mode where Git writes none of these.
  package enum Kind: Sendable, Hashable {
    case file, executable, symbolicLink, submodule, directory
    case other(UInt32)
  }

  package let name: [UInt8]
  package let kind: Kind
  package let id: ObjectID

  /// What Git sorts entries by: a directory as if its name ended in a slash.
  var key: [UInt8] { kind == .directory ? name + [UInt8(ascii: "/")] : name }

  static func kind(mode: UInt32) -> Kind {
    switch mode {
    case 0o100644, 0o100664: .file
    case 0o100755: .executable
    case 0o120000: .symbolicLink
    case 0o160000: .submodule
    case 0o040000: .directory
    default: .other(mode)
    }
  }
}

/// Reads a tree object entry by entry: `mode name NUL id`, in Git's order and each name once.
///
/// Two cursors over trees that differ in one entry skip all the others by comparing bytes.
struct TreeCursor {
  private let bytes: [UInt8]
  private let id: ObjectID
  private var position = 0
  private var last: [UInt8]?
  /// The entry that comes next; nil at the end.
  private(set) var next: TreeItem?
  private var nextEnd = 0

  init(_ bytes: [UInt8], of id: ObjectID) throws(GitError) {
    self.bytes = bytes
    self.id = id
    try advance()
  }

  /// A cursor over no entries.
  static func empty() throws(GitError) -> TreeCursor {
    guard let none = ObjectID(bytes: [UInt8](repeating: 0, count: 20)) else { throw GitError(.invalid, "read tree", on: "nothing") }
    return try TreeCursor([], of: none)
  }

  mutating func advance() throws(GitError) {
    if let next { last = next.key }
    position = nextEnd
    guard position < bytes.count else {
      next = nil
      return
    }
    next = try parse()
    if let last, let key = next?.key, !last.lexicographicallyPrecedes(key) { throw damaged("its entries are out of order or named twice") }
  }

  /// Passes over the entries that both have here, byte for byte.
  static func skipCommon(_ left: inout TreeCursor, _ right: inout TreeCursor) throws(GitError) {
    while left.next != nil, right.next != nil {
      let size = left.nextEnd - left.position
      guard size == right.nextEnd - right.position else { return }
      for offset in 0..<size where left.bytes[left.position + offset] != right.bytes[right.position + offset] { return }
      try left.advance()
      try right.advance()
    }
  }

  private mutating func parse() throws(GitError) -> TreeItem {
    var mode: UInt32 = 0
    var index = position
    while index < bytes.count, bytes[index] != 0x20 {
      let digit = bytes[index]
      guard (0x30...0x37).contains(digit), index - position < 7 else { throw damaged("a mode is malformed") }
      mode = mode << 3 | UInt32(digit - 0x30)
      index += 1
    }
    let start = index + 1
    index = start
    while index < bytes.count, bytes[index] != 0 { index += 1 }
    guard start < index, index + 21 <= bytes.count, let id = ObjectID(bytes: bytes[index + 1..<index + 21]) else {
      throw damaged("it ends in the middle of an entry")
    }
    nextEnd = index + 21
    return TreeItem(name: Array(bytes[start..<index]), kind: TreeItem.kind(mode: mode), id: id)
  }

  private func damaged(_ cause: String) -> GitError { GitError(.corrupt, "read tree", on: id.hex, cause: cause) }
}
