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
